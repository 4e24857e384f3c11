// What the operator reads when settings that are right by themselves cannot be right together, or would switch a protection off.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { baseYaml, createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

workspace.write('idp/signing.pem', (await createKeyPair('idp')).certificatePem)

const session = (text: string) => replaceLine('  secret: { file: keys/session.secret }', `  secret: { file: keys/session.secret }\n  ${text}`)
const clientIp = (text: string) => replaceLine('  allow: [203.0.113.0/24]', `  ${text}`)
const upstream = (text: string) => replaceLine('  url: http://127.0.0.1:8080', `  ${text}`)
const audit = (text: string) => `${baseYaml}  ${text}\n`
const saml = (text: string) => replaceLine('      metadataFile: idp/metadata.xml', `      metadataFile: idp/metadata.xml\n    ${text}`)
const idp = (text: string) => replaceLine('      metadataFile: idp/metadata.xml', `      ${text}`)
const tls = (text: string) => replaceLine('    tls:', `    tls:\n      ${text}`)

const access = (text: string) => replaceLine("    nurse: { groups: [nurses], allow: ['* /**'] }", `    nurse: { groups: [nurses], allow: ['* /**'] }\n${text}`)
const entry = "  records: [{ route: 'GET /p/{id}', type: patient, kind: read }]"

const masking = (rule: string, kind = 'read') => `${access(entry.replace('read', kind))}masking:\n  rules: [${rule}]\n`

