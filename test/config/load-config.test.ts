import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import t from 'tap'
import { baseYaml, createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

t.test('a short configuration gets every default of the schema', async t => {
  const { loaded, lines } = await workspace.load(baseYaml)
  t.same(lines, [])
  const config = loaded?.config
  t.equal(config?.gateway.name, 'sallyport')
  t.equal(config?.listeners.public.port, 8443)
  t.equal(config?.listeners.health.host, '127.0.0.1')
  t.equal(config?.session.idleTimeout, '15m')
  t.same(config?.session.store, { kind: 'embedded' })
  t.equal(config?.access.roles['nurse']?.deny.length, 0)
  t.equal(config?.upstream.identity.user, 'X-Forwarded-User')
  t.equal(config?.operations.logLevel, 'info')
})

t.test('defaults are filled in the way that was chosen among several', async t => {
  const { loaded } = await workspace.load(replaceLine('      metadataFile: idp/metadata.xml', '      metadataUrl: https://idp.example/m'))
  t.same(loaded?.config.signIn.saml.idp, { metadataUrl: 'https://idp.example/m', refresh: '1h' })
})

t.test('paths are absolute, secrets are read, nothing can be changed', async t => {
  const { loaded } = await workspace.load(baseYaml)
  const config = loaded?.config
  t.equal(config?.listeners.public.tls.certificates[0]?.key, workspace.path('tls/crm.key'))
  t.equal(config?.gateway.dataDirectory, workspace.path('data'))
  t.match(config?.audit.key.reveal(), /^[A-Za-z0-9+/]{43}=$/)
  t.throws(() => { (config as { gateway: { name: string } }).gateway.name = 'other' }, TypeError)
  t.throws(() => { (config?.clientIp.allow as string[]).push('0.0.0.0/0') }, TypeError)
})

t.test('a secret shows its value nowhere', async t => {
  const value = randomBytes(32).toString('base64')
  const yaml = replaceLine('  secret: { file: keys/session.secret }', '  secret: { env: SESSION_SECRET }')
  const { loaded } = await workspace.load(yaml, { env: { SESSION_SECRET: value } })
  t.equal(loaded?.config.session.secret.reveal(), value)
  for (const shown of [JSON.stringify(loaded), inspect(loaded, { depth: 20, showHidden: true }), String(loaded?.config.session.secret)]) t.notOk(shown.includes(value))
})

t.test('the digest is of what the settings say', async t => {
  const first = await workspace.load(baseYaml)
  const laidOut = await workspace.load(`# a remark\n${baseYaml.replace('allow: [203.0.113.0/24]', 'allow:\n    - 203.0.113.0/24\n  anyAddress: false')}`)
  const other = await workspace.load(baseYaml.replace('203.0.113.0/24', '203.0.113.0/25'))
  t.match(first.loaded?.digest, /^[0-9a-f]{64}$/)
  t.equal(laidOut.loaded?.digest, first.loaded?.digest)
  t.not(other.loaded?.digest, first.loaded?.digest)
})

t.test('the digest does not depend on a secret\'s value', async t => {
  const yaml = replaceLine('  secret: { file: keys/session.secret }', '  secret: { env: SESSION_SECRET }')
  const one = await workspace.load(yaml, { env: { SESSION_SECRET: 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=' } })
  const two = await workspace.load(yaml, { env: { SESSION_SECRET: 'IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=' } })
  t.match(one.loaded?.digest, /^[0-9a-f]{64}$/)
  t.equal(one.loaded?.digest, two.loaded?.digest)
})

t.test('every file that it was made of is named, to be watched', async t => {
  const { loaded } = await workspace.load(baseYaml)
  t.same([...loaded?.files ?? []].sort(), ['gateway.yaml', 'idp/metadata.xml', 'keys/audit.key', 'keys/session.secret', 'tls/crm.key', 'tls/crm.pem'].map(workspace.path).sort())
})

t.test('an alias means what it points at', async t => {
  const { loaded } = await workspace.load(baseYaml.replace('allow: [203.0.113.0/24]', 'allow: &offices [203.0.113.0/24]\n  proxyProtocolFrom: *offices'))
  t.same(loaded?.config.clientIp.proxyProtocolFrom, ['203.0.113.0/24'])
})

t.test('a size may be a plain number', async t => {
  const { loaded } = await workspace.load(`${baseYaml}  maxSpoolSize: 1073741824\n`)
  t.equal(loaded?.config.audit.maxSpoolSize, '1073741824')
})

t.test('warnings do not keep the gateway from starting', async t => {
  const { loaded } = await workspace.load(baseYaml.replace('http://127.0.0.1:8080', 'http://crm.internal.example:8080'))
  t.same(loaded?.warnings.map(warning => [warning.line, warning.path]), [[10, 'upstream.url']])
})
