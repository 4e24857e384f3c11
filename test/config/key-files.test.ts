// Certificates and keys that cannot work are found before anything starts.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { createTestAuthority } from '../support/certificates.ts'
import { createMovableClock } from '../support/clock.ts'
import { createKeyPair } from '../support/key-pair.ts'
import { writeIdpMetadata } from '../support/saml-metadata.ts'
import { baseYaml, createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
const dayMs = 86_400_000
const authority = await createTestAuthority()
const pkcs8 = (key: ReturnType<typeof createPrivateKey>) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const key = (file: string) => replaceLine('          key: tls/crm.key', `          key: ${file}`)
const certificate = (file: string) => replaceLine('        - certificate: tls/crm.pem', `        - certificate: ${file}`)
const saml = (text: string) => replaceLine('      metadataFile: idp/metadata.xml', `      metadataFile: idp/metadata.xml\n    ${text}`)
const path = 'listeners.public.tls.certificates[0]'

t.test('files that cannot be a certificate and its key', async t => {
  const other = await authority.issue({ names: ['other.example'] })
  workspace.write('tls/other.key', other.keyPem)
  workspace.write('tls/text', 'not a certificate')
  workspace.write('tls/damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  workspace.write('tls/protected.key', privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'invented' }).toString())
  const cases = [
    [key('tls/none.key'), `${path}.key`, /names a file that does not exist/],
    [key('tls'), `${path}.key`, /is a directory/],
    [key('tls/text'), `${path}.key`, /not a private key in PEM form/],
    [key('tls/crm.pem'), `${path}.key`, /not a private key in PEM form/],
    [key('tls/protected.key'), `${path}.key`, /passphrase/],
    [key('tls/other.key'), `${path}.key`, /two different pairs/],
    [certificate('tls/none.pem'), `${path}.certificate`, /names a file that does not exist/],
    [certificate('tls/text'), `${path}.certificate`, /without a certificate/],
    [certificate('tls/damaged'), `${path}.certificate`, /damaged/],
    [replaceLine('  url: http://127.0.0.1:8080', '  url: http://127.0.0.1:8080\n  authority: tls/text'), 'upstream.authority', /without a certificate/],
    [replaceLine('      metadataFile: idp/metadata.xml', '      metadataFile: idp/none.xml'), 'signIn.saml.idp.metadataFile', /does not exist/],
  ] as const
  for (const [yaml, at, words] of cases) {
    const { findings } = await workspace.load(yaml)
    t.same(findings.map(finding => finding.path), [at])
    t.match(findings[0]?.message, words)
  }
})

t.test('metadata that sign-in cannot work with is found before anything starts', async t => {
  const cases = [
    ['<EntityDescriptor/>', /sign-in cannot work with \(its line 1\)\. There is no identity provider/],
    [writeIdpMetadata({ certificates: [] }), /\(its line 3\)\. It has no signing certificate/],
    [writeIdpMetadata({ certificates: [], signOn: '' }), /no SingleSignOnService/],
    ['<EntityDescriptor', /not sound XML/],
    [' \n', /names an empty file/],
  ] as const
  for (const [text, words] of cases) {
    workspace.write('idp/broken.xml', text)
    const { findings } = await workspace.load(replaceLine('      metadataFile: idp/metadata.xml', '      metadataFile: idp/broken.xml'))
    t.match(findings, [{ path: 'signIn.saml.idp.metadataFile', line: 16, message: words }])
    t.equal(findings.length, 1)
  }
  const pair = await createKeyPair('idp.example')
  workspace.write('idp/wants.xml', writeIdpMetadata({ certificates: [pair.certificatePem], roleAttributes: ' WantAuthnRequestsSigned="true"' }))
  const { findings } = await workspace.load(replaceLine('      metadataFile: idp/metadata.xml', '      metadataFile: idp/wants.xml'))
  t.match(findings, [{ path: 'signIn.saml.idp.metadataFile', message: /wants signed requests; give signIn\.saml\.signing a key/ }])
})

t.test('a certificate that is over, not yet begun, or soon over', async t => {
  const clock = createMovableClock(Date.now())
  const issue = async (from: number, to: number) => {
    const issued = await authority.issue({ names: ['crm.example'], notBefore: new Date(clock.now() + from * dayMs), notAfter: new Date(clock.now() + to * dayMs) })
    workspace.write('tls/dated.pem', issued.certPem)
    workspace.write('tls/dated.key', issued.keyPem)
    return await workspace.load(baseYaml.replace('tls/crm.pem', 'tls/dated.pem').replace('tls/crm.key', 'tls/dated.key'), { clock })
  }
  t.match((await issue(-30, -1)).lines, [/^7:24 {2}.*ended on \d{4}-\d{2}-\d{2}: renew it\.$/])
  t.match((await issue(1, 30)).lines, [/begins on .* and this machine's clock/])
  const soon = await issue(-30, 5)
  t.same(soon.lines, [])
  t.match(soon.loaded?.warnings, [{ path: `${path}.certificate`, message: /ends on/ }])
  t.same((await issue(-30, 60)).loaded?.warnings, [])
})

t.test('a certificate expires by the clock, not by the day on which it was written', async t => {
  const clock = createMovableClock(Date.now())
  t.same((await workspace.load(baseYaml, { clock })).lines, [])
  clock.step(400 * dayMs)
  t.match((await workspace.load(baseYaml, { clock })).lines, [/ended on/])
})

t.test('an address as public name is looked for among the addresses of the certificate', async t => {
  const issued = await authority.issue({ names: [], addresses: ['203.0.113.7'] })
  workspace.write('tls/address.pem', issued.certPem)
  workspace.write('tls/address.key', issued.keyPem)
  const yaml = baseYaml.replace('tls/crm.pem', 'tls/address.pem').replace('tls/crm.key', 'tls/address.key')
  t.same((await workspace.load(yaml.replace('https://crm.example', 'https://203.0.113.7'))).loaded?.warnings, [])
  t.match((await workspace.load(yaml.replace('https://crm.example', 'https://203.0.113.8'))).loaded?.warnings, [{ message: /have none for 203\.0\.113\.8/ }])
})

t.test('SAML keys are RSA and belong to their certificates', async t => {
  const pair = await createKeyPair('sp')
  const other = await createKeyPair('other')
  const curve = await createKeyPair('curve', { curve: 'P-256' })
  for (const [name, text] of [['sp.pem', pair.certificatePem], ['sp.key', pair.keyPem], ['other.key', other.keyPem], ['ec.pem', curve.certificatePem], ['ec.key', curve.keyPem]] as const) workspace.write(`saml/${name}`, text)
  t.same((await workspace.load(saml('signing: { key: { file: saml/sp.key }, certificate: saml/sp.pem }'))).lines, [])
  t.match((await workspace.load(saml('signing: { key: { file: saml/other.key }, certificate: saml/sp.pem }'))).findings, [{ path: 'signIn.saml.signing.key', message: /two different pairs/ }])
  t.match((await workspace.load(saml('signing: { key: { file: saml/ec.key }, certificate: saml/ec.pem }'))).findings, [{ path: 'signIn.saml.signing.key', message: /no RSA key of at least 2048 bits/ }])
  const idp = (file: string) => replaceLine('      metadataFile: idp/metadata.xml', `      { entityId: a, signOnUrl: "https://idp.example/", certificates: [${file}] }`)
  t.same((await workspace.load(idp('saml/sp.pem'))).lines, [])
  t.match((await workspace.load(idp('saml/ec.pem'))).findings, [{ path: 'signIn.saml.idp.certificates[0]', message: /no RSA key/ }])
  t.match((await workspace.load(saml('decryption: [{ key: { file: saml/sp.key }, certificate: saml/sp.pem }, { key: { file: saml/none }, certificate: saml/none }]'))).findings,
    [{ path: 'signIn.saml.decryption[1].key' }, { path: 'signIn.saml.decryption[1].certificate' }])
})

t.test('a token is signed with Ed25519 or P-256', async t => {
  const token = replaceLine('  url: http://127.0.0.1:8080', '  url: http://127.0.0.1:8080\n  identity: { token: { key: { file: keys/token.pem }, audience: crm } }')
  for (const pair of [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-256' })]) {
    workspace.write('keys/token.pem', pkcs8(pair.privateKey))
    t.same((await workspace.load(token)).lines, [])
  }
  for (const pair of [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ec', { namedCurve: 'P-384' })]) {
    workspace.write('keys/token.pem', pkcs8(pair.privateKey))
    t.match((await workspace.load(token)).findings, [{ path: 'upstream.identity.token.key', message: /neither an Ed25519 nor a P-256 key/ }])
  }
})
