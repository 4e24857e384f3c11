// An assertion made for another application is no proof here. No Conditions made node-saml throw a TypeError; here it is a clear refusal.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { spEntityId } from '../support/saml-idp.ts'
import { codeOf, openBench, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

const restriction = (audience: string) => `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`

t.test('no Conditions, two of them, or one that nobody knows are refused clearly', async t => {
  t.equal(await codeOf(signIn(bench, { conditions: undefined })), 'saml.conditionsMissing')
  t.equal(await codeOf(signIn(bench, { assertionExtra: '<saml:Conditions/>' })), 'saml.conditionsMissing')
  t.equal(await codeOf(signIn(bench, { conditions: '<saml:Condition/>' })), 'saml.conditionsMissing')
  t.equal(await codeOf(signIn(bench, { conditions: '<saml:OneTimeUse/>' })), 'accepted')
})

t.test('an audience that is not us is refused', async t => {
  for (const audience of [undefined, '', 'https://other.example', spEntityId.toUpperCase(), `${spEntityId}/`]) {
    t.equal(await codeOf(signIn(bench, { audience })), 'saml.audience', String(audience))
  }
})

t.test('every restriction must name us; within one, one of several is enough', async t => {
  t.equal(await codeOf(signIn(bench, { conditions: restriction('https://other.example') })), 'saml.audience')
  t.equal(await codeOf(signIn(bench, { conditions: restriction(spEntityId) })), 'accepted')
  t.equal(await codeOf(signIn(bench, { audience: `https://other.example</saml:Audience><saml:Audience>${spEntityId}` })), 'accepted')
})
