// What a command is, and how its arguments are read: everything that is not known is refused with a suggestion.
import { parseArgs } from 'node:util'
import { findClosestWord } from '../shared/closest-word.ts'
import { plain, type Output } from './output.ts'

export interface CommandOption {
  /** Name of its value in the help, or undefined for a switch. */
  readonly value?: string
  readonly help: string
  /** Without it there is no answer. */
  readonly isNeeded?: boolean
}

export interface CommandInput {
  /** Values by option; a switch that was given is an empty text. */
  readonly options: ReadonlyMap<string, string>
  readonly positionals: readonly string[]
}

export interface Command {
  /** As typed, `config check`. */
  readonly name: string
  /** The positional arguments, `FILE`; in brackets those that may be missing, which come last. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, CommandOption>>
  readonly summary: string
  /** Returns the exit code. Imports its operation itself, so that no command waits for the modules of another. */
  run(input: CommandInput, output: Output): Promise<number>
}

/** The command line was not understood. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export function describeUsage (command: Command): string {
  const options = Object.entries(command.options).map(([name, { value, isNeeded }]) => {
    const text = `--${name}${value === undefined ? '' : ` ${value}`}`
    return { text: isNeeded === true ? text : `[${text}]`, rank: isNeeded === true ? 0 : 1 }
  }).sort((a, b) => a.rank - b.rank).map(({ text }) => text)
  return ['sallyport', command.name, ...command.positionals, ...options].join(' ')
}

/** Throws a UsageError. */
export function readArguments (command: Command, args: readonly string[]): CommandInput {
  const settings = Object.fromEntries(Object.entries(command.options).map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]))
  const { tokens } = parseArgs({ args: [...args], options: settings, strict: false, allowPositionals: true, tokens: true })
  const options = new Map<string, string>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind === 'option') readOption(command, token, options)
  }
  const [extra] = positionals.slice(command.positionals.length)
  if (extra !== undefined) throw new UsageError(`${command.name} takes no argument ${plain(extra)}.\nUsage: ${describeUsage(command)}`)
  const missing = command.positionals[positionals.length]
  if (missing?.startsWith('[') === false) throw new UsageError(`${command.name} needs ${missing}.\nUsage: ${describeUsage(command)}`)
  return { options, positionals }
}

interface OptionToken { readonly name: string, readonly rawName: string, readonly value?: string | undefined }

function readOption (command: Command, token: OptionToken, options: Map<string, string>): void {
  const known = Object.hasOwn(command.options, token.name) ? command.options[token.name] : undefined
  if (known === undefined || !token.rawName.startsWith('--')) {
    const close = findClosestWord(token.name, Object.keys(command.options))
    throw new UsageError(`${command.name} has no option ${plain(token.rawName)}.${close === undefined ? '' : ` Did you mean --${close}?`}\nUsage: ${describeUsage(command)}`)
  }
  if (options.has(token.name)) throw new UsageError(`--${token.name} is given twice.`)
  const hasValue = token.value !== undefined && token.value !== ''
  if (known.value !== undefined && !hasValue) throw new UsageError(`--${token.name} needs ${known.value}.\nUsage: ${describeUsage(command)}`)
  if (known.value === undefined && token.value !== undefined) throw new UsageError(`--${token.name} takes no value.`)
  options.set(token.name, token.value ?? '')
}
