// A message of a few kilobytes inflates to gigabytes. Inflating stops at 256 KiB, and only what the IdP signed is inflated at all.
import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { algorithms } from '../support/saml-idp.ts'
import { codeOf, openBench } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())
const logout = (query: string) => codeOf(bench.room.logout({ query, form: undefined }, async () => 1))

function signed (deflated: Buffer): string {
  const text = `SAMLRequest=${encodeURIComponent(deflated.toString('base64'))}&SigAlg=${encodeURIComponent(algorithms.rsaSha256)}`
  return `${text}&Signature=${encodeURIComponent(sign('sha256', Buffer.from(text), pair.keyPem).toString('base64'))}`
}

t.test('a bomb is not inflated', async t => {
  const bomb = deflateRawSync(Buffer.alloc(40 * 1024 * 1024))
  const before = process.memoryUsage().arrayBuffers
  t.equal(await logout(signed(bomb)), 'saml.tooLarge')
  t.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024)
  t.equal(await logout(`SAMLRequest=${encodeURIComponent(bomb.toString('base64'))}&SigAlg=${encodeURIComponent(algorithms.rsaSha256)}&Signature=AAAA`), 'saml.logoutUnsigned')
})

t.test('what does not inflate, and a query without end, are refused', async t => {
  t.equal(await logout(signed(Buffer.from('not deflated'))), 'saml.logoutInvalid')
  t.equal(await logout(signed(deflateRawSync('<a/>').subarray(0, 2))), 'saml.logoutInvalid')
  t.equal(await logout(signed(deflateRawSync(Buffer.from([0xff, 0xfe, 0x3c])))), 'saml.logoutInvalid')
  t.equal(await logout(`SAMLRequest=${'A'.repeat(70_000)}`), 'saml.tooLarge')
})
