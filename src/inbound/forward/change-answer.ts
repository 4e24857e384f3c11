// An answer whose content becomes another on its way: some fields, and steps that the content goes through. How it breaks off stays as it is.
import { pipeline, Transform, type Duplex } from 'node:stream'
import { Failure } from '../../shared/errors.ts'
import { UpstreamBody, type UpstreamAnswer } from './call-upstream.ts'
import { reasons } from './reasons.ts'

/** Changes content piece by piece, at once. Throws nothing. */
export interface PieceChange {
  push(chunk: Buffer): readonly Buffer[]
  end(): readonly Buffer[]
}

export interface AnswerChange {
  /** `undefined` takes a field away. */
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>
  /** One of both: streams, or the cheaper way for what needs none. */
  readonly steps?: readonly Duplex[]
  readonly pieces?: PieceChange
}

/** Decides by an answer's head; undefined: it stays as it is. */
export type ChangeOf = (answer: Pick<UpstreamAnswer, 'statusCode' | 'headers'>) => AnswerChange | undefined

export function changeAnswer (answer: UpstreamAnswer, change: AnswerChange | undefined): UpstreamAnswer {
  if (change === undefined) return answer
  return { ...answer, headers: changeFields(answer.headers, change), body: lead(answer.body, stepsOf(change)) }
}

export function changeFields (headers: UpstreamAnswer['headers'], { fields }: AnswerChange): UpstreamAnswer['headers'] {
  const changed: UpstreamAnswer['headers'] = {}
  for (const [name, value] of Object.entries(headers)) if (!(name in fields)) changed[name] = value
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) changed[name] = typeof value === 'string' ? value : [...value]
  return changed
}

function stepsOf ({ steps = [], pieces }: AnswerChange): readonly Duplex[] {
  if (pieces === undefined) return steps
  return [...steps, new Transform({
    transform (chunk: Buffer, _encoding, done) {
      for (const piece of pieces.push(chunk)) this.push(piece)
      done()
    },
    flush (done) {
      for (const piece of pieces.end()) this.push(piece)
      done()
    },
  })]
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
