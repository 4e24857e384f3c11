// Proposes a redaction policy from messages that an administrator has: which fields there are and what forms their values have. It keeps no message and writes no value.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compilePolicy, createSurvey, heldReasons, proposePolicy, type HeldReason, type Proposal } from '../phi/phi.ts'
import { batchLineSentence, readLine } from './redact-messages.ts'
import { describeCode, OperationError } from './operation-error.ts'

export { batchLineSentence, heldReasons }

export interface LearningSource {
  /** JSON Lines as for `redact --batch`; without it the files of `folder`. */
  readonly lines: AsyncIterable<string> | undefined
  readonly folder: string | undefined
  /** Of lines that have none, and of files. */
  readonly type: string | undefined
  /** Of the policy. */
  readonly name: string
}

export interface LearnedPolicy extends Proposal {
  readonly messages: number
  /** Why some could not be read. */
  readonly held: ReadonlyMap<HeldReason | 'batchLine', number>
}

const mostFileBytes = 16 * 1024 * 1024

async function * readFolder (folder: string, type: string): AsyncGenerator<{ readonly type: string, readonly body: Uint8Array }> {
  try {
    for (const entry of (await readdir(folder, { withFileTypes: true })).sort((one, other) => one.name < other.name ? -1 : 1)) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue
      const body = await readFile(join(folder, entry.name))
      if (body.length <= mostFileBytes) yield { type, body }
    }
  } catch (error) {
    throw new OperationError(`The folder of messages cannot be read${describeCode(error)}: check the path of --folder.`, { cause: error })
  }
}

async function * readLines (lines: AsyncIterable<string>, type: string | undefined): AsyncGenerator<{ readonly type: string, readonly body: Uint8Array } | undefined> {
  for await (const line of lines) {
    if (line.trim() === '') continue
    const message = readLine(line)
    const ownType = message?.type ?? type
    yield message === undefined || ownType === undefined ? undefined : { type: ownType, body: message.body }
  }
}

/** Throws an OperationError when nothing could be read. */
export async function learnPolicy ({ lines, folder, type, name }: LearningSource): Promise<LearnedPolicy> {
  const survey = createSurvey()
  let unread = 0
  const source = lines === undefined ? readFolder(folder ?? '.', type ?? 'application/json') : readLines(lines, type)
  for await (const message of source) {
    if (message === undefined) unread += 1
    else survey.add(message)
  }
  const result = survey.result()
  const held = new Map<HeldReason | 'batchLine', number>([...result.held, ...(unread === 0 ? [] : [['batchLine', unread] as const])])
  const reasons = [...held.keys()].map(reason => reason === 'batchLine' ? batchLineSentence : heldReasons[reason])
  const messages = result.messages + unread
  if ([...held.values()].reduce((sum, count) => sum + count, 0) === messages) throw new OperationError(`No message could be read.${reasons.length === 0 ? ' There was none.' : ` ${reasons.join(' ')}`}`)
  const proposal = proposePolicy(result, name)
  const [problem] = compilePolicy(proposal.policy).problems
  if (problem !== undefined) throw new TypeError(`the proposed policy has a mistake: ${problem.message}`)
  return { ...proposal, messages, held }
}
