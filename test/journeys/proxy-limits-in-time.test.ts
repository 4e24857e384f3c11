// What ends, and what goes another way: agreements, days of looking only, redirects, private addresses, held requests.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { runCli } from '../cli/run-cli.ts'
import { lead, planted, until } from '../support/outbound-place.ts'
import { connectLine, openSecure, sayToProxy } from '../support/proxy-client.ts'
import { proxyAssociate, startProxy, type ProxyPlace } from '../support/proxy-place.ts'
import { runClient } from '../support/run-client.ts'

const today = new Date().toISOString().slice(0, 10)
/** Twenty seconds before today is over in UTC. */
const startAt = Date.parse(`${today}T00:00:00Z`) + 86_380_000

interface Draft { outbound: { proxy: { hosts: Array<Record<string, unknown>> } }, associates: Array<Record<string, unknown>> }

const curl = async (place: ProxyPlace, url: string, { body = JSON.stringify(lead), args = [] as readonly string[] } = {}) =>
  await runClient('curl', ['--silent', '--show-error', '--write-out', ' %{http_code}', ...args, '--header', 'Content-Type: application/json', '--data-binary', '@-', url], { env: place.env, input: body })

t.test('a tunnel is cut when the agreement ends, and no new one is opened', async t => {
  const place = await startProxy(t, { startAt, associate: { ...proxyAssociate, expires: today } })
  const target = `files.vendor.test:${place.files.port}`
  const { closed } = await openSecure(place.port, { target, name: 'files.vendor.test', ca: place.vendors.caPem })
  await place.journey.clock.advance(32_000)
  await closed
  t.match(await sayToProxy(place.port, connectLine(target)), /^HTTP\/1\.1 403 [\s\S]*proxy\.noAgreement/)
  const trail = await place.journey.trail()
  t.match(trail.find(({ kind }) => kind === 'connection.closed'), { outcome: { reason: 'proxy.agreementEnded' }, facts: { mode: 'tunnel', destination: 'files' } })
  t.equal(place.files.seen.length, 0)
})

t.test('without an agreement in force nothing that identifies a person passes an opened connection', async t => {
  const place = await startProxy(t, { associate: { ...proxyAssociate, expires: '2020-12-31' } })
  const { out } = await curl(place, `https://api.vendor.test:${place.api.port}/v1/leads?note=hidden`)
  t.match(out, /200$/)
  for (const value of [...planted, lead.contact.phone, 'hidden', 'later appointment']) t.notOk(`${place.api.seen[0]?.url} ${place.api.seen[0]?.body}`.includes(value), value)
})

t.test('unknown hosts are let through until the day is over, and listed', async t => {
  const place = await startProxy(t, { startAt, proxy: { reportUnknownUntil: today } })
  const { out } = await curl(place, `https://localhost:${place.unknown.port}/x`)
  t.match(out, /^ok 200$/)
  t.equal(place.unknown.seen.length, 1)
  const target = `localhost:${place.unknown.port}`
  const { closed } = await openSecure(place.port, { target, name: 'localhost', ca: place.vendors.caPem })
  await place.journey.clock.advance(32_000)
  await closed
  t.match(await sayToProxy(place.port, connectLine(target)), /proxy\.unknownHost/)
  await place.journey.trail()
  const seen = await runCli(['egress', 'seen', '--reason', 'what does it call', '--to', '2090-01-01', '--json', '--config', place.journey.configFile])
  t.equal(seen.code, 0, seen.err)
  t.match(JSON.parse(seen.out), { hosts: [{ host: target, isKnown: false, reported: 2, refused: 1 }] })
  const text = await runCli(['egress', 'seen', '--reason', 'what does it call', '--to', '2090-01-01', '--config', place.journey.configFile])
  t.match(text.out, /^UNKNOWN {2}localhost:\d+ {2}2 LET THROUGH UNREAD, 1 refused/)
  t.match(text.err, /Write each unknown host into outbound\.proxy\.hosts/)
})

t.test('a name that leads to this machine is not connected to', async t => {
  const opened = await startProxy(t, { open: { host: 'localhost', address: undefined }, outbound: { allowAddresses: [] } })
  const { out } = await curl(opened, `https://localhost:${opened.api.port}/v1/leads`)
  t.match(out, /delivery\.addressRefused.*502$/s)
  t.equal(opened.api.seen.length, 0)
  const tunnelled = await startProxy(t, { tunnel: { host: 'localhost', address: undefined }, outbound: { allowAddresses: [] } })
  t.match(await sayToProxy(tunnelled.port, connectLine(`localhost:${tunnelled.files.port}`)), /^HTTP\/1\.1 502 [\s\S]*delivery\.addressRefused/)
  t.match((await tunnelled.journey.trail()).find(({ kind }) => kind === 'connection.closed'), { outcome: { reason: 'delivery.addressRefused' } })
})

