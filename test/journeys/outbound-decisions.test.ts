// Two people who decide about one held message at the same moment, and an agreement that ends while a message waits: nothing leaves that somebody dropped, and nothing
// that no agreement covers any more.
import t from 'tap'
import { dropQuarantined, listQuarantine, releaseQuarantined } from '../../src/operations/manage-quarantine.ts'
import { startJourney } from '../support/journey.ts'
import { startOutbound } from '../support/outbound-journey.ts'
import { associate, createOutboundPlace, handIn, lead, until } from '../support/outbound-place.ts'

const secret = JSON.stringify({ ...lead, secret: 'for somebody to look at' })

t.test('a release and a drop: the message leaves or is dropped, never both', async t => {
  const { journey, place, port } = await startOutbound(t)
  const decide = (id: string) => ({ configFile: journey.configFile, id, reason: 'at the same moment', person: 'nell' })
  let released = 0
  for (let round = 0; round < 3; round++) {
    const id = String((await handIn(port, { body: secret })).json['id'])
    const settled = await Promise.allSettled([releaseQuarantined(decide(id)), dropQuarantined(decide(id))])
    t.same(settled.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one of them was first')
    t.match(String((settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason), /no such message|meanwhile/)
    t.same((await listQuarantine(journey.configFile)).messages, [])
    if (settled[0]?.status === 'fulfilled') released += 1
  }
  await until(() => place.receiver.seen.length === released, journey.clock)
  await journey.clock.advance(5000)
  t.equal(place.receiver.seen.length, released)
})

t.test('two people, who agree at the same moment: both count, and it leaves once; one person twice counts once', async t => {
  const { journey, place, port } = await startOutbound(t, { outbound: { releaseApprovals: 2 } })
  const decide = (id: string, person: string) => releaseQuarantined({ configFile: journey.configFile, id, reason: 'looked at it', person })
  const first = String((await handIn(port, { body: secret })).json['id'])
  const twice = await Promise.allSettled([decide(first, 'nell'), decide(first, 'nell')])
  t.same(twice.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await journey.clock.advance(5000)
  t.equal(place.receiver.seen.length, 0, 'the receiver saw nothing')
  const second = String((await handIn(port, { body: secret })).json['id'])
  t.same((await Promise.all([decide(second, 'nell'), decide(second, 'ron')])).map(({ missing }) => missing).sort(), [0, 1])
  await until(() => place.receiver.seen.length === 1, journey.clock)
  await journey.clock.advance(5000)
  t.same(place.receiver.seen.map(({ headers }) => headers['webhook-id']), [second])
})

t.test('an agreement that ends while a message waits: it is not sent; let go, it leaves as for a receiver without one', async t => {
  const today = new Date().toISOString().slice(0, 10)
  const place = await createOutboundPlace(t, { associate: { ...associate, expires: today } })
  const journey = await startJourney(t, { configure: place.configure, startAt: Date.parse(`${today}T23:59:50Z`) })
  const port = journey.outboundPort as number
  place.receiver.answer = () => ({ status: 503 })
  const id = String((await handIn(port)).json['id'])
  await until(() => place.receiver.seen.length === 1)
  t.match(place.receiver.seen[0]?.body, lead.contact.phone, 'covered so far')
  await journey.clock.advance(10_000)
  const before = place.receiver.seen.length
  place.receiver.answer = () => ({ status: 200 })
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.quarantined'), journey.clock)
  t.equal(place.receiver.seen.length, before, 'the receiver saw nothing more')
  t.match((await listQuarantine(journey.configFile)).messages[0], { id, reason: 'delivery.agreementEnded', stage: 'redaction' })
  t.same(await releaseQuarantined({ configFile: journey.configFile, id, reason: 'looked at it', person: 'nell' }), { missing: 0 })
  await until(() => place.receiver.seen.length === before + 1, journey.clock)
  const { body, headers } = place.receiver.seen.at(-1) ?? {}
  t.same(JSON.parse(body ?? ''), { status: 'new', contact: { id: '[redacted]', name: '[name]', phone: '[phone]', email: '[email]' }, note: '[redacted]', internal: '[redacted]' })
  t.equal(headers?.['webhook-id'], id)
})
