// A message of the CRM on its way out, through the whole gateway, to a real https receiver.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { runCli } from '../cli/run-cli.ts'
import { startJourney } from '../support/journey.ts'
import { startOutbound as start } from '../support/outbound-journey.ts'
import { associate, createOutboundPlace, crmToken, handIn, lead, planted, until } from '../support/outbound-place.ts'
import { isSigned } from '../support/receiver.ts'

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
  const disclosures = await runCli(['audit', 'disclosures', '--patient', 'p-4711', '--reason', 'the patient asks', '--config', journey.configFile])
  t.match(JSON.parse(disclosures.out), { recipient: 'Vendor Inc.', recipientAddress: new URL(place.receiver.url).origin, description: 'webhook with phone 1, free text 1 (policy leads 3)', purpose: 'appointment reminders' })
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
  const place = await createOutboundPlace(t, { associate: { ...associate, expires: today } })
  const journey = await startJourney(t, { configure: place.configure, startAt: Date.parse(`${today}T23:59:50Z`) })
  const port = journey.outboundPort as number
  await handIn(port)
  await until(() => place.receiver.seen.length === 1)
  await journey.clock.advance(10_000)
  await handIn(port)
  await until(() => place.receiver.seen.length === 2, journey.clock)
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

t.test('an agreement that runs out shows in the metrics', async t => {
  const day = 86_400_000
  const { journey } = await start(t, { associate: { ...associate, expires: new Date(Date.now() + 61 * day).toISOString().slice(0, 10) } })
  const metric = async (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await fetch(`${journey.healthUrl}/metrics`)).text())?.[1])
  t.equal(await metric('sallyport_associates_expiring'), 0)
  t.ok(await metric('sallyport_associate_expires_seconds') > journey.clock.now() / 1000 + 60 * 86_400)
  journey.clock.step(2 * day)
  t.equal(await metric('sallyport_associates_expiring'), 1)
  journey.clock.step(61 * day)
  t.equal(await metric('sallyport_associates_expiring'), 0)
  t.equal(await metric('sallyport_associates_expired'), 1)
})

t.test('nothing but the body goes on: no header, query, path, trailer or other method of the CRM', async t => {
  const { place, port } = await start(t)
  const said = { 'x-patient': 'Zyxwina', cookie: 'who=Zyxwina', referer: 'https://crm.example/Zyxwina', 'x-http-method-override': 'DELETE', 'x-forwarded-host': 'elsewhere.example', 'webhook-id': 'Zyxwina', te: 'trailers', trailer: 'x-late' }
  const answered = await new Promise<number>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path: '/leads?name=Zyxwina&_method=DELETE', method: 'POST', agent: false, headers: { authorization: `Bearer ${crmToken}`, 'content-type': 'application/json; name="Zyxwina"', ...said } }, response => {
      response.resume().on('end', () => { resolve(response.statusCode ?? 0) })
    })
    outgoing.on('error', reject)
    outgoing.write(JSON.stringify(lead))
    outgoing.addTrailers({ 'x-late': 'Zyxwina' })
    outgoing.end()
  })
  t.equal(answered, 202)
  await until(() => place.receiver.seen.length === 1)
  const [received] = place.receiver.seen
  t.equal(received?.url, '/in')
  t.notMatch(JSON.stringify(received), /Zyxwina|DELETE|elsewhere/)
  t.equal(received?.headers['content-type'], 'application/json')
  for (const path of ['/leads/Zyxwina', '/leads/..', '//leads', '/Leads', '/leads%2f', '/leads;x=Zyxwina']) t.equal((await handIn(port, { path })).status, 404, path)
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) t.equal((await handIn(port, { method, body: '' })).status, 405, method)
  t.equal((await handIn(port, { headers: { 'content-encoding': 'gzip' } })).status, 415)
  t.equal(place.receiver.seen.length, 1, 'the receiver saw nothing of these')
})
