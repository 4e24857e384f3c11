import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp1 } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t, { type Test as T } from 'tap'
import { createConnectionRoom, type ConnectionHandlers, type Peer } from '../../../src/inbound/connection/connection.ts'
import { createLogger } from '../../../src/shared/log.ts'
import { ListenersConfig } from '../../../src/inbound/listener-config.ts'
import { createTestAuthority } from '../../support/certificates.ts'
import { createMovableClock } from '../../support/clock.ts'
import { Value } from 'typebox/value'

const authority = await createTestAuthority()
const foreign = await createTestAuthority()
const directory = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
process.once('exit', () => { rmSync(directory, { recursive: true, force: true }) })

async function issue (name: string, names: readonly string[]) {
  const { certPem, keyPem } = await authority.issue({ names: [...names] })
  const files = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) }
  writeFileSync(files.certificate, certPem)
  writeFileSync(files.key, keyPem)
  return files
}

async function start (t: T, settings: Record<string, unknown> = {}, handlers: Partial<ConnectionHandlers> = {}) {
  const main = await issue('main', ['crm.clinic.example'])
  const other = await issue('other', ['portal.clinic.example', '*.lab.example'])
  const tls = { certificates: [main, other], ...(settings['tls'] as object | undefined) }
  const config = Value.Default(ListenersConfig.properties.public, { host: '127.0.0.1', port: 0, ...settings, tls }) as ListenersConfig['public']
  const clock = createMovableClock()
  const refused: Array<{ peer: Peer, reason: string }> = []
  const http1 = createHttp1((request, response) => { response.end(`peer ${room.peerOf(request.socket).remoteAddress}`) })
  const room = createConnectionRoom(config, {
    clock,
    log: createLogger({ level: 'silent', name: 'test' }),
    handlers: {
      http1: socket => { http1.emit('connection', socket) },
      http2: socket => { socket.end() },
      refused: (peer, reason) => { refused.push({ peer, reason }) },
      mayConnect: () => true,
      isProxyProtocolPeer: () => false,
      readProxyHeader: async () => ({ source: undefined }),
      ...handlers,
    },
  })
  const { port } = await room.listen()
  t.teardown(async () => { await room.close(); http1.closeAllConnections() })
  return { room, port, refused, clock, other, main }
}

function open (port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.caPem, servername: 'crm.clinic.example', ...options }, () => { resolve(socket) })
    socket.on('error', reject)
  })
}

async function until (condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) await new Promise(resolve => { setImmediate(resolve) })
  for (let tries = 0; tries < 200 && !condition(); tries += 1) await new Promise(resolve => { setTimeout(resolve, 10) })
}

t.test('each name gets its certificate; an unknown name and no name get the first', async t => {
  const { port } = await start(t)
  for (const [servername, expected] of [['crm.clinic.example', 'crm.clinic.example'], ['PORTAL.clinic.example', 'portal.clinic.example'], ['a.lab.example', 'portal.clinic.example'], ['a.b.lab.example', 'crm.clinic.example'], ['other.example', 'crm.clinic.example']] as const) {
    const socket = await open(port, { servername, checkServerIdentity: () => undefined })
    t.match(socket.getPeerCertificate().subjectaltname, expected, servername)
    socket.destroy()
  }
})

t.test('a renewed certificate serves the next connection, with and without a server name, and no restart', async t => {
  const { port, clock } = await start(t)
  const before = await open(port)
  const old = before.getPeerCertificate().fingerprint256
  before.destroy()
  await issue('main', ['crm.clinic.example'])
  await clock.advance(30_000)
  for (const options of [{}, { servername: '' }]) {
    const after = await open(port, { ...options, checkServerIdentity: () => undefined })
    t.not(after.getPeerCertificate().fingerprint256, old)
    after.destroy()
  }
})

t.test('half-written files keep the old certificate in service', async t => {
  const { port, clock, main } = await start(t)
  writeFileSync(main.key, 'not a key')
  await clock.advance(30_000)
  const socket = await open(port)
  t.ok(socket.authorized)
  socket.destroy()
})

