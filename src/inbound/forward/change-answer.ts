// An answer whose content becomes another on its way: some fields, and steps that the content goes through. How it breaks off stays as it is.
import { pipeline, type Duplex } from 'node:stream'
import { Failure } from '../../shared/errors.ts'
import { UpstreamBody, type UpstreamAnswer } from './call-upstream.ts'
import { PieceStream } from './change-in-pieces.ts'
import { reasons } from './reasons.ts'

/** Changes content piece by piece, at once. Throws nothing. `undefined` gives it up: `steps` get what it has held and what comes after that. */
export interface PieceChange {
  push(chunk: Buffer): readonly Buffer[] | undefined
  end(): readonly Buffer[] | undefined
  readonly held?: Buffer
  /** How many bytes the content becomes longer by; undefined: that is not known yet, or never. */
  readonly growth?: number | undefined
}

export interface AnswerChange {
  /** `undefined` takes a field away. */
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The cheaper way. */
  readonly pieces?: PieceChange
  /** Streams: where there are no `pieces`, or where these give up. */
  readonly steps?: () => readonly Duplex[]
}

/** Decides by an answer's head; undefined: it stays as it is. */
export type ChangeOf = (answer: Pick<UpstreamAnswer, 'statusCode' | 'headers'>) => AnswerChange | undefined

export function changeAnswer (answer: UpstreamAnswer, change: AnswerChange | undefined): UpstreamAnswer {
  if (change === undefined) return answer
  const steps = change.pieces === undefined ? stepsOf(change) : [new PieceStream(change.pieces, () => stepsOf(change))]
  return { ...answer, headers: changeFields(answer.headers, change), body: lead(answer.body, steps) }
}

export function changeFields (headers: UpstreamAnswer['headers'], { fields }: AnswerChange): UpstreamAnswer['headers'] {
  const changed: UpstreamAnswer['headers'] = {}
  for (const [name, value] of Object.entries(headers)) if (!(name in fields)) changed[name] = value
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) changed[name] = typeof value === 'string' ? value : [...value]
  return changed
}

export function stepsOf ({ steps }: AnswerChange): readonly Duplex[] {
  const all = steps?.() ?? []
  if (all.length === 0) throw new TypeError('an answer is to be changed, and nothing says how')
  return all
}

function lead (source: UpstreamBody, steps: readonly Duplex[]): UpstreamBody {
  const last = steps.at(-1) as Duplex
  const body = new UpstreamBody({
    pause () { last.pause() },
    resume () { last.resume() },
    abort (reason) { source.destroy(reason ?? undefined) },
  })
  last.on('data', (chunk: Buffer) => { if (!body.push(chunk)) last.pause() })
  last.once('end', () => { body.complete(source.trailers) })
  last.pause()
  pipeline([source, ...steps], error => {
    // What the CRM broke off is said in its own words; content that is not what its coding says is the CRM's mistake.
    if (error !== null && error !== undefined) body.destroy(error instanceof Failure ? error : source.errored ?? reasons.fail('forward.badAnswer', 'upstream'))
  })
  return body
}
