// The proxy's judgement of names, requests and first words of TLS, without a socket.
import { connect } from 'node:tls'
import { Duplex } from 'node:stream'
import t from 'tap'
import fc from 'fast-check'
import { createProxyRoom, readServerName } from '../../src/outbound/proxy/proxy.ts'
import { createRequestCheck } from '../../src/outbound/proxy/judge-request.ts'
import { joinManifests } from '../../src/outbound/join-manifests.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import type { Denial } from '../../src/shared/errors.ts'
import type { OpenHostConfig, ProxyConfig } from '../../src/outbound/proxy/config.ts'

const open: OpenHostConfig = { action: 'open', name: 'api', host: 'api.vendor.example', ports: [443], policy: 'p', requests: ['GET /v1/leads/*', 'GET /'], headers: ['X-Key'], purpose: 'reminders' }
const config: ProxyConfig = { listener: { host: '127.0.0.1', port: 0, password: new SecretValue('a-password'), maxBodySize: '1MiB' }, hosts: [open] }
const room = createProxyRoom(config)
const codeOf = (run: () => unknown) => { try { run(); return 'passed' } catch (error) { return (error as Denial).code } }

t.test('a target is one name and one port, whatever the letters', async t => {
  t.same(room.readTarget('API.Vendor.Example:443'), { host: 'api.vendor.example', port: 443 })
  for (const target of ['a:0', 'a:65536', 'a:0443', 'a', 'a:', ':443', 'a b:443', 'a/b:443', 'a@b:443', 'a..b:443', 'a.:443', '-a:443', 'ä.example:443', 'a%2e:443', `${'a'.repeat(64)}:443`]) {
    t.equal(codeOf(() => room.readTarget(target)), 'proxy.malformed', target)
  }
  for (const target of ['10.0.0.1:443', '[::ffff:10.0.0.1]:443', '::1:443', '0x7f000001:443', '017700000001:443', '2130706433:443', '127.1:443', 'a.0x1:443', '1.2.3.4.5:443']) {
    t.equal(codeOf(() => room.readTarget(target)), 'proxy.address', target)
  }
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), text => /^(?:passed|proxy\.(?:address|malformed))$/.test(codeOf(() => room.readTarget(text)))))
})

t.test('only the password lets in, once', async t => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  t.equal(codeOf(() => { room.requireClient([basic('anybody:a-password')]) }), 'passed')
  for (const values of [[], [basic('a-password')], [basic('crm:a-password ')], [basic('crm:')], ['Bearer a-password'], ['Basic !'], [basic('crm:a-password'), basic('crm:a-password')]]) {
    t.equal(codeOf(() => { room.requireClient(values) }), 'proxy.notSignedIn', JSON.stringify(values))
  }
})

t.test('a request is for this host and in one spelling', async t => {
  const check = createRequestCheck(open)
  const ask = (target: string, rawHeaders: readonly string[] = ['Host', 'api.vendor.example']) => check.require({ method: 'GET', target, rawHeaders }, 443)
  t.same(ask('/v1/leads/open?a=1&b=?', ['HOST', 'API.vendor.example:443', 'x-key', 'k', 'Cookie', 'c']), {
    method: 'GET', path: '/v1/leads/open', segments: new Map([[3, 'open']]), query: 'a=1&b=?', headers: { 'x-key': 'k' },
  })
  t.equal(ask('/', [':authority', 'api.vendor.example', 'host', 'api.vendor.example']).path, '/')
  for (const target of ['/v1/leads', '/v1/leads/', '/v1/leads/a/b', '/v1/leads/..', '/v1/leads/.', '/v1//leads/a', '/v1/leads/%61', '/v1/leads/a;b', '/v1/leads/a#b', '//evil/', '*', 'https://x/', '/?a b', '/?\u00e4', '']) {
    t.equal(codeOf(() => ask(target)), 'proxy.request', target)
  }
  for (const named of [[], ['host', 'vendor.example'], ['host', 'api.vendor.example:444'], [':authority', 'api.vendor.example', 'host', 'x'], ['host', 'api.vendor.example', 'host', 'api.vendor.example'], ['host', 'api.vendor.example.']]) {
    t.equal(codeOf(() => ask('/', named)), 'proxy.otherName', named.join(' '))
  }
  for (const value of ['a\u0001', 'a\r\nb', '\u00e4', 'k'.repeat(8193)]) t.equal(codeOf(() => ask('/', ['host', 'api.vendor.example', 'x-key', value])), 'proxy.header')
})

async function greet (servername: string | undefined): Promise<Buffer> {
  return await new Promise(resolve => {
    const wire = new Duplex({ read () { /* nothing comes */ }, write (chunk: Buffer) { resolve(chunk) } })
    connect({ socket: wire, ...(servername === undefined ? {} : { servername }) }).on('error', () => { /* it ends here */ })
  })
}

t.test('the name in a handshake is read from any beginning of it, and nothing else is taken for one', async t => {
  const hello = await greet('Api.Vendor.Example')
  t.same(await readServerName(hello), { is: 'hello', name: 'api.vendor.example' })
  t.same(await readServerName(Buffer.concat([hello, Buffer.from('more')])), { is: 'hello', name: 'api.vendor.example' })
  t.same(await readServerName(await greet(undefined)), { is: 'hello', name: undefined })
  for (const length of [0, 1, 4, 5, hello.length - 1]) t.same(await readServerName(hello.subarray(0, length)), { is: 'unfinished' }, String(length))
  t.same(await readServerName(Buffer.from('GET / HTTP/1.1\r\n\r\n')), { is: 'notTls' })
  t.same(await readServerName(Buffer.from([0x16, 3, 1, 0xff, 0xff])), { is: 'notTls' })
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
    const { is } = await readServerName(Buffer.concat([Buffer.from([0x16, 3, 1, 0, bytes.length]), Buffer.from(bytes)]))
    return is === 'notTls' || is === 'unfinished' || is === 'hello'
  }), { numRuns: 200 })
})

t.test('what was done to body and query is one account', async t => {
  const manifest = { policy: 'p', version: 1, profile: 'minimum-necessary', leaves: 2, changed: 1, kinds: { phone: 1 }, released: { email: 1 }, prose: 1, entries: [{ path: 'a', kind: 'phone', deed: 'mask', count: 1 }] } as const
  t.match(joinManifests(manifest, manifest), { leaves: 4, changed: 2, kinds: { phone: 2 }, released: { email: 2 }, prose: 2, entries: [{ path: 'a' }, { path: '?a' }] })
  t.equal(joinManifests(undefined, manifest), manifest)
  t.equal(joinManifests(undefined, undefined), undefined)
})
