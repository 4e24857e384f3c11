// The line of one destination: order, pauses, endings that cannot be recorded, the end of the process.
import t from 'tap'
import type { SealedFiles } from '../../src/audit/audit.ts'
import { DeliveryLine, type Ending } from '../../src/outbound/delivery/line.ts'
import { pauseMs } from '../../src/outbound/delivery/pause.ts'
import type { Attempt } from '../../src/outbound/delivery/send-message.ts'
import { packMessage } from '../../src/outbound/stored-message.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createMovableClock } from '../support/clock.ts'

const log = createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } })
const delivered: Attempt = { is: 'delivered', answer: { status: 200, type: undefined, body: Buffer.alloc(0) } }
const broken: Attempt = { is: 'broken', code: 'delivery.unavailable', answer: undefined, retryAfterMs: undefined }
const refused: Attempt = { is: 'refused', code: 'delivery.rejected', answer: undefined }

function build (answers: Attempt[], onEnding: (ending: Ending) => Promise<void> = async () => { /* recorded */ }) {
  const clock = createMovableClock()
  const kept = new Map<string, Buffer>()
  const sent: Array<readonly [string, number]> = []
  const endings: Ending[] = []
  const ended = new Set<string>()
  const began = clock.now()
  const files: SealedFiles = {
    put: async (name, plain) => { kept.set(name, plain) },
    read: async name => kept.get(name),
    list: async () => [],
    remove: async name => { kept.delete(name) },
    clearUnfinished: async () => { /* nothing there */ },
  }
  const line = new DeliveryLine({
    clock,
    log,
    files,
    sender: { send: async ({ id }) => { sent.push([id, clock.now() - began]); return answers.shift() ?? delivered }, close: async () => { /* nothing to close */ } },
    retryForMs: 60_000,
    random: () => 1,
    mayLeave: ({ id }) => !ended.has(id),
    onEnding: async (_message, ending) => { await onEnding(ending); endings.push(ending) },
  })
  const add = (id: string) => {
    kept.set(id, packMessage({ id, destination: 'd', path: '', type: 'text/plain', acceptedAt: clock.now(), body: Buffer.from(id) }))
    line.add(id)
  }
  return { clock, kept, sent, endings, ended, line, add }
}

t.test('pauses double, are bounded, spread and longer when the receiver asks', async t => {
  t.same([1, 2, 3, 4, 30].map(attempts => pauseMs(attempts, { random: 1 })), [1000, 2000, 4000, 8000, 900_000])
  t.same([1, 2, 30].map(attempts => pauseMs(attempts, { random: 0 })), [500, 1000, 450_000])
  t.equal(pauseMs(1, { random: 1, askedMs: 120_000 }), 120_000)
})

t.test('the next one waits for the one before it', async t => {
  const { clock, sent, endings, kept, add } = build([broken, { ...broken, retryAfterMs: 20_000 }])
  for (const id of ['a', 'b']) add(id)
  await clock.advance(0)
  t.same(sent, [['a', 0]])
  await clock.advance(60_000)
  t.same(sent, [['a', 0], ['a', 1000], ['a', 21_000], ['b', 21_000]])
  t.same(endings.map(({ isDelivered, isTriedAgain, attempts }) => [isDelivered, isTriedAgain, attempts]), [[false, true, 1], [false, true, 2], [true, false, 3], [true, false, 1]])
  t.equal(kept.size, 0)
})

t.test('what does not help is not tried again, and does not stop the others', async t => {
  const { clock, sent, endings, add } = build([refused])
  for (const id of ['a', 'b']) add(id)
  await clock.advance(10)
  t.same(sent.map(([id]) => id), ['a', 'b'])
  t.match(endings, [{ isDelivered: false, code: 'delivery.rejected', isTriedAgain: false }, { isDelivered: true }])
})

t.test('what may not leave any more is asked before each attempt, and not sent', async t => {
  const { clock, sent, endings, ended, kept, add } = build([broken])
  for (const id of ['a', 'b']) add(id)
  await clock.advance(0)
  ended.add('a')
  await clock.advance(60_000)
  t.same(sent, [['a', 0], ['b', 1000]], 'a was tried once, while it might leave')
  t.same(endings.map(({ isDelivered, code, isTriedAgain }) => [isDelivered, code, isTriedAgain]), [[false, 'delivery.unavailable', true], [false, 'delivery.agreementEnded', false], [true, undefined, false]])
  t.equal(kept.size, 0)
})

t.test('given up after its time, not before', async t => {
  const { clock, sent, endings, kept, add } = build(Array.from({ length: 100 }, () => broken))
  add('a')
  await clock.advance(0)
  await clock.advance(59_000)
  t.equal(kept.size, 1)
  await clock.advance(10_000)
  t.equal(kept.size, 0)
  t.equal(endings.at(-1)?.code, 'delivery.givenUp')
  t.equal(sent.length, 7)
})

t.test('an ending that cannot be recorded is recorded later; the message is not sent again meanwhile', async t => {
  let isAway = true
  const { clock, sent, kept, add } = build([], async () => { if (isAway) throw new Error('no trail') })
  add('a')
  await clock.advance(10_000)
  t.equal(sent.length, 1)
  t.equal(kept.size, 1, 'still on disk')
  isAway = false
  await clock.advance(2000)
  t.equal(kept.size, 0)
  t.equal(sent.length, 1)
})

t.test('at the end of the process what is not recorded stays on disk', async t => {
  const { clock, kept, line, add } = build([], async () => { throw new Error('no trail') })
  add('a')
  await clock.advance(10)
  line.close()
  await clock.advance(10_000)
  t.equal(kept.size, 1)
})

t.test('a file that is gone does not stop the others', async t => {
  const { clock, sent, line, add } = build([])
  line.add('nowhere')
  add('b')
  await clock.advance(10)
  t.same(sent.map(([id]) => id), ['b'])
})

t.test('a long line keeps its order, its length and its oldest', async t => {
  const { kept, sent, line, add } = build([])
  const ids = Array.from({ length: 3000 }, (_, index) => `m${index}`)
  for (const id of ids) add(id)
  t.equal(line.oldest, 'm0')
  while (line.length > 0) await new Promise<void>(resolve => { setImmediate(resolve) })
  t.same(sent.map(([id]) => id), ids)
  t.equal(line.oldest, undefined)
  t.equal(kept.size, 0)
  add('more')
  while (line.length > 0) await new Promise<void>(resolve => { setImmediate(resolve) })
  t.equal(sent.at(-1)?.[0], 'more')
})
