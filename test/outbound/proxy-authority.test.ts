// The proxy's own authority: what it vouches for, and that clients refuse what it may not; made by the command line for the hosts that are opened.
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { stringify } from 'yaml'
import { createCertificateAuthority, createLeafMaker, isPermitted, readPermittedNames } from '../../src/outbound/proxy/authority.ts'
import { runCli } from '../cli/run-cli.ts'
import { createTestAuthority } from '../support/certificates.ts'
import { createMovableClock } from '../support/clock.ts'
import { runClient } from '../support/run-client.ts'

const directory = mkdtempSync(join(tmpdir(), 'sallyport-authority-'))
t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
const write = (name: string, text: string) => { const file = join(directory, name); writeFileSync(file, text, { mode: 0o600 }); return file }

const hour = 3_600_000
const clock = createMovableClock(Date.now())
const authority = await createCertificateAuthority(['api.vendor.example', 'localhost'], { now: clock.now(), days: 30 })
const caFile = write('ca.pem', authority.certificatePem)
const verify = async (leafPem: string) => await runClient('openssl', ['verify', '-purpose', 'sslserver', '-CAfile', caFile, write('leaf.pem', leafPem)], { env: {} })

/** What a thief of the key would make. */
async function forge (names: readonly x509.JsonGeneralName[], { isAuthority = false } = {}): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const der = Buffer.from(authority.keyPem.replace(/-----.*-----|\s/g, ''), 'base64')
  const signingKey = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign'])
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '0102',
    subject: 'CN=forged',
    issuer: new x509.X509Certificate(authority.certificatePem).subject,
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + hour),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true), new x509.SubjectAlternativeNameExtension([...names])],
  })
  return `${leaf.toString('pem')}\n`
}

t.test('a leaf for an opened host is good for that host, a day long', async t => {
  const maker = await createLeafMaker(authority, { now: () => clock.now() })
  const leaf = await maker.leafFor('api.vendor.example')
  const { code, out, err } = await verify(leaf.cert)
  t.equal(code, 0, out + err)
  const certificate = new X509Certificate(leaf.cert)
  t.equal(certificate.checkHost('api.vendor.example'), 'api.vendor.example')
  t.equal(certificate.checkHost('other.example'), undefined)
  t.ok(certificate.validToDate.getTime() - clock.now() <= 24 * hour)
  t.equal((await maker.leafFor('api.vendor.example')).cert, leaf.cert, 'made once')
  clock.step(13 * hour)
  t.not((await maker.leafFor('api.vendor.example')).cert, leaf.cert, 'and anew before it ends')
  await t.rejects(maker.leafFor('bank.example'), TypeError)
})

t.test('openssl refuses what the authority may not vouch for, whoever has its key', async t => {
  t.equal((await verify(await forge([{ type: 'dns', value: 'api.vendor.example' }]))).code, 0, 'the forgery is good where it may be')
  const outside: ReadonlyArray<readonly [string, readonly x509.JsonGeneralName[]]> = [
    ['another host', [{ type: 'dns', value: 'bank.example' }]],
    ['a host beside an opened one', [{ type: 'dns', value: 'api.vendor.example' }, { type: 'dns', value: 'vendor.example' }]],
    ['every host', [{ type: 'dns', value: '*.example' }]],
    ['an address', [{ type: 'ip', value: '203.0.113.7' }]],
    ['an IPv6 address', [{ type: 'ip', value: '2001:db8::1' }]],
  ]
  for (const [name, names] of outside) {
    const { code, out, err } = await verify(await forge(names))
    t.not(code, 0, name)
    t.match(out + err, /permitted subtree violation|excluded subtree violation/, name)
  }
})

t.test('names are read back; an authority that nothing binds is none of ours', async t => {
  t.same(readPermittedNames(authority.certificatePem), ['api.vendor.example', 'localhost'])
  const unbound = await createTestAuthority()
  t.equal(readPermittedNames(unbound.caPem), undefined)
  t.equal(readPermittedNames('no certificate'), undefined)
  t.ok(isPermitted(['vendor.example'], 'api.vendor.example'))
  t.notOk(isPermitted(['vendor.example'], 'badvendor.example'))
  const other = await createCertificateAuthority(['a.example'], { now: clock.now(), days: 1 })
  await t.rejects(createLeafMaker({ certificatePem: authority.certificatePem, keyPem: other.keyPem }, { now: () => clock.now() }), TypeError)
})

const host = { action: 'open', name: 'api', host: 'api.vendor.example', policy: 'p.yaml', requests: ['POST /v1'], purpose: 'reminders' }

t.test('keys ca makes one for the opened hosts, and never overwrites', async t => {
  const hosts = [host, { action: 'tunnel', name: 'files', host: 'files.vendor.example', associate: 'vendor', purpose: 'documents' }]
  const config = write('gateway.yaml', stringify({ outbound: { proxy: { listener: { password: { file: 'x' } }, hosts } } }))
  const made = await runCli(['keys', 'ca', join(directory, 'keys'), '--config', config])
  t.equal(made.code, 0, made.err)
  t.match(made.err, /vouch for api\.vendor\.example and what is below, until 20\d\d-/)
  t.equal(statSync(join(directory, 'keys', 'proxy-ca.key')).mode & 0o777, 0o600)
  t.same(readPermittedNames(readFileSync(join(directory, 'keys', 'proxy-ca.pem'), 'utf8')), ['api.vendor.example'])
  const again = await runCli(['keys', 'ca', join(directory, 'keys'), '--config', config])
  t.equal(again.code, 1)
  t.match(again.err, /exists already and is left as it is/)
  const none = await runCli(['keys', 'ca', join(directory, 'more'), '--config', write('none.yaml', stringify({ outbound: { proxy: { hosts: [] } } }))])
  t.equal(none.code, 1)
  t.match(none.err, /No host in outbound\.proxy\.hosts has action: open/)
})
