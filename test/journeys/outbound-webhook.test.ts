// A message of the CRM on its way out, through the whole gateway, to a real https receiver.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'
import { associate, createOutboundPlace, crmToken, handIn, lead, planted, until, type OutboundPlace, type PlaceOptions } from '../support/outbound-place.ts'
import { isSigned } from '../support/receiver.ts'

async function start (t: Test, options: PlaceOptions = {}): Promise<{ journey: Journey, place: OutboundPlace, port: number }> {
  const place = await createOutboundPlace(t, options)
  const journey = await startJourney(t, { configure: place.configure })
  return { journey, place, port: journey.outboundPort as number }
}

function readClear (directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name)).filter(name => statSync(name).isFile()).map(name => readFileSync(name, 'latin1')).join('\n')
}

t.test('a message arrives redacted, signed and on record; nothing of it stays on disk in clear', async t => {
  const { journey, place, port } = await start(t, { associate })
  const handed = await handIn(port)
  t.equal(handed.status, 202, handed.body)
  await until(() => place.receiver.seen.length === 1)
  const [received] = place.receiver.seen
  if (received === undefined) throw new Error('nothing')
  t.ok(isSigned(received), 'signed over the bytes that arrived')
  t.equal(received.headers['webhook-id'], handed.json['id'])
  const body = JSON.parse(received.body) as typeof lead
  t.same(body.contact, { id: '[redacted]', name: '[name]', phone: lead.contact.phone, email: '[email]' }, 'the kind that the agreement covers passes, the other does not')
  t.equal(body.status, 'new')
  t.match(body.note, /asks for a later appointment/)
  for (const value of planted) t.notOk(received.body.includes(value), value)
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.delivered'))
  const events = (await journey.trail()).filter(event => event.kind.startsWith('message.'))
  t.same(events.map(event => event.kind), ['message.released', 'message.delivered'])
  const [released] = events
  t.match(released, { id: String(handed.json['id']), disclosure: { recipient: 'Vendor Inc.', purpose: 'appointment reminders' }, what: { record: { type: 'patient', patient: 'p-4711' } } })
  t.match(released?.facts, { destination: 'leads', associate: 'vendor', released: 'phone 1', prose: 1 })
  t.match(released?.facts?.['manifest'], /^[0-9a-f]{64}$/)
  t.notOk(JSON.stringify(released?.facts).includes('Zyxwina'))
  const clear = readClear(join(journey.directory, 'data')) + journey.log.join('\n')
  for (const value of [...planted, lead.contact.phone, lead.contact.email]) t.notOk(clear.includes(value), value)
})

t.test('without an agreement, and with one that has ended: no free text, no identifier', async t => {
  for (const agreement of [undefined, { ...associate, expires: '2020-12-31' }]) {
    const { journey, place, port } = await start(t, { associate: agreement })
    t.equal((await handIn(port)).status, 202)
    await until(() => place.receiver.seen.length === 1)
    const body = JSON.parse(place.receiver.seen[0]?.body ?? '') as typeof lead
    t.same(body, { status: 'new', contact: { id: '[redacted]', name: '[name]', phone: '[phone]', email: '[email]' }, note: '[redacted]', internal: '[redacted]' })
    const released = (await journey.trail()).find(event => event.kind === 'message.released')
    t.equal(released?.disclosure, undefined, 'nothing was disclosed')
  }
})

t.test('an agreement ends while the gateway runs', async t => {
  const today = new Date().toISOString().slice(0, 10)
  const { journey, place, port } = await start(t, { associate: { ...associate, expires: today } })
  await handIn(port)
  await until(() => place.receiver.seen.length === 1)
  await journey.clock.advance(86_400_000)
  await handIn(port)
  await until(() => place.receiver.seen.length === 2)
  t.same(place.receiver.seen.map(({ body }) => (JSON.parse(body) as typeof lead).contact.phone), [lead.contact.phone, '[phone]'])
})

t.test('who does not prove to be the CRM is refused, unread and on record', async t => {
  const { journey, place, port } = await start(t)
  const asked = [{ headers: { authorization: `Bearer ${crmToken}x` } }, { headers: { authorization: crmToken } }, { headers: { authorization: '' } }]
  for (const headers of asked) t.equal((await handIn(port, headers)).status, 401)
  t.equal((await handIn(port, { path: '/other' })).status, 404)
  t.equal((await handIn(port, { path: '/leads/p-4711' })).status, 404)
  t.equal((await handIn(port, { method: 'PUT' })).status, 405)
  t.equal((await handIn(port, { headers: { 'content-encoding': 'gzip' } })).status, 415)
  t.equal((await handIn(port, { body: 'x'.repeat(1024 * 1024 + 1) })).status, 413)
  const refused = (await journey.trail()).filter(event => event.kind === 'message.refused').map(event => event.decision?.reason)
  t.same(refused.sort(), ['sender.missing', 'sender.missing', 'sender.wrong', 'webhook.encoded', 'webhook.method', 'webhook.noDestination', 'webhook.noDestination', 'webhook.tooLarge'])
  t.equal(place.receiver.seen.length, 0)
})