const refused: readonly (readonly [name: string, yaml: string, path: string, words: RegExp])[] = [
  ['rules without records', access('  rules: [{ effect: allow }]'), 'access.rules', /access\.records is empty/],
  ['a rule for a role that is none', access(`${entry}\n  rules: [{ effect: allow, roles: [nurze] }]`), 'access.rules[0].roles[0]', /did you mean nurse\?/],
  ['a route that is never reached', access("  records: [{ route: '* /**', type: none }, { route: 'GET /p/{id}', type: patient, kind: read }]"), 'access.records[1].route', /stands above it/],
  ['a range with host bits in a rule', access(`${entry}\n  rules: [{ effect: allow, when: { from: [10.0.0.5/8] } }]`), 'access.rules[0].when.from[0]', /cannot be used/],
  ['hours that are none', access(`${entry}\n  rules: [{ effect: allow, when: { hours: '7-19' } }]`), 'access.rules[0].when.hours', /07:00-19:00/],
  ['an unknown kind', access("  records: [{ route: 'GET /p/{id}', type: patient, kind: look }]"), 'access.records[0].kind', /must be read or list/],
  ['an unknown place in when', access("  records: [{ route: 'GET /p', type: patient, kind: read, when: { header.x: [a] } }]"), 'access.records[0].when.header.x', /not a setting/],
  ['a mask for a role that is none', masking("{ roles: [nurze], records: [patient], fields: ['**.ssn'], action: hide }"), 'masking.rules[0].roles[0]', /did you mean nurse\?/],
  ['a mask for a record that is none', masking("{ records: [pat], fields: ['**.ssn'], action: hide }"), 'masking.rules[0].records[0]', /not a type in access\.records/],
  ['a mask beside a search that nobody described', masking("{ records: [patient], fields: ['**.ssn'], action: hide }", 'search'), 'masking.rules[0].records', /masking\.searches does not say how/],
  ['a mask without a place', masking("{ records: [patient], fields: ['a..b'], action: hide }"), 'masking.rules[0].fields[0]', /no place of a field/],
  ['every IPv4 address, unasked', clientIp('allow: [0.0.0.0/0]'), 'clientIp.allow[0]', /everybody on the internet.*anyAddress: true/],
  ['every IPv6 address, unasked', clientIp('allow: [203.0.113.7, "::/0"]'), 'clientIp.allow[1]', /everybody on the internet/],
  ['every address in two halves', clientIp('allow: [0.0.0.0/1, 128.0.0.0/1]'), 'clientIp.allow', /every address/],
  ['anyAddress that changes nothing', clientIp('allow: [203.0.113.0/24]\n  anyAddress: true'), 'clientIp.anyAddress', /neither 0\.0\.0\.0\/0 nor/],
  ['host bits', clientIp('allow: [10.0.0.5/8]'), 'clientIp.allow[0]', /10\.0\.0\.5\/8 cannot be used/],
  ['a leading zero', clientIp('allow: [010.0.0.1]'), 'clientIp.allow[0]', /without zeros/],
  ['a short address', clientIp("allow: ['10.1']"), 'clientIp.allow[0]', /cannot be used/],
  ['IPv4 inside IPv6', clientIp("allow: ['::ffff:10.0.0.1']"), 'clientIp.allow[0]', /IPv4/],
  ['a name', clientIp('allow: [office.example]'), 'clientIp.allow[0]', /cannot be used/],
  ['everybody a trusted proxy', clientIp('allow: [203.0.113.0/24]\n  trustedProxies: [0.0.0.0/0]'), 'clientIp.trustedProxies[0]', /choose the address/],
  ['everybody a trusted proxy, in halves', clientIp('allow: [203.0.113.0/24]\n  proxyProtocolFrom: [0.0.0.0/1, 128.0.0.0/1]'), 'clientIp.proxyProtocolFrom', /choose the address/],
  ['a restriction of nobody', clientIp('allow: [203.0.113.0/24]\n  restrict: [{ allow: [203.0.113.7] }]'), 'clientIp.restrict[0]', /people, groups or routes.*clientIp\.allow/],
  ['a restriction to everywhere', clientIp('allow: [203.0.113.0/24]\n  restrict: [{ groups: [a], allow: [0.0.0.0/0] }]'), 'clientIp.restrict[0].allow[0]', /restricts nothing/],
  ['a long idle time without reason', session('idleTimeout: 16m'), 'session.idleTimeout', /over 15m: add session\.idleTimeoutReason/],
  ['a long idle time in other units', session('idleTimeout: 1000s'), 'session.idleTimeout', /over 15m/],
  ['a reason that says nothing', session('idleTimeout: 16m\n  idleTimeoutReason: because'), 'session.idleTimeoutReason', /too short/],
  ['idle not under absolute', session('absoluteTimeout: 15m'), 'session.idleTimeout', /not under session\.absoluteTimeout/],
  ['an idle time of zero', session('idleTimeout: 0s'), 'session.idleTimeout', /zero/],
  ['a deadline of zero', audit('deadline: 0ms'), 'audit.deadline', /zero/],
  ['longer than a timer can wait', session('absoluteTimeout: 25d'), 'session.absoluteTimeout', /24d/],
  ['a size of zero', audit('maxSpoolSize: 0'), 'audit.maxSpoolSize', /nothing would fit/],
  ['an emergency for longer than a day', audit('emergency: { file: /run/sallyport/emergency, atMost: 25h }'), 'audit.emergency.atMost', /24h at most/],
  ['segments that do not fit', audit('segmentSize: 8GiB'), 'audit.segmentSize', /at least two must fit/],
  ['a clock that may be an hour off', saml('clockSkew: 1h'), 'signIn.saml.clockSkew', /5m/],
  ['the upstream is the public address', upstream('url: https://crm.example'), 'upstream.url', /public address itself/],
  ['the upstream is our own port', upstream('url: http://127.0.0.1:8443'), 'upstream.url', /gateway itself listens/],
  ['an identity header with another meaning', upstream('url: http://127.0.0.1:8080\n  identity: { user: Cookie }'), 'upstream.identity.user', /another meaning/],
  ['an identity header twice', upstream('url: http://127.0.0.1:8080\n  identity: { email: x-forwarded-user }'), 'upstream.identity.email', /name of its own/],
  ['health on the public port', replaceLine('  public:', '  health: { port: 8443 }\n  public:'), 'listeners.health.port', /port of their own/],
  ['client certificates without authority', tls('clientCertificates: { mode: require }'), 'listeners.public.tls.clientCertificates.mode', /authority is missing/],
  ['bound to a certificate that nobody is asked for', session('binding: { to: certificate }'), 'session.binding.to', /clientCertificates\.mode is off/],
  ['some bound to a certificate that nobody is asked for', session('binding: { overrides: [{ groups: [a], to: certificate }] }'), 'session.binding.overrides[0].to', /is off/],
  ['an override for nobody in particular', session('binding: { overrides: [{ to: address }] }'), 'session.binding.overrides[0]', /add people, groups or roles/],
  ['an override for a role that is misspelt', session('binding: { overrides: [{ roles: [nusre], to: network }] }'), 'session.binding.overrides[0].roles[0]', /did you mean nurse/],
  ['a network of almost everybody', session('binding: { to: network, ipv4Prefix: 4 }'), 'session.binding.ipv4Prefix', /8/],
  ['durable in a Redis that is not there', audit('durability: redis'), 'audit.durability', /audit\.redis is missing/],
  ['a password in an address', audit('redis: { url: "redis://writer:hunter2@127.0.0.1" }'), 'audit.redis.url', /holds a name or password/],
  ['a method that makes a tunnel', replaceLine('access:', 'access:\n  methods: [GET, CONNECT]'), 'access.methods[1]', /TRACE and CONNECT never pass/],
  ['metadata over plain http', idp('metadataUrl: http://idp.example/m'), 'signIn.saml.idp.metadataUrl', /identity provider/],
  ['encrypted assertions without a key', saml('requireEncryptedAssertions: true'), 'signIn.saml.requireEncryptedAssertions', /no key to open them/],
  ['a deny that never matches', replaceLine('access:', 'access:\n  methods: [GET]').replace("['* /**'] }", "['* /**'], deny: ['POST /x'] }"), 'access.roles.nurse.deny[0]', /POST is not in access\.methods/],
  ['one key for two purposes', replaceLine('  key: { file: keys/audit.key }', '  key: { file: keys/session.secret }'), 'audit.key', /same as session\.secret/],
]

