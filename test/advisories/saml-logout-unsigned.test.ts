// node-saml accepts an unsigned Redirect-binding LogoutRequest: anybody could sign anybody out. Only a message signed by the IdP, for our address,
// in time and once, ends a session; everything else ends none.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { instant, signXml, toBase64, writeForm, writeLogoutRequest, writeQuery, type LogoutRecipe } from '../support/saml-idp.ts'
import { codeOf, openBench } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const stranger = await createKeyPair('evil.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

const ended: string[] = []
const end = async (nameId: string, index: string | undefined) => { ended.push(`${nameId} ${index}`); return 1 }
const now = (shift = 0) => instant(bench.clock.now() + shift)
const request = (changes: Partial<LogoutRecipe> = {}) => writeLogoutRequest({ issueInstant: now(), ...changes })
const byQuery = (query: string) => codeOf(bench.room.logout({ query, form: undefined }, end))
const byForm = (xml: string) => codeOf(bench.room.logout({ query: '', form: writeForm({ SAMLRequest: toBase64(xml) }) }, end))
const both = async (xml: string) => [await byQuery(writeQuery('SAMLRequest', xml, { pair })), await byForm(signXml(xml, pair))]

t.test('unsigned, or signed by somebody else', async t => {
  t.equal(await byQuery(writeQuery('SAMLRequest', request())), 'saml.logoutUnsigned')
  t.equal(await byQuery(writeQuery('SAMLRequest', request(), { pair: stranger })), 'saml.logoutUnsigned')
  t.equal(await byForm(request()), 'saml.logoutUnsigned')
  t.equal(await byForm(signXml(request(), stranger)), 'saml.logoutUnsigned')
  t.equal(await byForm(signXml(request(), pair).replace('person-1', 'person-2')), 'saml.logoutUnsigned')
  t.equal(await byQuery(writeQuery('SAMLRequest', signXml(request(), pair))), 'saml.logoutUnsigned', 'a signature within the XML is none on this binding')
})

t.test('a signature that is not one of the IdP\'s own words', async t => {
  const good = writeQuery('SAMLRequest', request(), { pair })
  const [message, algorithm, signature] = good.split('&') as [string, string, string]
  for (const query of [`${message}&${algorithm}`, `${message}&${signature}`, `${message}&SigAlg=&${signature}`, `${message}&SigAlg=http%3A%2F%2Fx%23rsa-sha256&${signature}`, `${message}&${algorithm}&Signature=`,
    `${message}&SigAlg=${encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256')}&${signature}`, `${message}&${algorithm}&Signature=%`]) {
    t.ok(['saml.logoutUnsigned', 'saml.logoutInvalid'].includes(await byQuery(query)), query.slice(-50))
  }
})

t.test('for another address, from another issuer, without a person', async t => {
  const wrong: Partial<LogoutRecipe>[] = [
    { destination: undefined }, { destination: 'https://other.example/slo' }, { issuer: 'https://evil.example' }, { nameId: '' }, { sessionIndexes: [''] },
  ]
  for (const changes of wrong) t.strictSame(await both(request(changes)), ['saml.logoutInvalid', 'saml.logoutInvalid'], JSON.stringify(changes))
  t.strictSame(await both(request().replace('<saml:NameID>person-1</saml:NameID>', '<saml:EncryptedID/>')), ['saml.logoutInvalid', 'saml.logoutInvalid'])
  t.strictSame(await both(request().replace('</saml:NameID>', '</saml:NameID><saml:NameID>person-2</saml:NameID>')), ['saml.logoutInvalid', 'saml.logoutInvalid'])
  t.strictSame(await both(request().replaceAll('LogoutRequest', 'LogoutResponse')), ['saml.logoutInvalid', 'saml.logoutInvalid'])
  t.equal(await byQuery(writeQuery('SAMLRequest', `<!DOCTYPE x>${request()}`, { pair })), 'saml.xmlUnsafe')
  t.equal(await byForm(`<!DOCTYPE x>${signXml(request(), pair)}`), 'saml.xmlUnsafe')
})

t.test('too old, or from the future', async t => {
  const times: Partial<LogoutRecipe>[] = [
    { issueInstant: now(60_001) }, { issueInstant: now(-360_000) }, { notOnOrAfter: now(-60_000) }, { issueInstant: now(-900_000), notOnOrAfter: now(-60_000) },
  ]
  for (const changes of times) t.strictSame(await both(request(changes)), ['saml.logoutExpired', 'saml.logoutExpired'], JSON.stringify(changes))
  t.strictSame(await both(request({ issueInstant: 'now' })), ['saml.logoutInvalid', 'saml.logoutInvalid'])
})

t.test('none of these ended a session; a good one does, once', async t => {
  t.strictSame(ended, [])
  const good = request({ issueInstant: now(-359_999), sessionIndexes: ['_s7', '_s8'] })
  const query = writeQuery('SAMLRequest', good, { pair })
  const codes = await Promise.all(Array.from({ length: 8 }, () => byQuery(query)))
  t.strictSame(codes.toSorted(), ['accepted', ...Array<string>(7).fill('saml.logoutReplayed')])
  t.equal(await byForm(signXml(good, pair)), 'saml.logoutReplayed', 'nor by the other binding')
  t.strictSame(ended, ['person-1 _s7', 'person-1 _s8'])
})