t.test('what cannot be judged is held, and the CRM need not send it again', async t => {
  const { journey, place, port } = await start(t)
  const bad = [{ body: '{"status": "new"' }, { headers: { 'content-type': 'application/octet-stream' } }, { body: JSON.stringify({ ...lead, secret: 1 }) }]
  for (const message of bad) t.match((await handIn(port, message)).json, { state: 'held' })
  const held = (await journey.trail()).filter(event => event.kind === 'message.quarantined')
  t.same(held.map(event => event.decision?.reason), ['redaction.notJson', 'redaction.unknownType', 'redaction.byRule'])
  t.equal(place.receiver.seen.length, 0)
})

t.test('pass: the receiver\'s own answer comes back; a redirect does not, and nobody follows it', async t => {
  const { journey, place, port } = await start(t, { destination: { mode: 'pass' } })
  place.receiver.answer = () => ({ status: 201, headers: { 'content-type': 'text/plain' }, body: 'thank you' })
  t.match(await handIn(port), { status: 201, body: 'thank you' })
  place.receiver.answer = ({ url }) => url === '/in' ? { status: 307, headers: { location: '/elsewhere' } } : { status: 200 }
  t.match(await handIn(port), { status: 502, json: { code: 'delivery.redirected' } })
  t.same(place.receiver.seen.map(({ url }) => url), ['/in', '/in'])
  t.same((await journey.trail()).filter(event => event.kind === 'message.failed').map(event => event.outcome), [{ status: 307, reason: 'delivery.redirected', source: 'destination' }].map(one => ({ ...one, bytesOut: place.receiver.seen[1]?.body.length, durationMs: 0 })))
})

t.test('an address that is not public is refused when connecting', async t => {
  for (const url of ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254']) {
    const { place, port } = await start(t, { destination: { mode: 'pass', url: `https://${url}:1/in` }, outbound: { allowAddresses: [] } })
    t.match((await handIn(port)).json, { code: 'delivery.addressRefused' }, url)
    t.equal(place.receiver.seen.length, 0)
  }
})

t.test('a receiver that does not prove who it is gets nothing', async t => {
  const { place, port } = await start(t, { destination: { mode: 'pass', authority: undefined } })
  t.match((await handIn(port)).json, { code: 'delivery.certificate' })
  t.equal(place.receiver.seen.length, 0)
})

t.test('messages of a destination arrive in order, under one id, however often it takes; then they are given up', async t => {
  const { journey, place, port } = await start(t, { outbound: { retryFor: '10m', allowAddresses: ['127.0.0.1'] } })
  let broken = 3
  place.receiver.answer = () => broken-- > 0 ? { status: 503 } : { status: 200 }
  const ids: unknown[] = []
  for (const status of ['new', 'open', 'closed']) ids.push((await handIn(port, { body: JSON.stringify({ status }) })).json['id'])
  await until(() => place.receiver.seen.length === 6, journey.clock)
  t.same(place.receiver.seen.map(({ headers }) => headers['webhook-id']), [ids[0], ids[0], ids[0], ids[0], ids[1], ids[2]])
  t.ok(place.receiver.seen.every(received => isSigned(received)))
  place.receiver.answer = () => ({ status: 503 })
  await handIn(port)
  await until(() => place.receiver.seen.length === 7)
  await journey.clock.advance(600_000)
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.quarantined'), journey.clock)
  t.equal((await journey.trail()).findLast(event => event.kind === 'message.failed')?.outcome?.reason, 'delivery.givenUp')
})

t.test('a changed policy is taken over without a restart', async t => {
  const { journey, place, port } = await start(t, { destination: { mode: 'pass' } })
  await handIn(port, { body: JSON.stringify({ status: 'closed' }) })
  writeFileSync(place.policyFile, readFileSync(place.policyFile, 'utf8').replace('version: 3', 'version: 4').replace('[new, open, closed]', '[new]'))
  await journey.reload()
  await handIn(port, { body: JSON.stringify({ status: 'closed' }) })
  t.same(place.receiver.seen.map(({ body }) => JSON.parse(body) as unknown), [{ status: 'closed' }, { status: '[redacted]' }])
  t.ok((await journey.trail()).some(event => event.kind === 'configuration.loaded' && event.facts?.['changed'] === 'redaction policies'))
})
