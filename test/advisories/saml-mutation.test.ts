// Whatever single character of a signed assertion is changed, nobody is signed in.
import t from 'tap'
import fc from 'fast-check'
import { createKeyPair } from '../support/key-pair.ts'
import { recipeFor, writeAnswer } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

for (const sign of [['assertion'], ['response'], ['assertion', 'response']] as const) {
  t.test(`one changed character (signed: ${sign.join(' and ')})`, async t => {
    const signed = sign[0] === 'response' ? /<samlp:Response .*<\/samlp:Response>/s : /<saml:Assertion .*<\/saml:Assertion>/s
    await fc.assert(fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(...'aZ09 <>"&/=_-.:#\u00e9'), async (share, character) => {
      const begun = await begin(bench)
      const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair, sign })
      const match = signed.exec(xml)
      // KeyInfo is a hint that nobody reads and no signature covers.
      const hint = /<ds:KeyInfo>.*?<\/ds:KeyInfo>/s.exec(xml)
      const at = (match?.index ?? 0) + Math.floor(share * (match?.[0].length ?? 0))
      fc.pre(xml[at] !== character && !(hint !== null && at >= hint.index && at < hint.index + hint[0].length))
      const code = await codeOf(post(bench, begun, xml.slice(0, at) + character + xml.slice(at + 1)))
      if (code === 'accepted') throw new Error(`accepted with ${JSON.stringify(character)} at ${at}: ${xml.slice(at - 40, at + 40)}`)
    }), { numRuns: 250 })
    t.pass('none was accepted')
  })
}
