// With validateInResponseTo: always, node-saml accepts a replay whose SubjectConfirmationData has no InResponseTo. Both places are required and
// must name the one request of this attempt; an answer that nobody asked for is refused.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { recipeFor, toBase64, writeAnswer, writeForm } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

for (const sign of [['assertion'], ['response']] as const) {
  t.test(`InResponseTo is required in both places (signed: ${sign[0]})`, async t => {
    for (const value of [undefined, '', '_other']) {
      t.equal(await codeOf(signIn(bench, { inResponseTo: value }, { sign })), 'saml.inResponseTo', String(value))
      t.equal(await codeOf(signIn(bench, { confirmationInResponseTo: value }, { sign })), 'saml.inResponseTo', String(value))
    }
  })
}

t.test('an answer to one attempt is no answer to another of the same browser', async t => {
  const first = await begin(bench)
  const second = await begin(bench, { cookie: first.cookie })
  const xml = await writeAnswer(recipeFor(first.requestId, bench.clock.now()), { pair })
  t.equal(await codeOf(post(bench, { ...second, relayState: second.relayState }, xml)), 'saml.inResponseTo')
})

t.test('an unsolicited answer is refused', async t => {
  const begun = await begin(bench)
  const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now(), { inResponseTo: undefined, confirmationInResponseTo: undefined }), { pair })
  for (const form of [{ SAMLResponse: toBase64(xml) }, { SAMLResponse: toBase64(xml), RelayState: '' }]) {
    t.equal(await codeOf(bench.room.consume(writeForm(form as Record<string, string>), begun.cookie)), 'saml.unsolicited')
  }
})
