// The file of audit.key: one current key, earlier ones for their epochs, and nothing that could be read in two ways.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import t from 'tap'
import { addToKeyRing, askSources, createQuestionTokenisers, createSpoolSource, deriveAuditKeys, explainKeyRing, readKeyRing } from '../../src/audit/audit.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { admitted, createConfig, createTestLog, gateway } from '../support/audit.ts'
import { createAuditTrail } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { checkpointsOf, copyTrail, createRoot, segmentsOf, spoolOf, verify } from '../support/verified-trail.ts'

const key = () => randomBytes(32).toString('base64')

t.test('a key becomes an earlier one; each epoch has exactly one', async t => {
  const [first, second, third] = [key(), randomBytes(32), randomBytes(32)]
  const ring = addToKeyRing(addToKeyRing(`${first}\n`, { key: second, until: 1000 }), { key: third, until: 2000 })
  t.equal(ring, `${third.toString('base64')}\n${second.toString('base64')} until 2000\n${first} until 1000\n`)
  const idOf = (text: string) => deriveAuditKeys(new SecretValue(text), gateway).of(1).id
  const keys = deriveAuditKeys(new SecretValue(ring), gateway)
  const expected = [first, first, second.toString('base64'), second.toString('base64'), third.toString('base64'), third.toString('base64')]
  t.same([1, 999, 1000, 1999, 2000, 9999].map(epoch => keys.of(epoch).id), expected.map(idOf))
  t.same(keys.forEpoch('writer', 999), deriveAuditKeys(new SecretValue(first), gateway).forEpoch('writer', 999), 'what was sealed before stays readable')
  t.equal(keys.all.length, 3)
})

t.test('what cannot be a ring is told with its line, and quotes nothing', async t => {
  const [one, two] = [key(), key()]
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ['', /line 1: it is not base64/],
    ['c2hvcnQ=', /line 1: it is not base64 of at least 32/],
    [`${one} until 5`, /line 1: the first line is the current key/],
    [`${one}\n${two}`, /line 2: an earlier key says until which epoch/],
    [`${one}\n${two} until 5\n${key()} until 5`, /line 3: the keys stand newest first/],
    [`${one}\n${one} until 5`, /line 2: it is the same key/],
    [`${one}\n\n${two} until 5`, /line 2: it is not base64/],
    [`${one}\n${two} until 0`, /line 2: it is not base64/],
  ]
  for (const [text, words] of cases) {
    t.match(explainKeyRing(text), words)
    t.notMatch(explainKeyRing(text) ?? '', one.slice(0, 10))
    t.throws(() => readKeyRing(text), { code: 'audit.keyInvalid' })
  }
  t.equal(explainKeyRing(`${one}\r\n${two} until 5\r\n`), undefined)
})

/** One epoch under each key: the second key is used from epoch `until` on. */
async function writeTwoKeys (t: { teardown: (action: () => unknown) => void }) {
  const root = createRoot(t)
  const first = key()
  const now = Math.floor(Date.now() / 1000) * 1000
  const ring = new SecretValue(addToKeyRing(first, { key: randomBytes(32), until: now / 1000 - 50 }))
  for (const [secret, seconds] of [[new SecretValue(first), 100], [ring, 0]] as const) {
    const clock = { ...createSystemClock(), now: () => now - seconds * 1000 }
    const places = { directory: spoolOf(root), checkpointDirectory: checkpointsOf(root) }
    const trail = await createAuditTrail(createConfig({ key: secret }), { clock, log: createTestLog(), ...places, gateway })
    await trail.record(admitted(`${seconds} seconds ago`))
    await trail.close()
  }
  return { root, first, ring }
}

t.test('a trail over a rotation: one chain, verified under each epoch\'s key, and questions find what is older', async t => {
  const { root, ring } = await writeTwoKeys(t)
  const config = createConfig({ key: ring })
  t.match(await verify(root, config, { isDeep: true }), { verdict: 'intact', epochs: 2, records: 7 }, 'the second epoch also ends what the first left open')
  const sources = [createSpoolSource({ directory: spoolOf(root), key: ring, name: 'spool' })]
  const answer = askSources({ patient: '4711' }, { sources, tokenisers: createQuestionTokenisers(ring, gateway), onProgress: undefined })
  const found: string[] = []
  for await (const { event } of answer.found) found.push(event?.id ?? '')
  t.same(new Set(found), new Set(['100 seconds ago', '0 seconds ago']))
})

t.test('a key that is used outside its epochs is named', async t => {
  const { root, first, ring } = await writeTwoKeys(t)
  // The newer epoch written under the older key, by somebody who still has it.
  const forged = copyTrail(t, { root, config: createConfig() })
  rmSync(segmentsOf(forged)[1] as string)
  const trail = await createAuditTrail(createConfig({ key: new SecretValue(first) }), { clock: createSystemClock(), log: createTestLog(), directory: spoolOf(forged), gateway })
  await trail.record(admitted('forged'))
  await trail.close()
  const report = await verify(forged, createConfig({ key: ring }))
  t.equal(report.verdict, 'tampered')
  t.equal(report.findings[0]?.class, 'key outside epoch')
  // Nor is a checkpoint believed that the older key signed for a newer epoch.
  const noted = copyTrail(t, { root, config: createConfig() })
  const other = await createAuditTrail(createConfig({ key: new SecretValue(first) }), {
    clock: createSystemClock(), log: createTestLog(), directory: spoolOf(createRoot(t)), checkpointDirectory: checkpointsOf(noted), gateway,
  })
  await other.close()
  t.match((await verify(noted, createConfig({ key: ring }))).findings[0], { class: 'bad signature', detail: /not signed with the key of its epoch/ })
})

t.test('a gateway does not start with the older key on a trail that the newer one continued', async t => {
  const { root, first } = await writeTwoKeys(t)
  const config = createConfig({ key: new SecretValue(first) })
  await t.rejects(createAuditTrail(config, { clock: createSystemClock(), log: createTestLog(), directory: spoolOf(root), gateway }), { code: 'audit.spoolForeign' })
})