t.test('TLS 1.1, weak ciphers and plain http are refused and on record with the address', async t => {
  const { port, refused } = await start(t)
  await t.rejects(open(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  await t.rejects(open(port, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }))
  const plain: Socket = connectTcp(port, '127.0.0.1')
  plain.end('GET / HTTP/1.1\r\nHost: crm.clinic.example\r\n\r\n')
  plain.resume()
  await once(plain, 'close')
  await until(() => refused.length >= 3)
  t.equal(refused.length, 3)
  for (const entry of refused) t.match(entry, { reason: 'connection.tlsRefused', peer: { remoteAddress: '127.0.0.1' } })
})

t.test('TLS 1.3 only, when configured', async t => {
  const { port } = await start(t, { tls: { minimumVersion: '1.3' } })
  await t.rejects(open(port, { maxVersion: 'TLSv1.2' }))
  const socket = await open(port)
  t.equal(socket.getProtocol(), 'TLSv1.3')
  socket.destroy()
})

t.test('client certificates: required, one of another authority is refused, for every server name', async t => {
  const authorityFile = join(directory, 'clients.pem')
  writeFileSync(authorityFile, authority.caPem)
  const { port, refused } = await start(t, { tls: { clientCertificates: { mode: 'require', authority: authorityFile } } })
  const good = await authority.issue({ names: ['workstation.clinic.example'], client: true })
  const bad = await foreign.issue({ names: ['workstation.clinic.example'], client: true })
  for (const servername of ['crm.clinic.example', 'portal.clinic.example', 'a.lab.example']) {
    const socket = await open(port, { servername, cert: good.certPem, key: good.keyPem, checkServerIdentity: () => undefined })
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(socket, 'data')
    t.match(String(answer), 'peer 127.0.0.1', servername)
    socket.destroy()
  }
  for (const options of [{}, { cert: bad.certPem, key: bad.keyPem }, { servername: 'portal.clinic.example', checkServerIdentity: () => undefined }]) {
    const socket = await open(port, options)
    let received = ''
    socket.on('error', () => undefined)
    socket.on('data', chunk => { received += String(chunk) })
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise(resolve => { socket.on('close', resolve) })
    t.equal(received, '')
  }
  await until(() => refused.length >= 3)
  t.same(refused.map(entry => entry.reason), ['connection.clientCertificate', 'connection.clientCertificate', 'connection.clientCertificate'])
})

t.test('client certificates on request: none is fine, a bad one is not', async t => {
  const authorityFile = join(directory, 'clients.pem')
  writeFileSync(authorityFile, authority.caPem)
  const { port, refused } = await start(t, { tls: { clientCertificates: { mode: 'request', authority: authorityFile } } })
  const without = await open(port)
  without.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  t.match(String((await once(without, 'data'))[0]), '200 OK')
  without.destroy()
  const bad = await foreign.issue({ names: ['workstation.clinic.example'], client: true })
  const socket = await open(port, { cert: bad.certPem, key: bad.keyPem })
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'close')
  t.equal(refused[0]?.reason, 'connection.clientCertificate')
})

t.test('connection limits: in all and from one address', async t => {
  const { port, refused, room } = await start(t, { limits: { maxConnections: 2, maxConnectionsPerAddress: 2 } })
  const held = [await open(port), await open(port)]
  await t.rejects(open(port))
  t.equal(room.openConnections(), 2)
  t.match(refused[0], { reason: 'connection.tooMany', peer: { remoteAddress: '127.0.0.1' } })
  held[0]?.destroy()
  await until(() => room.openConnections() === 1)
  const again = await open(port)
  for (const socket of [...held, again]) socket.destroy()
})

t.test('a peer that may not connect gets no TLS and no answer', async t => {
  const { port, refused } = await start(t, {}, { mayConnect: () => false })
  await t.rejects(open(port))
  t.match(refused[0], { reason: 'connection.addressDropped' })
})

t.test('a PROXY peer: its source names the connection; a bad header closes it', async t => {
  let source: string | undefined = '203.0.113.9'
  const { port, refused } = await start(t, {}, {
    isProxyProtocolPeer: () => true,
    readProxyHeader: async () => { if (source === undefined) throw new Error('bad'); return { source } },
    mayConnect: peer => peer.proxiedSource === '203.0.113.9',
  })
  const socket = await open(port)
  t.ok(socket.authorized)
  socket.destroy()
  source = undefined
  await t.rejects(open(port))
  t.match(refused[0], { reason: 'connection.proxyHeader' })
})
