// A logout message is parsed before its signature can be looked at, so anybody may have any XML of 256 KiB parsed. Thirty-nine thousand empty
// elements, or as many attributes, kept the whole process busy for half a second each time.
import t from 'tap'
import { attribute, toBase64, writeForm } from '../support/saml-idp.ts'
import { codeOf, openBench, signIn } from '../support/saml-room.ts'

const bench = await openBench()
t.teardown(() => bench.stop())
const logout = (inside: string) => {
  const xml = `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${inside}</samlp:LogoutRequest>`
  return codeOf(bench.room.logout({ query: '', form: writeForm({ SAMLRequest: toBase64(xml) }) }, async () => 0))
}

t.test('more elements or attributes than any message has are refused unparsed', async t => {
  t.equal(await logout('<a/>'.repeat(39_000)), 'saml.xmlUnsafe')
  const attributes = Array.from({ length: 60 }, (_, index) => `a${index}=""`).join(' ')
  t.equal(await logout(`<b ${attributes}/>`.repeat(600)), 'saml.xmlUnsafe')
  t.equal(await logout('<a/>'.repeat(100)), 'saml.logoutUnsigned', 'a small one is looked at')
})

t.test('somebody with two thousand groups signs in', async t => {
  const groups = Array.from({ length: 2000 }, (_, index) => `group-${index}`)
  t.equal((await signIn(bench, { attributes: attribute('groups', ...groups) })).principal.groups.length, 2000)
})
