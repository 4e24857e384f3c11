// node-saml accepts the same answer twice, and two concurrent posts of one answer when its cache is asynchronous. Here an answer is used once,
// by one atomic step, on every replica.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { instant, recipeFor, writeAnswer } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')

t.test('a second post is refused, at once and later', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  const begun = await begin(bench)
  const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair })
  t.equal(await codeOf(post(bench, begun, xml)), 'accepted')
  t.equal(await codeOf(post(bench, begun, xml)), 'saml.attemptSpent')
  await bench.clock.advance(60_000)
  t.equal(await codeOf(post(bench, begun, xml)), 'saml.attemptSpent')
})

t.test('of twenty concurrent posts to two replicas exactly one is accepted', async t => {
  const signInKey = randomBytes(32)
  const bench = await openBench({ idpPairs: [pair], signInKey })
  const replica = await openBench({ idpPairs: [pair], signInKey, store: bench.store, clock: bench.clock })
  t.teardown(() => Promise.all([bench.stop(), replica.stop()]))
  for (let round = 0; round < 5; round++) {
    const begun = await begin(bench)
    const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair, sign: ['assertion', 'response'] })
    const codes = await Promise.all(Array.from({ length: 20 }, (_, index) => codeOf(post(index % 2 === 0 ? bench : replica, begun, xml))))
    t.strictSame(codes.toSorted(), ['accepted', ...Array<string>(19).fill('saml.attemptSpent')])
  }
})

t.test('an assertion id that was used is refused under a new request until it would have ended', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  const again = async (changes = {}) => {
    const begun = await begin(bench)
    return await codeOf(post(bench, begun, await writeAnswer(recipeFor(begun.requestId, bench.clock.now(), { assertionId: '_same', ...changes }), { pair })))
  }
  t.equal(await again(), 'accepted')
  t.equal(await again(), 'saml.replayed')
  await bench.clock.advance(300_000 + 59_999)
  t.equal(await again(), 'saml.replayed', 'held until its end and the skew')
  await bench.clock.advance(1)
  t.equal(await again({ confirmationNotOnOrAfter: instant(bench.clock.now() + 1000) }), 'accepted')
})

t.test('a refused answer uses its attempt up, so that nothing can be tried against it', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  const begun = await begin(bench)
  const recipe = recipeFor(begun.requestId, bench.clock.now())
  t.equal(await codeOf(post(bench, begun, await writeAnswer(recipe, { pair, sign: [] }))), 'saml.notVerified')
  t.equal(await codeOf(post(bench, begun, await writeAnswer(recipe, { pair }))), 'saml.attemptSpent')
})

t.test('an attempt ends after ten minutes', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  const begun = await begin(bench)
  await bench.clock.advance(600_000)
  t.equal(await codeOf(post(bench, begun, await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair }))), 'saml.attemptSpent')
})
