// Where the IdP is known from, and what happens while that place is down, slow, wrong or changed.
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { createMovableClock } from '../../support/clock.ts'
import { createKeyPair, type KeyPair } from '../../support/key-pair.ts'
import { urls } from '../../support/saml-idp.ts'
import { signMetadata, writeIdpMetadata } from '../../support/saml-metadata.ts'
import { codeOf, createTemporaryDirectory, openBench, ownKey, signIn, type SamlBench } from '../../support/saml-room.ts'

const [pair, next, tls, strangerTls] = await Promise.all([createKeyPair('idp.example'), createKeyPair('next.example'), createKeyPair('metadata.example'), createKeyPair('stranger.example')])
const metadata = writeIdpMetadata({ certificates: [pair.certificatePem] })
const begins = (bench: SamlBench) => codeOf(bench.room.start(undefined))

const directory = createTemporaryDirectory()
t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
const authority = join(directory, 'authority.pem')
writeFileSync(authority, tls.certificatePem)

/** A metadata server on loopback whose answer a test changes. */
async function startServer (key: KeyPair = tls) {
  const state = { asked: 0, answer: (_request: IncomingMessage, response: ServerResponse) => { response.end(metadata) } }
  const server = createServer({ key: key.keyPem, cert: key.certificatePem }, (request, response) => { state.asked++; state.answer(request, response) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return Object.assign(state, { url: `https://127.0.0.1:${(server.address() as { port: number }).port}/metadata` })
}

type Server = Awaited<ReturnType<typeof startServer>>

/** Moves the clock, then waits until the server was asked once more and the room has taken the answer in. */
async function passUntilAsked (bench: SamlBench, server: Server, ms: number): Promise<void> {
  const before = server.asked
  await bench.clock.advance(ms)
  while (server.asked === before) await new Promise(resolve => { setImmediate(resolve) })
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => { setImmediate(resolve) })
}

const follow = (server: Server, more = {}) => openBench({ idpPairs: [pair], idp: () => ({ metadataUrl: server.url, refresh: '1h', authority, ...more }) })

t.test('a file is read again when it changes; a broken one keeps the last good', async t => {
  const bench = await openBench({ idpPairs: [pair], idp: folder => { writeFileSync(join(folder, 'idp.xml'), metadata); return { metadataFile: join(folder, 'idp.xml') } } })
  t.teardown(() => bench.stop())
  const file = join(bench.directory, 'idp.xml')
  t.equal(await codeOf(signIn(bench)), 'accepted')
  writeFileSync(file, writeIdpMetadata({ certificates: [next.certificatePem] }))
  t.equal(await codeOf(signIn(bench, {}, { pair: next })), 'saml.notVerified')
  await bench.clock.advance(5000)
  t.equal(await codeOf(signIn(bench, {}, { pair: next })), 'accepted')
  t.equal(await codeOf(signIn(bench)), 'saml.notVerified', 'the old certificate is gone')
  writeFileSync(file, '<half')
  await bench.clock.advance(20_000)
  t.equal(await codeOf(signIn(bench, {}, { pair: next })), 'accepted')
  t.match(bench.room.ready(), { ok: true, detail: /kept from an earlier read: It is not sound XML/ })
  t.equal(bench.log.filter(line => line.includes('saml.metadata.failed')).length, 1, 'said once')
  rmSync(file)
  await bench.clock.advance(5000)
  t.match(bench.room.ready(), { ok: true, detail: /The file cannot be read/ })
  writeFileSync(file, metadata)
  await bench.clock.advance(5000)
  t.strictSame(bench.room.ready(), { ok: true, detail: 'IdP metadata read' })
})

t.test('a file that cannot be used at start is a finding that names file, line and reason', async t => {
  const start = (text: string | undefined) => openBench({ idpPairs: [pair], idp: folder => { if (text !== undefined) writeFileSync(join(folder, 'idp.xml'), text); return { metadataFile: join(folder, 'idp.xml') } } })
  await t.rejects(start(undefined), { name: 'ConfigurationError', message: /idp\.xml:1:1 {2}This metadata of the identity provider cannot be used\. The file cannot be read\./ })
  await t.rejects(start('<x/>'), { name: 'ConfigurationError', findings: [{ path: 'signIn.saml.idp.metadataFile', line: 1 }], message: /no identity provider/ })
  await t.rejects(start(writeIdpMetadata({ certificates: [pair.certificatePem], roleAttributes: ' WantAuthnRequestsSigned="true"' })), { name: 'ConfigurationError', message: /wants signed requests/ })
})

t.test('metadata that runs out while we run turns readiness red', async t => {
  const text = writeIdpMetadata({ certificates: [pair.certificatePem], attributes: ' validUntil="2026-01-05T10:00:00Z"' })
  const bench = await openBench({ idpPairs: [pair], idp: folder => { writeFileSync(join(folder, 'idp.xml'), text); return { metadataFile: join(folder, 'idp.xml') } } })
  t.teardown(() => bench.stop())
  await bench.clock.advance(3_600_000 + 59_999)
  t.equal(await begins(bench), 'accepted')
  await bench.clock.advance(1)
  t.equal(await begins(bench), 'saml.idpUnavailable')
  t.match(bench.room.ready(), { ok: false, detail: /validUntil has passed/ })
  t.equal(await bench.room.startLogout({ id: 'a', name: 'a', email: undefined, groups: [], idp: urls.idp, nameId: 'a', nameIdFormat: undefined, sessionIndex: undefined, authnContext: undefined, authenticatedAt: 0, notAfter: undefined }), undefined, 'signing out here does not depend on it')
})

t.test('an address is fetched at start and every refresh, and a failed refresh keeps the last good', async t => {
  const server = await startServer()
  const bench = await follow(server)
  t.teardown(() => bench.stop())
  t.equal(server.asked, 1)
  t.equal(await codeOf(signIn(bench, {}, { pair })), 'accepted')
  server.answer = (_request, response) => { response.writeHead(500).end() }
  await passUntilAsked(bench, server, 3_600_000)
  await until(() => bench.room.ready().detail.includes('answered 500'))
  t.match(bench.room.ready(), { ok: true })
  t.equal(await codeOf(signIn(bench, {}, { pair })), 'accepted')
  server.answer = (_request, response) => { response.end(writeIdpMetadata({ certificates: [next.certificatePem] })) }
  await passUntilAsked(bench, server, 5000)
  await until(() => bench.room.ready().detail === 'IdP metadata read')
  t.equal(await codeOf(signIn(bench, {}, { pair: next })), 'accepted')
})

/** A moved clock that tells which delays were asked for. */
function createWatchedClock () {
  const clock = createMovableClock()
  const delays: number[] = []
  return { ...clock, delays, after (delayMs: number, action: () => void) { delays.push(delayMs); return clock.after(delayMs, action) } }
}

t.test('an address that fails at start: sign-in is refused with 503, readiness is red, and it is tried again with back-off', async t => {
  const server = await startServer()
  server.answer = (_request, response) => { response.writeHead(404).end() }
  const clock = createWatchedClock()
  const bench = await openBench({ clock, idpPairs: [pair], idp: () => ({ metadataUrl: server.url, refresh: '1h', authority }) })
  t.teardown(() => bench.stop())
  t.match(bench.room.ready(), { ok: false, detail: /answered 404 instead of 200/ })
  t.equal(await begins(bench), 'saml.idpUnavailable')
  t.equal(await codeOf(bench.room.consume('SAMLResponse=AAAA', undefined)), 'saml.idpUnavailable')
  t.equal(await codeOf(bench.room.logout({ query: '', form: undefined }, async () => 0)), 'saml.idpUnavailable')
  const waits = () => clock.delays.filter((_delay, index) => index % 2 === 1) // every fetch sets its own limit before
  for (let tried = 1; tried < 9; tried++) {
    const wait = waits()[tried - 1] ?? 0
    await clock.advance(wait - 1)
    t.equal(server.asked, tried)
    await clock.advance(1)
    await until(() => waits().length === tried + 1)
  }
  t.strictSame(waits(), [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000])
  server.answer = (_request, response) => { response.end(metadata) }
  await clock.advance(300_000)
  await until(() => bench.room.ready().ok)
  t.equal(await begins(bench), 'accepted')
  t.equal(waits().at(-1), 3_600_000)
})

t.test('slow, endless, redirected, cut and strange answers are given up', async t => {
  const cases: [string, (request: IncomingMessage, response: ServerResponse) => void, RegExp][] = [
    ['redirect', (_request, response) => { response.writeHead(302, { location: '/other' }).end() }, /answered 302 instead of 200/],
    ['endless', (_request, response) => { response.on('error', () => undefined); for (let chunk = 0; chunk < 80; chunk++) response.write(Buffer.alloc(65_536, 32)) }, /over 4 MiB/],
    ['cut', (request, response) => { response.writeHead(200, { 'content-length': '10000' }); response.write('<'); setImmediate(() => { request.socket.destroy() }) }, /cannot be reached|ended its answer early/],
    ['page', (_request, response) => { response.end('<html/>') }, /no identity provider/],
  ]
  for (const [name, answer, pattern] of cases) {
    const server = await startServer()
    server.answer = answer
    const bench = await follow(server)
    t.match(bench.room.ready(), { ok: false, detail: pattern }, name)
    t.equal(server.asked, 1, name)
    await bench.stop()
  }
})

t.test('a server that never answers is given up after ten seconds', async t => {
  const server = await startServer()
  server.answer = () => undefined
  const clock = createMovableClock()
  const opening = openBench({ clock, idpPairs: [pair], idp: () => ({ metadataUrl: server.url, refresh: '1h', authority }) })
  await until(() => server.asked === 1)
  await clock.advance(10_000)
  const bench = await opening
  t.teardown(() => bench.stop())
  t.match(bench.room.ready(), { ok: false, detail: /did not answer in time/ })
})

t.test('a server that is not the one of the authority is not believed, nor one without TLS', async t => {
  const server = await startServer(strangerTls)
  for (const more of [{}, { authority: undefined }, { authority: join(directory, 'missing.pem') }]) {
    const bench = await openBench({ idpPairs: [pair], idp: () => ({ metadataUrl: server.url, refresh: '1h', ...('authority' in more ? more.authority === undefined ? {} : { authority: more.authority } : { authority }) }) })
    t.match(bench.room.ready(), { ok: false, detail: /cannot be reached \((DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\)|authority cannot be read/ })
    await bench.stop()
  }
  t.equal(server.asked, 0)
  const plain = await openBench({ idpPairs: [pair], idp: () => ({ metadataUrl: server.url.replace('https', 'http'), refresh: '1h' }) })
  t.teardown(() => plain.stop())
  t.match(plain.room.ready(), { ok: false, detail: /must be https/ })
})

t.test('with a pin, an unsigned document is refused and the last good one stays', async t => {
  const server = await startServer()
  const pin = createHash('sha256').update(new X509Certificate(next.certificatePem).raw).digest('hex')
  server.answer = (_request, response) => { response.end(signMetadata(metadata, next)) }
  const bench = await follow(server, { pin })
  t.teardown(() => bench.stop())
  t.equal(await begins(bench), 'accepted')
  server.answer = (_request, response) => { response.end(metadata) }
  await passUntilAsked(bench, server, 3_600_000)
  await until(() => bench.room.ready().detail.includes('not validly signed'))
  t.equal(await begins(bench), 'accepted')
})

t.test('closing while a fetch is under way ends it', async t => {
  const server = await startServer()
  const bench = await follow(server)
  server.answer = () => undefined
  await passUntilAsked(bench, server, 3_600_000)
  await bench.stop()
  await bench.clock.advance(7_200_000)
  t.equal(server.asked, 2)
  t.notMatch(bench.log.join(''), 'saml.metadata.failed')
})

t.test('keys and certificates of ours that do not fit are findings', async t => {
  const small: KeyPair = await createKeyPair('small.example', { bits: 1024 })
  const open = (signing: (folder: string) => ReturnType<typeof ownKey>) => openBench({ idpPairs: [pair], config: folder => ({ signing: signing(folder) }) })
  await t.rejects(open(folder => ({ ...ownKey(pair, folder, 'a'), key: ownKey(next, folder, 'b').key })), { name: 'ConfigurationError', message: /signing\.key does not belong to the certificate/ })
  await t.rejects(open(folder => ({ ...ownKey(pair, folder, 'a'), certificate: join(folder, 'none.pem') })), { name: 'ConfigurationError', message: /none\.pem.*cannot be read/ })
  await t.rejects(open(folder => ownKey({ ...pair, certificatePem: 'x' }, folder, 'a')), { name: 'ConfigurationError', message: /not a PEM certificate/ })
  await t.rejects(open(folder => ownKey({ ...pair, keyPem: 'x' }, folder, 'a')), { name: 'ConfigurationError', message: /not a PEM private key/ })
  await t.rejects(open(folder => ownKey(small, folder, 'a')), { name: 'ConfigurationError', message: /at least 2048 bits/ })
  await t.rejects(openBench({ idpPairs: [small] }), { name: 'ConfigurationError', message: /certificates\[0\] must hold RSA keys/ })
  await t.rejects(openBench({ idpPairs: [pair], config: () => ({ requireEncryptedAssertions: true }) }), { name: 'ConfigurationError', message: /decryption has no key/ })
})
