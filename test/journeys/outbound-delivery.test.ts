// What becomes of a message that may leave: answers, redirects, addresses, certificates, order, and a policy that changes.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startJourney } from '../support/journey.ts'
import { startOutbound as start } from '../support/outbound-journey.ts'
import { createOutboundPlace, handIn, until } from '../support/outbound-place.ts'
import { isSigned } from '../support/receiver.ts'

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
  const hosts = ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254']
  const place = await createOutboundPlace(t, { destination: { mode: 'pass' }, outbound: { allowAddresses: [] } })
  const journey = await startJourney(t, {
    configure (draft) {
      place.configure(draft)
      const outbound = draft['outbound'] as { destinations: Array<Record<string, unknown>> }
      const [own] = outbound.destinations
      outbound.destinations = hosts.map((host, index) => {
        const key = join(place.directory, `signing-${index}`)
        writeFileSync(key, randomBytes(32).toString('base64'))
        return { ...own, name: `d${index}`, url: `https://${host}:${place.receiver.port}/in`, signingKey: { file: key } }
      })
    },
  })
  for (const [index, host] of hosts.entries()) t.match((await handIn(journey.outboundPort as number, { path: `/d${index}` })).json, { code: 'delivery.addressRefused' }, host)
  t.equal(place.receiver.seen.length, 0)
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
  // A pause may last minutes of moved time.
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.quarantined'), { advance: async () => { await journey.clock.advance(30_000) } })
  t.equal((await journey.trail()).findLast(event => event.kind === 'message.failed')?.outcome?.reason, 'delivery.givenUp')
})

t.test('a changed policy is taken over without a restart', async t => {
  const { journey, place, port } = await start(t, { destination: { mode: 'pass' } })
  await handIn(port, { body: JSON.stringify({ status: 'closed' }) })
  writeFileSync(place.policyFile, readFileSync(place.policyFile, 'utf8').replace('version: 3', 'version: 4').replace('[new, open, closed]', '[new]'))
  await journey.reload()
  await handIn(port, { body: JSON.stringify({ status: 'closed' }) })
  t.same(place.receiver.seen.map(({ body }) => JSON.parse(body) as unknown), [{ status: 'closed' }, { status: '[redacted]' }])
  t.ok((await journey.trail()).some(event => event.kind === 'configuration.loaded' && event.facts?.['changed'] === 'redaction policies or lists'))
})
