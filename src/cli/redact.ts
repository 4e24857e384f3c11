// `sallyport redact`: what a policy makes of a message, or of many.
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import type { Redaction } from '../operations/redact-messages.ts'
import { UsageError, type Command } from './command.ts'
import { plain, type Output } from './output.ts'

type Operation = typeof import('../operations/redact-messages.ts')
type Redactor = Awaited<ReturnType<Operation['openRedactor']>>

/** Where, which identifier, what was done, how often; never the value. */
function explain (redaction: Redaction & { held: undefined }, output: Output, { identifierKinds }: Operation): void {
  const { manifest } = redaction
  output.remark(`${manifest.leaves} leaves were judged, ${manifest.changed} changed, by ${manifest.policy} version ${manifest.version} (${manifest.profile}).`)
  for (const { path, kind, deed, count } of manifest.entries) output.remark(plain(`  ${path}  ${kind} (${identifierKinds[kind].letter})  ${deed}${count === 1 ? '' : `  ${count} times`}`))
}

/** Bytes as they are: no line end of ours stands behind them. */
async function writeBody (body: Buffer): Promise<void> {
  await new Promise<void>(resolve => { process.stdout.write(body, () => { resolve() }) })
}

async function redactOne (redactor: Redactor, type: string, { output, operation, isExplained }: Asked): Promise<number> {
  const redaction = redactor.redact({ type, body: await buffer(process.stdin) })
  if (redaction.held !== undefined) {
    output.remark(`Held (${redaction.held}): ${operation.heldReasons[redaction.held]} Nothing was written.`)
    return 1
  }
  await writeBody(redaction.body)
  if (isExplained) explain(redaction, output, operation)
  return 0
}

interface Asked {
  readonly output: Output
  readonly operation: Operation
  readonly isExplained: boolean
}

async function redactBatch (redactor: Redactor, type: string | undefined, { output, operation, isExplained }: Asked): Promise<number> {
  let number = 0
  let held = 0
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    number += 1
    if (line.trim() === '') continue
    const answer = operation.redactLine(redactor, line, { number, type })
    output.line(answer.text)
    if (answer.held !== undefined) {
      held += 1
      output.remark(`Line ${number} is held (${answer.held}): ${answer.held === 'batchLine' ? operation.batchLineSentence : operation.heldReasons[answer.held]}`)
    } else if (isExplained) {
      output.remark(`Line ${number}:`)
      explain(answer.redaction, output, operation)
    }
  }
  if (held > 0) output.remark(`${held === 1 ? '1 message is' : `${held} messages are`} held.`)
  return 0
}

export const redact: Command = {
  name: 'redact',
  positionals: [],
  options: {
    policy: { value: 'FILE', help: 'The redaction policy (docs/redaction.md). Not needed for text/plain and text/html: then the prose chain runs.' },
    type: { value: 'TYPE', help: 'The media type of the body, as application/json. In a batch: of lines that have none.' },
    batch: { help: 'Reads JSON Lines {id, type, body} or {id, type, bodyBase64}; writes {id, body, manifest} or {id, held} in the same order.' },
    explain: { help: 'Says on standard error what was found where, without its value.' },
    'token-key': { value: 'FILE', help: 'The key of tokens, at least 32 bytes. Without it tokens mean something within one run only.' },
  },
  summary: 'Takes PHI out of a message from standard input by a policy. Exit code 1 when it is held: then nothing is written.',
  async run ({ options }, output) {
    const operation = await import('../operations/redact-messages.ts')
    const type = options.get('type')
    const isBatch = options.has('batch')
    if (type === undefined && !isBatch) throw new UsageError('redact needs --type TYPE, as --type application/json, or --batch.')
    const redactor = await operation.openRedactor({ policyFile: options.get('policy'), tokenKeyFile: options.get('token-key') })
    const asked = { output, operation, isExplained: options.has('explain') }
    return isBatch || type === undefined ? await redactBatch(redactor, type, asked) : await redactOne(redactor, type, asked)
  },
}
