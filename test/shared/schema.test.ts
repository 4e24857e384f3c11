import { inspect } from 'node:util'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import t from 'tap'
import { AddressRange, Duration, FilePath, Optional, RoutePattern, Secret, SecretValue, Section, Size, Type, durationMs, parseDuration, parseSize, sizeBytes } from '../../src/shared/schema.ts'

t.test('a secret is told only to who asks for it', async t => {
  const text = 'open-sesame-4711'
  const secret = new SecretValue(text)
  t.equal(secret.reveal(), text)
  for (const shown of [
    String(secret), `${secret}`, '' + secret, JSON.stringify(secret), JSON.stringify({ secret }), inspect(secret), inspect({ secret }, { showHidden: true, depth: 9 }), inspect([secret], { customInspect: false }),
    Object.keys(secret).join(), Object.values(secret).join(), JSON.stringify({ ...secret }),
  ]) t.notMatch(shown, /sesame/)
  t.equal(`${secret}`, '[secret]')
  t.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}')
  t.equal(inspect(secret), '[secret]')
})

t.test('durations', async t => {
  for (const [text, ms] of [['0s', 0], ['500ms', 500], ['30s', 30_000], ['15m', 900_000], ['12h', 43_200_000], ['365d', 31_536_000_000], ['015m', 900_000]] as const) {
    t.equal(parseDuration(text), ms, text)
    t.equal(durationMs(text), ms)
  }
  for (const text of ['', '15', 'm', '15 m', ' 15m', '15m ', '15m\n', '-1m', '+1m', '1.5h', '1e3s', '15M', '15min', '15w', 'PT15M', '1h30m', '0x1s', '１５m', '1234567890s', 'Infinityms']) {
    t.equal(parseDuration(text), undefined, JSON.stringify(text))
    t.throws(() => durationMs(text), TypeError)
  }
})

t.test('sizes', async t => {
  for (const [text, bytes] of [['0', 0], ['4096', 4096], ['64KiB', 65_536], ['1MiB', 1_048_576], ['2GiB', 2_147_483_648]] as const) {
    t.equal(parseSize(text), bytes, text)
    t.equal(sizeBytes(text), bytes)
  }
  for (const text of ['', 'KiB', '1KB', '1kb', '1kib', '1 MiB', ' 1', '1 ', '1\n', '-1', '+1', '1.5MiB', '1e3', '1TiB', '1B', '0x10', '1234567890123']) {
    t.equal(parseSize(text), undefined, JSON.stringify(text))
    t.throws(() => sizeBytes(text), TypeError)
  }
})

t.test('property: a whole number and a unit is that many, any other text is none', async () => {
  const units = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }
  fc.assert(fc.property(fc.nat({ max: 999_999_999 }), fc.constantFrom(...Object.keys(units) as (keyof typeof units)[]), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), (number, unit, noise) => {
    if (parseDuration(`${number}${unit}`) !== number * units[unit]) throw new Error(`${number}${unit}`)
    if (!/^\d+$/.test(noise) && parseDuration(`${noise}${number}${unit}`) !== undefined) throw new Error(noise)
    if (parseDuration(`${number}${unit}${noise}`) !== undefined && `${unit}${noise}` !== 'ms') throw new Error(noise)
  }), { numRuns: 2000 })
})

const ajv = new Ajv({ strict: false, validateFormats: false })

t.test('a section is closed: a key that is not its own is refused, an optional one may be away', async t => {
  const check = ajv.compile(Section({ a: Type.String(), b: Optional(Type.Boolean()) }, { description: 'x' }))
  for (const good of [{ a: '' }, { a: 'x', b: true }]) t.ok(check(good))
  for (const bad of [{}, { b: true }, { a: 'x', c: 1 }, { a: 'x', __proto__x: 1 }, { a: 1 }, JSON.parse('{"a":"x","__proto__":{}}'), [], null, 'x']) t.notOk(check(bad), JSON.stringify(bad))
})

t.test('a secret in a file of settings is a reference to one place, never the secret', async t => {
  const schema = Secret({ description: 'x' })
  const check = ajv.compile(schema)
  for (const good of [{ env: 'SALLYPORT_SECRET' }, { env: '_a1' }, { file: '/run/secret' }]) t.ok(check(good), JSON.stringify(good))
  for (const bad of ['plain', { env: '' }, { env: '1A' }, { env: 'A-B' }, { env: 'A\n' }, { file: '' }, {}, { env: 'A', file: 'b' }, { value: 'x' }, { env: 'A', value: 'x' }]) t.notOk(check(bad), JSON.stringify(bad))
  t.equal((schema as { 'x-secret'?: boolean })['x-secret'], true)
})

t.test('the texts carry the format that the loader checks, and what they were given', async t => {
  for (const [schema, format] of [[Duration({ description: 'x', default: '1s' }), 'duration'], [Size({ description: 'x' }), 'size'], [AddressRange(), 'address-range'], [RoutePattern({ description: 'x' }), 'route-pattern']] as const) {
    t.match(schema, { type: 'string', format })
  }
  t.match(Duration({ description: 'how long', default: '1s' }), { description: 'how long', default: '1s' })
  t.match(FilePath({ description: 'x' }), { 'x-path': true })
  t.notOk(ajv.compile(FilePath({ description: 'x' }))(''))
})