t.test('a tunnel through which nothing passes is ended, one that is used is not', async t => {
  const place = await startProxy(t)
  const open = async () => await openSecure(place.port, { target: `files.vendor.test:${place.files.port}`, name: 'files.vendor.test', ca: place.vendors.caPem })
  const [silent, used] = [await open(), await open()]
  let isEnded = false
  void used.closed.then(() => { isEnded = true })
  await place.journey.clock.advance(200_000)
  used.say('GET / HTTP/1.1\r\nHost: files.vendor.test\r\n\r\n')
  await until(() => place.files.seen.length === 1)
  await place.journey.clock.advance(120_000)
  await silent.closed
  t.notOk(isEnded)
})

t.test('a redirect goes back to the CRM and is not followed', async t => {
  const place = await startProxy(t)
  place.api.answer = () => ({ status: 302, headers: { location: `https://localhost:${place.unknown.port}/else`, 'alt-svc': 'h3=":443"' } })
  const { out } = await curl(place, `https://api.vendor.test:${place.api.port}/v1/leads`, { args: ['--include'] })
  t.match(out, /location: https:\/\/localhost/)
  t.notMatch(out, /alt-svc/, 'nothing leads past the gateway')
  t.equal(place.api.seen.length, 1)
  const followed = await curl(place, `https://api.vendor.test:${place.api.port}/v1/leads`, { args: ['--location'] })
  t.not(followed.code, 0, 'who follows it is judged again')
  t.equal(place.unknown.seen.length, 0)
})

t.test('a host whose certificate is another\'s gets nothing', async t => {
  const place = await startProxy(t, { open: { authority: undefined } })
  const { out } = await curl(place, `https://api.vendor.test:${place.api.port}/v1/leads`)
  t.match(out, /delivery\.certificate.*502$/s)
  t.equal(place.api.seen.length, 0)
})

t.test('a request that cannot be judged is held, and goes on redacted when somebody lets it', async t => {
  const place = await startProxy(t)
  const { out } = await curl(place, `https://api.vendor.test:${place.api.port}/v1/leads`, { body: JSON.stringify({ ...lead, secret: 'planted-secret' }) })
  t.match(out, /outbound\.held.*422$/s)
  t.equal(place.api.seen.length, 0)
  const id = (await place.journey.trail()).find(({ kind }) => kind === 'message.quarantined')?.id ?? ''
  const released = await runCli(['quarantine', 'release', id, '--reason', 'checked', '--config', place.journey.configFile])
  t.equal(released.code, 0, released.err)
  await until(() => place.api.seen.length === 1, place.journey.clock)
  const [received] = place.api.seen
  t.equal(received?.url, '/v1/leads')
  for (const value of [...planted, 'planted-secret']) t.notOk(received?.body.includes(value), value)
  t.match(received?.body, /"status":"new"/)
})

t.test('a changed configuration cuts what may not be open any more, and nothing else', async t => {
  const place = await startProxy(t)
  const edit = (change: (draft: Draft) => void) => {
    const draft = parse(readFileSync(place.journey.configFile, 'utf8')) as Draft
    change(draft)
    writeFileSync(place.journey.configFile, stringify(draft))
  }
  const files = await openSecure(place.port, { target: `files.vendor.test:${place.files.port}`, name: 'files.vendor.test', ca: place.vendors.caPem })
  const api = await openSecure(place.port, { target: `api.vendor.test:${place.api.port}`, name: 'api.vendor.test', ca: readFileSync(place.trustFile, 'utf8') })
  edit(draft => { draft.outbound.proxy.hosts = draft.outbound.proxy.hosts.map(host => host.name === 'api' ? { ...host, requests: ['GET /v1/leads'] } : host) })
  await place.journey.reload()
  await api.closed
  const { out } = await curl(place, `https://api.vendor.test:${place.api.port}/v1/leads`)
  t.match(out, /proxy\.request.*403$/s, 'the next one is judged by the new list')
  let isCut = false
  void files.closed.then(() => { isCut = true })
  t.notOk(isCut, 'the tunnel is as it was')
  edit(draft => { draft.associates = draft.associates.map(one => ({ ...one, expires: '2020-12-31' })) })
  await place.journey.reload()
  await files.closed
  const trail = await place.journey.trail()
  t.same(trail.filter(({ kind }) => kind === 'configuration.loaded').map(({ facts }) => facts?.['changed']), ['outbound', 'associates'])
  t.equal(place.api.seen.length + place.files.seen.length, 0)
})
