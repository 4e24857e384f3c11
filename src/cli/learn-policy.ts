// `sallyport learn policy`: a redaction policy to begin with, from the shapes of messages, as YAML with the reason for each rule.
import { createInterface } from 'node:readline'
import type { LearnedPolicy } from '../operations/learn-policy.ts'
import { UsageError, type Command } from './command.ts'
import { plain, type Output } from './output.ts'

type Operation = typeof import('../operations/learn-policy.ts')

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const counted = (count: number, one: string, many: string) => count === 1 ? `1 ${one}` : `${count} ${many}`

function printRule ({ path, why, ...rule }: LearnedPolicy['rules'][number], output: Output): void {
  const settings = Object.entries(rule).map(([name, value]) => `, ${name}: ${String(value)}`).join('')
  output.line(plain(`  - { path: ${quoted(path)}${settings} }  # ${why}`))
}

function print ({ policy, rules, messages, hiddenNames, isCut }: LearnedPolicy, output: Output): void {
  output.line(`# Proposed from the shapes of ${counted(messages, 'message', 'messages')}; no value of them stands here. What no rule names is masked.`)
  output.line('# Look at each rule: what is kept must tell nothing of a person. Then try it: sallyport redact --policy FILE --batch --explain')
  if (hiddenNames > 0) output.line(`# ${counted(hiddenNames, 'name of a field is', 'names of fields are')} not shown, because ${hiddenNames === 1 ? 'it' : 'they'} could be data: * stands for ${hiddenNames === 1 ? 'it' : 'them'}.`)
  if (isCut) output.line('# There are more fields than are told apart; the rest is masked.')
  output.line(`name: ${policy.name}\nversion: ${policy.version}\nprofile: ${policy.profile}\nunknown: ${policy.unknown}`)
  output.line(rules.length === 0 ? 'rules: []' : 'rules:')
  for (const rule of rules) printRule(rule, output)
}

function remarkHeld ({ held }: LearnedPolicy, output: Output, { heldReasons, batchLineSentence }: Operation): void {
  for (const [reason, count] of held) {
    output.remark(`${counted(count, 'message was', 'messages were')} not read (${reason}): ${reason === 'batchLine' ? batchLineSentence : heldReasons[reason]}`)
  }
}

export const learnPolicy: Command = {
  name: 'learn policy',
  positionals: [],
  options: {
    folder: { value: 'FOLDER', help: 'Messages as files of one type, one message a file. Without it: JSON Lines {id, type, body} from standard input, as redact --batch reads them.' },
    type: { value: 'TYPE', help: 'The media type of the files, as application/json; of lines: for those that have none.' },
    name: { value: 'NAME', help: 'The name of the policy. Without it: proposed.' },
  },
  summary: 'Proposes a redaction policy from the shapes of messages, as YAML with a reason for each rule. No value of a message is written.',
  async run ({ options }, output) {
    const [folder, type, name = 'proposed'] = ['folder', 'type', 'name'].map(option => options.get(option))
    if (folder !== undefined && type === undefined) throw new UsageError('learn policy --folder needs --type TYPE, as --type application/json.')
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw new UsageError(`${plain(name)} is no name of a policy: small letters, digits and hyphens, beginning with a letter.`)
    const operation = await import('../operations/learn-policy.ts')
    const lines = folder === undefined ? createInterface({ input: process.stdin, crlfDelay: Infinity }) : undefined
    const learned = await operation.learnPolicy({ lines, folder, type, name })
    print(learned, output)
    remarkHeld(learned, output, operation)
    return 0
  },
}
