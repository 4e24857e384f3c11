// The ways in which a CRM proves who it is, through the listener: a client certificate, HubSpot's signature over exact bytes; and one that never finishes.
import { createHash, createHmac, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { createTestAuthority, type IssuedCertificate } from '../support/certificates.ts'
import { startJourney } from '../support/journey.ts'
import { createOutboundPlace, handIn, lead, until } from '../support/outbound-place.ts'

t.test('a client certificate', async t => {
  const authority = await createTestAuthority()
  const [server, own, other] = [await authority.issue({ names: ['relay.clinic.test'] }), await authority.issue({ names: ['crm'], client: true }), await authority.issue({ names: ['crm'], client: true })]
  const ended = await authority.issue({ names: ['crm'], client: true, notBefore: new Date(Date.now() - 172_800_000), notAfter: new Date(Date.now() - 86_400_000) })
  const fingerprintOf = ({ certPem }: IssuedCertificate) => createHash('sha256').update(new X509Certificate(certPem).raw).digest('hex')
  for (const [known, shown, status] of [[own, own, 202], [own, other, 401], [own, undefined, 401], [ended, ended, 401]] as const) {
    const place = await createOutboundPlace(t, { destination: { sender: { form: 'certificate', fingerprint: fingerprintOf(known) } } })
    const files = [join(place.directory, 'relay.pem'), join(place.directory, 'relay.key')] as const
    writeFileSync(files[0], server.certPem)
    writeFileSync(files[1], server.keyPem)
    const journey = await startJourney(t, {
      configure (draft) {
        place.configure(draft)
        Object.assign(draft['outbound'] ?? {}, { listener: { port: 0, tls: { certificate: files[0], key: files[1] } } })
      },
    })
    const outgoing = request({
      host: '127.0.0.1',
      port: journey.outboundPort,
      servername: 'relay.clinic.test',
      ca: authority.caPem,
      path: '/leads',
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json' },
      ...(shown === undefined ? {} : { cert: shown.certPem, key: shown.keyPem }),
    })
    outgoing.end(JSON.stringify(lead))
    const [response] = await once(outgoing, 'response') as [{ readonly statusCode: number, resume (): void }]
    response.resume()
    t.equal(response.statusCode, status)
  }
})

t.test('HubSpot: the exact bytes, once', async t => {
  const place = await createOutboundPlace(t)
  const secretFile = join(place.directory, 'hubspot')
  writeFileSync(secretFile, 'client-secret-of-the-app')
  const journey = await startJourney(t, {
    configure (draft) {
      place.configure(draft)
      const [destination] = (draft['outbound'] as unknown as { destinations: [Record<string, unknown>] }).destinations
      destination['sender'] = { form: 'hubspot', secret: { file: secretFile }, url: 'https://relay.clinic.example' }
    },
  })
  // Spaces and an escape that a parser would change.
  const body = '{ "status":"new" , "note":"\\u0041" }'
  const sign = (text: string) => {
    const time = String(journey.clock.now())
    return { 'x-hubspot-request-timestamp': time, 'x-hubspot-signature-v3': createHmac('sha256', 'client-secret-of-the-app').update(`POSThttps://relay.clinic.example/leads?a=1${text}${time}`).digest('base64') }
  }
  const send = async (text: string, headers: Readonly<Record<string, string>>) => await handIn(journey.outboundPort as number, { path: '/leads?a=1', body: text, headers })
  const headers = sign(body)
  t.match((await send(`${body} `, headers)).json, { code: 'sender.wrong' })
  t.match((await send(body, headers)).json, { state: 'queued' })
  await until(() => place.receiver.seen.length === 1)
  t.match(await send(body, headers), { status: 200, json: { state: 'repeated' } })
  await journey.clock.advance(301_000)
  t.match((await send(body, headers)).json, { code: 'sender.tooOld' })
  t.equal(place.receiver.seen.length, 1)
  t.equal(place.receiver.seen[0]?.url, '/in', 'the query goes no further')
  t.same((await journey.trail()).filter(event => event.kind === 'message.refused').map(event => event.decision?.reason), ['sender.wrong', 'sender.repeated', 'sender.tooOld'])
})

t.test('a body that never ends is answered 408, one that breaks off is on record', async t => {
  const place = await createOutboundPlace(t)
  const journey = await startJourney(t, { configure: place.configure })
  const head = 'POST /leads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer the-token-of-the-crm-0123456789\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"status"'
  const slow = connect(journey.outboundPort as number, '127.0.0.1')
  let answer = ''
  slow.on('data', chunk => { answer += String(chunk) })
  slow.write(head)
  await until(() => answer.includes('408'), { advance: async () => { await journey.clock.advance(500) } })
  slow.destroy()
  const broken = connect(journey.outboundPort as number, '127.0.0.1')
  broken.write(head, () => { broken.destroy() })
  await until(async () => (await journey.trail()).some(event => event.decision?.reason === 'webhook.brokenOff'))
  t.same((await journey.trail()).filter(event => event.kind === 'message.refused').map(event => event.decision?.reason), ['webhook.tooSlow', 'webhook.brokenOff'])
  t.equal(place.receiver.seen.length, 0)
})