for (const [name, yaml, path, words] of refused) {
  t.test(`refused: ${name}`, async t => {
    const { loaded, findings } = await workspace.load(yaml)
    t.equal(loaded, undefined)
    const finding = findings.find(one => one.path === path)
    t.match(finding?.message, words, findings.map(one => one.message).join(' / '))
    t.notMatch(finding?.message, /hunter2/)
  })
}

const accepted: readonly (readonly [name: string, yaml: string])[] = [
  ['every address, asked for', clientIp('allow: [0.0.0.0/0, "::/0"]\n  anyAddress: true')],
  ['a long idle time with its reason', session('idleTimeout: 30m\n  idleTimeoutReason: Operating theatre, accepted by the security officer')],
  ['fifteen minutes in other units', session('idleTimeout: 900s')],
  ['no HSTS', replaceLine('  public:', '  public:\n    hsts: { maxAge: 0s }')],
  ['a port that the system chooses, twice', replaceLine('  public:', '  health: { port: 0 }\n  public:\n    port: 0')],
  ['bound to certificates that are asked for', tls('clientCertificates: { mode: request, authority: tls/authority.pem }').replace('session:', 'session:\n  binding: { to: certificate }')],
  ['bound, and others for a role', session('binding: { to: network, overrides: [{ roles: [nurse], to: none }] }')],
  ['client certificates with authority', tls('clientCertificates: { mode: require, authority: tls/authority.pem }')],
  ['durable in Redis', audit('durability: dual\n  redis: { url: "redis://127.0.0.1:6379/0" }')],
  ['a mask for searches alone that nobody makes', masking("{ records: [patient], kinds: [read], fields: ['**.ssn'], action: hide }", 'search')],
  ['metadata from this machine', idp('metadataUrl: http://127.0.0.1:8000/m')],
]

for (const [name, yaml] of accepted) t.test(`accepted: ${name}`, async t => { t.same((await workspace.load(yaml)).lines, []) })

const warned: readonly (readonly [name: string, yaml: string, path: string, words: RegExp])[] = [
  ['patient data in the clear', upstream('url: http://crm.internal.example'), 'upstream.url', /unencrypted/],
  ['a very wide range', clientIp('allow: [10.0.0.0/7]'), 'clientIp.allow[0]', /large part/],
  ['bound to addresses that change', session('binding: { to: address }').replace(/allow: \[203[^\]]*\]/, "allow: ['2001:db8:7::/48']"), 'session.binding.to', /once a day/],
  ['an allowlist on trial', clientIp('mode: report\n  allow: [203.0.113.0/24]'), 'clientIp.mode', /nobody is refused/],
  ['a role that nobody has', replaceLine('  roles:', "  roles:\n    ghost: { allow: ['GET /'] }"), 'access.roles.ghost', /nobody has this role/],
  ['Redis on another machine in the clear', audit('redis: { url: "redis://redis.example:6379" }'), 'audit.redis.url', /without TLS/],
  ['sign-in over plain http', idp('{ entityId: a, signOnUrl: "http://idp.example/", certificates: [idp/signing.pem] }'), 'signIn.saml.idp.signOnUrl', /passwords/],
  ['masks beside routes that nobody classified', masking("{ records: [patient], fields: ['**.ssn'], action: hide }"), 'masking.rules', /unclassified: refuse/],
  ['a certificate of another name', baseYaml.replace('https://crm.example', 'https://other.example'), 'listeners.public.tls.certificates', /other\.example/],
]

for (const [name, yaml, path, words] of warned) {
  t.test(`said, and started all the same: ${name}`, async t => {
    const { loaded, lines } = await workspace.load(yaml)
    t.same(lines, [])
    t.match(loaded?.warnings.find(warning => warning.path === path)?.message, words)
  })
}

t.test('what has a mistake of its own is not judged a second time', async t => {
  const { findings } = await workspace.load(session('idleTimeout: 16min\n  absoluteTimeout: 1m'))
  t.same(findings.map(finding => finding.path), ['session.idleTimeout'])
})
