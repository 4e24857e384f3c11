// Holds the CRM's answer until all of it was judged, and sends another in its place: the rewritten one, or what the judge throws. Not a byte of the first goes out.
import { UpstreamBody, type UpstreamAnswer } from './call-upstream.ts'
import { changeAnswer, type AnswerChange } from './change-answer.ts'

export interface AnswerRewrite {
  /** Bytes that are held at most. */
  readonly mostBytes: number
  /** Asked before more is held. What it throws goes out instead of the answer. */
  hold(bytes: number): void
  /** For an answer that has no end: a change of it as it goes. What it throws goes out instead. */
  stream(answer: Pick<UpstreamAnswer, 'statusCode' | 'headers'>): AnswerChange | undefined
  /** `content` is undefined when it is larger than may be held. What it throws goes out instead of the answer. */
  rewrite(answer: Pick<UpstreamAnswer, 'statusCode' | 'headers'>, content: Buffer | undefined): Promise<RewrittenAnswer>
}

export interface RewrittenAnswer {
  /** `undefined` takes a field away. */
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** Rejects with what broke the answer off, or with what the judge threw. */
export async function rewriteAnswer (answer: UpstreamAnswer, { mostBytes, hold, stream, rewrite }: AnswerRewrite): Promise<UpstreamAnswer> {
  const change = stream(answer)
  if (change !== undefined) return changeAnswer(answer, change)
  const content = await readWhole(answer, { mostBytes, hold })
  if (content === undefined) answer.body.destroy()
  const { fields, body } = await rewrite(answer, content)
  const headers: UpstreamAnswer['headers'] = { ...answer.headers }
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) delete headers[name]
    else headers[name] = value
  }
  return { statusCode: answer.statusCode, headers, body: bodyOf(body) }
}

async function readWhole ({ body, headers }: UpstreamAnswer, { mostBytes, hold }: Pick<AnswerRewrite, 'mostBytes' | 'hold'>): Promise<Buffer | undefined> {
  if (Number(headers['content-length'] ?? 0) > mostBytes) return undefined
  const held: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) return undefined
    hold(chunk.length)
    held.push(chunk)
  }
  return Buffer.concat(held)
}

/** Trailers of the first answer are about other bytes. */
function bodyOf (bytes: Buffer): UpstreamBody {
  const body = new UpstreamBody({ pause () { /* it is all here */ }, resume () { /* it is all here */ }, abort () { /* the call is over */ } })
  if (bytes.length > 0) body.push(bytes)
  body.complete({})
  return body
}
