// node-saml ignores some ends (the confirmation's, the session's) and has no skew, so that an IdP one second ahead fails. Every time is judged,
// by our own clock, with the configured skew and not a millisecond more.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { instant, type Recipe } from '../support/saml-idp.ts'
import { codeOf, openBench, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())
const at = (ms: number) => instant(bench.clock.now() + ms)

t.test('what has ended is refused at once the skew is over', async t => {
  for (const name of ['notOnOrAfter', 'confirmationNotOnOrAfter'] as const) {
    t.equal(await codeOf(signIn(bench, { [name]: at(-60_000) })), 'saml.expired', name)
    t.equal(await codeOf(signIn(bench, { [name]: at(-59_999) })), 'accepted', name)
    t.equal(await codeOf(signIn(bench, { [name]: undefined })), 'saml.timeInvalid', name)
  }
})

t.test('what has not begun is refused until the skew allows it', async t => {
  for (const name of ['notBefore', 'confirmationNotBefore', 'issueInstant', 'responseInstant', 'authnInstant'] as const) {
    t.equal(await codeOf(signIn(bench, { [name]: at(60_001) })), 'saml.notYetValid', name)
    t.equal(await codeOf(signIn(bench, { [name]: at(60_000) })), 'accepted', name)
  }
})

t.test('a time in any other form than UTC is refused', async t => {
  const forms = ['', 'now', '2026-01-05', '2026-01-05T09:00:00', '2026-01-05T09:00:00+00:00', '2026-01-05T09:00:00+02:00', '2026-1-5T9:00:00Z',
    '2026-02-30T09:00:00Z', '2026-01-05T24:00:00Z', '2026-01-05 09:00:00Z', '1767603600000', '+002026-01-05T09:00:00Z', 'Mon, 05 Jan 2026 09:00:00 GMT']
  for (const form of forms) {
    for (const name of ['notOnOrAfter', 'confirmationNotOnOrAfter', 'issueInstant', 'authnInstant', 'responseInstant', 'notBefore'] as const satisfies (keyof Recipe)[]) {
      t.equal(await codeOf(signIn(bench, { [name]: form })), 'saml.timeInvalid', `${name} ${form}`)
    }
  }
  t.equal(await codeOf(signIn(bench, { notOnOrAfter: '2026-01-05T09:04:00.1234567Z', notBefore: '2026-01-05T08:59:59Z' })), 'accepted')
})

t.test('a skew over five minutes does not start', async t => {
  await t.rejects(openBench({ idpPairs: [pair], config: () => ({ clockSkew: '301s' }) }), { name: 'ConfigurationError', message: /clockSkew is over 5m/ })
  const none = await openBench({ idpPairs: [pair], config: () => ({ clockSkew: '0s' }) })
  t.teardown(() => none.stop())
  t.equal(await codeOf(signIn(none, { issueInstant: instant(none.clock.now() + 1) })), 'saml.notYetValid')
})
