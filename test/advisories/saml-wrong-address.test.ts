// node-saml accepts an answer that was made for another address. Destination (of the envelope) and Recipient (signed) must both be ours, to the letter.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { acsUrl } from '../support/saml-idp.ts'
import { codeOf, openBench, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

const foreign = [undefined, '', 'https://other.example/_sallyport/saml/acs', `${acsUrl}/`, `${acsUrl}?x=1`, acsUrl.toUpperCase(), acsUrl.replace('https', 'http'), ` ${acsUrl}`]

for (const sign of [['assertion'], ['response']] as const) {
  t.test(`Destination that is not ours is refused (signed: ${sign[0]})`, async t => {
    for (const destination of foreign) t.equal(await codeOf(signIn(bench, { destination }, { sign })), 'saml.destination', String(destination))
  })
  t.test(`Recipient that is not ours is refused (signed: ${sign[0]})`, async t => {
    for (const recipient of foreign) t.equal(await codeOf(signIn(bench, { recipient }, { sign })), 'saml.recipient', String(recipient))
  })
}
