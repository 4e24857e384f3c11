import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { UpstreamBody, type UpstreamAnswer } from '../../../src/inbound/forward/call-upstream.ts'
import { holdAnswer, type AnswerInspection } from '../../../src/inbound/forward/hold-answer.ts'

function answerOf (pieces: readonly string[], { breaks }: { readonly breaks?: Error } = {}): { readonly answer: UpstreamAnswer, readonly aborted: unknown[] } {
  const waiting = [...pieces]
  const aborted: unknown[] = []
  const body = new UpstreamBody({
    pause () { /* nothing comes by itself */ },
    resume () {
      const piece = waiting.shift()
      if (piece !== undefined) body.push(Buffer.from(piece))
      else if (breaks === undefined) body.complete({ 'x-end': 'yes' })
      else body.destroy(breaks)
    },
    abort (reason) { aborted.push(reason) },
  })
  return { answer: { statusCode: 200, headers: {}, body }, aborted }
}

const looking = (looked: Array<string | undefined>, change: Partial<AnswerInspection> = {}): AnswerInspection => ({
  mostBytes: 10, wants: () => true, look: async (_answer, content) => { looked.push(content?.toString()) }, ...change,
})

t.test('an answer that fits is looked at whole, and goes out as it came, trailers too', async t => {
  for (const pieces of [['ab', 'cd', 'e'], [], ['0123456789']]) {
    const looked: Array<string | undefined> = []
    const held = await holdAnswer(answerOf(pieces).answer, looking(looked))
    t.same(looked, [pieces.join('')])
    t.equal((await buffer(held.body)).toString(), pieces.join(''))
    t.same(held.body.trailers, { 'x-end': 'yes' })
  }
})

t.test('a larger one is not shown, and streams on without anything lost', async t => {
  const pieces = Array.from({ length: 500 }, (_, index) => `piece ${index};`.repeat(100))
  const looked: Array<string | undefined> = []
  const held = await holdAnswer(answerOf(pieces).answer, looking(looked))
  t.same(looked, [undefined])
  t.equal((await buffer(held.body)).toString(), pieces.join(''))
})

t.test('one that is not wanted is not touched', async t => {
  const looked: Array<string | undefined> = []
  const { answer } = answerOf(['abc'])
  t.equal(await holdAnswer(answer, looking(looked, { wants: () => false })), answer)
  t.same(looked, [undefined])
})

t.test('what breaks off, before or after, and what the look throws, is not taken for an end', async t => {
  await t.rejects(holdAnswer(answerOf(['abc'], { breaks: new Error('cut') }).answer, looking([])), { message: 'cut' })
  const held = await holdAnswer(answerOf(['0123456789', 'ab', 'cd'], { breaks: new Error('cut') }).answer, looking([]))
  await t.rejects(buffer(held.body), { message: 'cut' })
  const { answer } = answerOf(['abc'])
  await t.rejects(holdAnswer(answer, looking([], { look: async () => { throw new Error('not on record') } })), { message: 'not on record' })
  const { answer: long, aborted } = answerOf(['0123456789', 'ab', 'cd'])
  const dropped = await holdAnswer(long, looking([]))
  dropped.body.destroy()
  await new Promise(resolve => { dropped.body.once('close', resolve) })
  t.equal(aborted.length, 1, 'the CRM\'s side ends with ours')
})
