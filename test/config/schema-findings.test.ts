// What the operator reads about a setting that is wrong by itself: line, column and one plain sentence.
import t from 'tap'
import { baseYaml, createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const session = '  secret: { file: keys/session.secret }'
const allow = '  allow: [203.0.113.0/24]'
const role = "    nurse: { groups: [nurses], allow: ['* /**'] }"

const cases: readonly (readonly [name: string, yaml: string, lines: readonly string[]])[] = [
  ['a mistyped setting', replaceLine(session, `${session}\n  idleTimeoutMinute: 5m`), ['19:3  session.idleTimeoutMinute is not a setting. Did you mean idleTimeout?']],
  ['another spelling', replaceLine(session, `${session}\n  idle_timeout: 5m`), ['19:3  session.idle_timeout is not a setting. Did you mean idleTimeout?']],
  ['a setting of another section', replaceLine(allow, `${allow}\n  idleTimeout: 5m`), ['13:3  clientIp.idleTimeout is not a setting here. Did you mean session.idleTimeout?']],
  ['a section that does not exist', `${baseYaml}smtp: {}\n`, ['24:1  smtp is not a setting. The sections are gateway, listeners, upstream, clientIp, signIn, session, unsent, pages, access, masking, outbound, associates, audit, operations.']],
  ['a key of the prototype', `${baseYaml}__proto__: { polluted: true }\n`, ['24:1  __proto__ is not a setting. The sections are gateway, listeners, upstream, clientIp, signIn, session, unsent, pages, access, masking, outbound, associates, audit, operations.']],
  ['a setting that is missing', replaceLine('  url: http://127.0.0.1:8080', '  host: public'), ['9:1  upstream.url is missing. Where the CRM listens: scheme, host and port, no path.']],
  ['an empty section', replaceLine('  url: http://127.0.0.1:8080', ''), ['9:10  upstream is empty: give it its settings, or take the line away.']],
  ['text for a section', replaceLine('  url: http://127.0.0.1:8080', '  http://127.0.0.1:8080'), ['10:3  upstream is text: write its settings below it, indented.']],
  ['text for a number', replaceLine('  public:', "  public:\n    port: '8443'"), ['5:11  listeners.public.port is text: leave the quotes out.']],
  ['a number out of range', replaceLine('  public:', '  public:\n    port: 70000'), ['5:11  listeners.public.port is 70000: the most is 65535.']],
  ['a number under the least', replaceLine('  public:', '  public:\n    limits: { maxConnections: 0 }'), ['5:31  listeners.public.limits.maxConnections is 0: the least is 1.']],
  ['a word for true or false', replaceLine('  public:', '  public:\n    http2: yes'), ['5:12  listeners.public.http2 is text: write true or false.']],
  ['a number where text was meant', replaceLine('    tls:', '    tls:\n      minimumVersion: 1.2'), ["6:23  listeners.public.tls.minimumVersion must stand in quotes, so that it is text: '1.2'."]],
  ['a word that is no choice', replaceLine('  url: http://127.0.0.1:8080', '  url: http://127.0.0.1:8080\n  host: publik'), ['11:9  upstream.host is publik: it must be public or upstream.']],
  ['a duration without unit', replaceLine(session, `${session}\n  idleTimeout: 15`), ['19:16  session.idleTimeout is a number: write a whole number with its unit, as 15m.']],
  ['a duration with a wrong unit', replaceLine(session, `${session}\n  idleTimeout: 15min`), ['19:16  session.idleTimeout: 15min is not a duration: write a whole number and a unit (ms, s, m, h, d), as 15m.']],
  ['a size with a wrong unit', `${baseYaml}  maxSpoolSize: 8GB\n`, ['24:17  audit.maxSpoolSize: 8GB is not a size: write a whole number with KiB, MiB or GiB, or of bytes, as 64KiB.']],
  ['an empty allowlist', replaceLine(allow, '  allow: []'), ['12:10  clientIp.allow is empty: nobody could come in. Write the addresses and ranges that may.']],
  ['one address instead of a list', replaceLine(allow, '  allow: 203.0.113.7'), ['12:10  clientIp.allow is text: write a list of addresses and ranges, one a line, each after a dash.']],
  ['a number of trusted proxies', replaceLine(allow, `${allow}\n  trustedProxies: 1`), ['13:19  clientIp.trustedProxies is a number: write the proxies as a list of address ranges; a number of hops can be spoofed by anybody who sends the header.']],
  ['a number in the list of trusted proxies', replaceLine(allow, `${allow}\n  trustedProxies: [1]`), ['13:20  clientIp.trustedProxies[0] is a number: write the proxies as a list of address ranges; a number of hops can be spoofed by anybody who sends the header.']],
  ['a role that may do nothing', replaceLine(role, '    nurse: { groups: [nurses], allow: [] }'), ['21:39  access.roles.nurse.allow is an empty list: a role that may do nothing is a mistake; write its routes.']],
  ['a role without allow', replaceLine(role, '    nurse: { groups: [nurses] }'), ['21:5  access.roles.nurse.allow is missing. Routes that the role may use. `* /**` is everything.']],
  ['no roles', replaceLine(role, '    {}'), ['21:5  access.roles is empty: write at least one.']],
  ['a role with a bad name', replaceLine(role, "    Nurse: { groups: [nurses], allow: ['* /**'] }"), ['21:5  access.roles.Nurse is not a name for a role: use small letters, digits and -, beginning with a letter.']],
  ['a route that is none', replaceLine(role, "    nurse: { groups: [nurses], allow: ['get /x'] }"), ['21:40  access.roles.nurse.allow[0]: get /x is not a route: write it as METHOD /path, for instance GET /patients/* (METHOD may be * or a list as GET,POST).']],
  ['a group that is a number', replaceLine(role, "    nurse: { groups: [100], allow: ['* /**'] }"), ['21:23  access.roles.nurse.groups[0] is a number: put it in quotes, so that it is text.']],
  ['a gateway name with spaces', replaceLine('gateway:', 'gateway:\n  name: Clinic A'), ['2:9  gateway.name cannot be used: a name has small letters, digits and -, begins with a letter, and has at most 63 characters.']],
  ['a public address without TLS', replaceLine('  publicUrl: https://crm.example', '  publicUrl: http://crm.example'), ['2:14  gateway.publicUrl: the address begins with https://, because session cookies and patient data never travel unencrypted.']],
  ['an upstream with a path', replaceLine('  url: http://127.0.0.1:8080', '  url: http://127.0.0.1:8080/crm'), ['10:8  upstream.url: write only scheme, host and port in their plain form: http://127.0.0.1:8080']],
  ['a store that does not exist', replaceLine(session, `${session}\n  store: { kind: sqlite }`), ['19:10  session.store needs one of these: kind: embedded; kind: redis.']],
  ['a store without its tag', replaceLine(session, `${session}\n  store: { redis: { url: 'redis://127.0.0.1' } }`), ['19:3  session.store.kind is missing: write redis.']],
  ['no identity provider', replaceLine('      metadataFile: idp/metadata.xml', '      {}'), ['16:7  signIn.saml.idp needs one of these: metadataFile; metadataUrl; entityId, signOnUrl and certificates.']],
  ['an identity provider without certificate', replaceLine('      metadataFile: idp/metadata.xml', '      { entityId: a, signOnUrl: "https://idp.example/" }'), ["15:5  signIn.saml.idp.certificates is missing. The IdP's signing certificates; several while it rolls its key over."]],
  ['an identity provider with an empty list of certificates', replaceLine('      metadataFile: idp/metadata.xml', '      { entityId: a, signOnUrl: "https://idp.example/", certificates: [] }'), ['16:71  signIn.saml.idp.certificates is an empty list: write at least one item.']],
  ['no audit store', baseYaml.replace(/^audit:\n.*\n/m, ''), ['1:1  audit is missing: without a place to keep the audit trail nothing may pass. Add the section with its key.']],
  ['no audit key', replaceLine('  key: { file: keys/audit.key }', '  durability: spool'), ['22:1  audit.key is missing. At least 32 random bytes in base64: seals the records. Keep a copy off this machine; without it the trail cannot be read. Earlier keys stand below it (`sallyport keys rotate`).']],
  ['a list for the whole', '- a\n- b\n', ['1:1  The configuration has sections, each a name, a colon and its settings below: begin with a copy of config/gateway.example.yaml.']],
]

for (const [name, yaml, lines] of cases) {
  t.test(name, async t => { t.same((await workspace.load(yaml)).lines, lines) })
}

t.test('all mistakes are told at once, in the order of the file', async t => {
  const yaml = baseYaml.replace('https://crm.example', 'http://crm.example').replace('[203.0.113.0/24]', '[10.0.0.5/8]').replace('{ file: keys/audit.key }', '{ env: NOT_SET }')
  const { findings } = await workspace.load(yaml)
  t.same(findings.map(finding => [finding.line, finding.path]), [[2, 'gateway.publicUrl'], [12, 'clientIp.allow[0]'], [23, 'audit.key']])
})
