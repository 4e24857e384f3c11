import t from 'tap'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { createRefusalCoalescer } from '../../src/audit/coalesce-refusals.ts'
import { admitted } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'

function setUp () {
  const clock = createMovableClock()
  const handedOn: AuditEvent[] = []
  let pressed = false
  const coalescer = createRefusalCoalescer({ clock, isPressed: () => pressed, handOn: event => { handedOn.push(event) } })
  const deny = (address: string, reason = 'clientIp.notAllowed', kind: 'request.denied' | 'connection.refused' = 'request.denied') => {
    coalescer.add({ kind, time: clock.now(), id: 'some-id', from: { address }, what: { kind: 'read', method: 'GET', path: '/a/path' }, decision: { reason }, outcome: { status: 403, durationMs: 1 } })
  }
  const total = () => handedOn.reduce((sum, event) => sum + (event.count ?? 1), 0)
  return { clock, handedOn, coalescer, deny, total, press (value: boolean) { pressed = value } }
}

t.test('twenty alike in a second pass one by one; the rest becomes one record with their number', async t => {
  const { clock, handedOn, deny } = setUp()
  for (let n = 0; n < 1000; n++) deny('198.51.100.7')
  t.equal(handedOn.length, 20)
  await clock.advance(1000)
  t.equal(handedOn.length, 21)
  const { count, from, decision, outcome, what, facts } = handedOn.at(-1) as AuditEvent
  t.same({ count, from, decision, outcome, what }, { count: 980, from: { address: '198.51.100.7' }, decision: { reason: 'clientIp.notAllowed' }, outcome: { status: 403 }, what: undefined })
  t.same(facts, { first: clock.now() - 1000, last: clock.now() - 1000 })
})

t.test('addresses, reasons and kinds are counted each for itself, and each second anew', async t => {
  const { clock, handedOn, deny, total } = setUp()
  for (let n = 0; n < 25; n++) {
    deny('198.51.100.7')
    deny('198.51.100.8')
    deny('198.51.100.7', 'canonical.ambiguous')
    deny('198.51.100.7', 'clientIp.notAllowed', 'connection.refused')
  }
  await clock.advance(1000)
  t.same(handedOn.filter(event => event.count !== undefined).map(event => event.count), [5, 5, 5, 5])
  for (let n = 0; n < 20; n++) deny('198.51.100.7')
  await clock.advance(1000)
  t.equal(handedOn.filter(event => event.count !== undefined).length, 4)
  t.equal(total(), 120)
})

t.test('what is no refusal passes, however often', async t => {
  const { clock, coalescer, handedOn } = setUp()
  for (let n = 0; n < 100; n++) coalescer.add(admitted('one'))
  await clock.advance(5000)
  t.equal(handedOn.length, 100)
  t.notOk(handedOn.some(event => event.count !== undefined))
})

t.test('a flood from very many addresses is counted by reason alone, and the numbers add up', async t => {
  const { clock, handedOn, deny, total } = setUp()
  for (let n = 0; n < 20_000; n++) deny(`2001:db8::${n.toString(16)}`)
  await clock.advance(1000)
  t.equal(total(), 20_000)
  t.ok(handedOn.length < 4200, `${handedOn.length} records`)
  t.equal(handedOn.at(-1)?.from, undefined)
})

t.test('with memory short nothing is handed on until there is room', async t => {
  const { clock, handedOn, deny, press, total } = setUp()
  press(true)
  for (let n = 0; n < 500; n++) deny(`198.51.100.${n % 250}`)
  await clock.advance(60_000)
  t.equal(handedOn.length, 0)
  press(false)
  await clock.advance(1000)
  t.equal(handedOn.length, 1)
  t.equal(total(), 500)
})

t.test('flush hands on what is counted so far', async t => {
  const { handedOn, coalescer, deny, total } = setUp()
  for (let n = 0; n < 30; n++) deny('198.51.100.7')
  coalescer.flush()
  t.equal(handedOn.at(-1)?.count, 10)
  t.equal(total(), 30)
})
