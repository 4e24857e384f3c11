import t from 'tap'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '../../src/audit/canonical-json.ts'
import { chainStart } from '../../src/audit/chain.ts'
import { deriveAuditKeys } from '../../src/audit/keys.ts'
import { formatRecord, parseLine } from '../../src/audit/record-form.ts'
import { readEventText } from '../../src/audit/event-text.ts'
import { createSealer, openSeal, placeOf, prepareEvent } from '../../src/audit/seal.ts'
import { createTokeniser } from '../../src/audit/tokens.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { admitted, createFaultyDisk, openTrail } from '../support/audit.ts'

const secret = new SecretValue(Buffer.from('a key that only this test has, 1', 'latin1').toString('base64'))
const keys = deriveAuditKeys(secret, 'sallyport')
const place = 'sallyport audit 1:sallyport:writer-of-test:1767603600'
const epochKeys = keys.forEpoch('writer-of-test', 1767603600)
const start = chainStart('sallyport', 'writer-of-test', 1767603600)
const sealer = () => createSealer(epochKeys, start, place)
const event = admitted('an-id-of-request', { time: 1767603600123 })

t.test('golden: everything in a line that is not random', async t => {
  const salted = Buffer.concat([Buffer.alloc(16, 9), Buffer.from(canonicalJson(event))])
  const prepared = { ...prepareEvent(event, createTokeniser(keys.of(1767603600).token)), salted, leaf: createHash('sha256').update(salted).digest('base64url') }
  const { line } = sealer().seal(prepared)
  // The values come from another implementation: Python's hashlib (HKDF by hand, blake2b with a key, sha256) and json.
  t.equal(line.replace(/"seal":"[^"]+"/, '"seal":"…"'), '{"v":1,"n":1,"t":1767603600123,"k":"request.admitted","person":"-a0tWCDh3lz9njJAJzI8Jw"' +
    ',"session":"5AgZcFpXi97-RMDAc6hCeg","address":"M3AAFjhM71scRyGjfZ_agw","patient":"uDF4jgK-weSR1q2CnoPM4A","record":"88idwE05rM701qV8VwdEtQ"' +
    ',"leaf":"Qi2ejVgqzcMQQOWZnF5g_PsjSeHVG7vCPdgm7NxhBHQ","hash":"AW5-Jt9gsuPXHFr40_9yfVUxYp8baBukT3WO2D8Hko4","mac":"1MCF6i1FlYgb2CPK0teCMw","seal":"…"}')
})

t.test('leaf and chain are what the decision page says, computed here by other means', async t => {
  const one = sealer()
  const records = ['a', 'b', 'c'].map(id => one.seal(prepareEvent(admitted(id), createTokeniser(keys.of(1767603600).token))))
  let before = createHash('sha256').update('["sallyport audit 1","sallyport","writer-of-test",1767603600]').digest()
  for (const record of records) {
    const plain = openSeal(record.seal, epochKeys.seal, placeOf(place, record.seq)) ?? Buffer.alloc(0)
    t.equal(createHash('sha256').update(plain).digest('base64url'), record.leaf)
    const seq = Buffer.alloc(8)
    seq.writeBigUInt64BE(BigInt(record.seq))
    before = createHash('sha256').update(before).update(seq).update(Buffer.from(record.leaf, 'base64url')).digest()
    t.equal(before.toString('base64url'), record.hash)
  }
})

t.test('a seal opens in its own place only', async t => {
  const record = sealer().seal(prepareEvent(event, createTokeniser(keys.of(1767603600).token)))
  t.same(readEventText(openSeal(record.seal, epochKeys.seal, placeOf(place, 1)) as Buffer), event)
  t.equal(openSeal(record.seal, epochKeys.seal, placeOf(place, 2)), undefined)
  t.equal(openSeal(record.seal, keys.forEpoch('writer-of-test', 1767603601).seal, placeOf(place, 1)), undefined)
  t.equal(openSeal(record.seal, keys.forEpoch('another-writer', 1767603600).seal, placeOf(place, 1)), undefined)
})

t.test('the same event twice has different salts, leaves and seals, and the same tokens', async t => {
  const one = sealer()
  const [first, second] = [one.seal(prepareEvent(event, createTokeniser(keys.of(1767603600).token))), one.seal(prepareEvent(event, createTokeniser(keys.of(1767603600).token)))]
  t.not(first.leaf, second.leaf)
  t.not(first.seal, second.seal)
  t.same(first.tokens, second.tokens)
})

t.test('tokens tell kinds of values apart, and keys; a list of parts has one reading', async t => {
  const { tokenOf } = createTokeniser(keys.of(1767603600).token)
  t.not(tokenOf('person', 'x'), tokenOf('patient', 'x'))
  t.not(tokenOf('record', 'a', 'bc'), tokenOf('record', 'ab', 'c'))
  t.not(tokenOf('person', 'x'), createTokeniser(deriveAuditKeys(secret, 'another-gateway').of(1767603600).token).tokenOf('person', 'x'))
  t.match(tokenOf('person', 'x'), /^[A-Za-z0-9_-]{22}$/)
})

t.test('a line has one spelling: what is parsed is written back as it was', async t => {
  const { line } = sealer().seal(prepareEvent(event, createTokeniser(keys.of(1767603600).token)))
  const parsed = parseLine(line)
  t.ok(parsed)
  t.equal(parsed === undefined ? '' : formatRecord(parsed.record), line)
  for (const other of [` ${line}`, `${line} `, line.replace('"v":1', '"v": 1'), line.replace('"v":1', '"v":2'), line.replace('"n":1', '"n":01'), line.replace('"k"', '"K"')]) {
    t.equal(parseLine(other), undefined, other.slice(0, 12))
  }
})

t.test('an outcome that is not a bounded word of ours stays in the sealed part', async t => {
  const tokeniser = createTokeniser(keys.of(1767603600).token)
  t.equal(prepareEvent(admitted('x', { decision: { reason: 'access.notAllowed' } }), tokeniser).outcome, 'access.notAllowed')
  t.equal(prepareEvent(admitted('x', { outcome: { status: 204 } }), tokeniser).outcome, '204')
  t.equal(prepareEvent(admitted('x', { outcome: { reason: 'patient Example Person, 555-0100' } }), tokeniser).outcome, '')
  t.equal(prepareEvent(admitted('x', { outcome: { reason: '","mac":"' } }), tokeniser).outcome, '')
})

t.test('a key that is too short or not base64 is refused with a sentence, without the key', async t => {
  for (const text of ['', 'short', Buffer.alloc(31).toString('base64'), 'not base64 at all, but long enough to be a key of thirty-two']) {
    t.throws(() => deriveAuditKeys(new SecretValue(text), 'sallyport'), { code: 'audit.keyInvalid', message: /line 1: it is not base64 of at least 32 .*sallyport keys create/ })
  }
})

t.test('the longest event gives a line under 13 KiB', async t => {
  const { trail, directory } = await openTrail(t, { deps: { disk: createFaultyDisk() } })
  await trail.record(admitted('x', { facts: Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`f${n}`, '\u20ac'.repeat(700)])) }))
  const name = readdirSync(directory).find(file => file.endsWith('.audit')) ?? ''
  const longest = Math.max(...readFileSync(join(directory, name), 'latin1').split('\n').map(line => line.length))
  t.ok(longest > 5000 && longest < 13 * 1024, `${longest} bytes`)
})
