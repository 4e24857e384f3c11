// Holds the CRM's answer back until somebody has looked at it, then lets the same bytes go. What is larger than it may hold is shown to nobody, and streams on.
import { UpstreamBody, type UpstreamAnswer } from './call-upstream.ts'

export interface AnswerInspection {
  /** Bytes that are held at most. */
  readonly mostBytes: number
  /** Whether the content is wanted; without it `look` is called with none. */
  wants(answer: Pick<UpstreamAnswer, 'statusCode' | 'headers'>): boolean
  /** `content` is undefined when it was not wanted or is too large. What it throws goes out instead of the answer. */
  look(answer: Pick<UpstreamAnswer, 'statusCode' | 'headers'>, content: Buffer | undefined): Promise<void>
}

/** Rejects with what broke the answer off, or with what `look` threw. */
export async function holdAnswer (answer: UpstreamAnswer, inspection: AnswerInspection): Promise<UpstreamAnswer> {
  if (!inspection.wants(answer)) {
    await inspection.look(answer, undefined)
    return answer
  }
  const chunks = answer.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const held: Buffer[] = []
  let bytes = 0
  let isWhole = false
  while (!isWhole && bytes <= inspection.mostBytes) {
    const next = await chunks.next()
    if (next.done === true) { isWhole = true; break }
    held.push(next.value)
    bytes += next.value.length
  }
  await inspection.look(answer, isWhole ? Buffer.concat(held) : undefined)
  return { ...answer, body: replay(answer.body, held, chunks) }
}

/** An answer's content again: what was held, then the rest. */
function replay (source: UpstreamBody, held: readonly Buffer[], rest: AsyncIterator<Buffer>): UpstreamBody {
  const waiting = [...held]
  let isWanted = false
  let isReading = false
  const next = async (): Promise<void> => {
    const chunk = waiting.shift()
    if (chunk !== undefined) { body.push(chunk); return }
    const following = await rest.next()
    if (following.done === true) body.complete(source.trailers)
    else body.push(following.value)
  }
  // More can be asked for while a piece is being pushed: then it goes on.
  const pump = async (): Promise<void> => {
    isReading = true
    while (isWanted && !body.destroyed) {
      isWanted = false
      await next()
    }
    isReading = false
  }
  const body = new UpstreamBody({
    pause () { /* it is pulled, and never pushes by itself */ },
    resume () {
      isWanted = true
      // What fails here is the CRM's answer that broke off.
      if (!isReading) pump().catch((error: unknown) => { body.destroy(error as Error) })
    },
    abort (reason) { source.destroy(reason ?? undefined) },
  })
  return body
}
