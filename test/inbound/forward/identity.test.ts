// How the CRM learns who the person is: headers that survive every name, and a token that anybody with the public key can check.
import t from 'tap'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { jwtVerify } from 'jose'
import { createIdentityHeaders } from '../../../src/inbound/forward/identity.ts'
import { SecretValue } from '../../../src/shared/schema.ts'
import { createMovableClock } from '../../support/clock.ts'

const names = { user: 'X-Forwarded-User', email: 'X-Forwarded-Email', groups: 'X-Forwarded-Groups' }
const issuer = 'https://crm.clinic.test'
const nurse = { id: 'nurse-7', name: 'Nell Nurse', email: 'nurse-7@clinic.example', groups: ['nurses'] }
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

function withToken (key: string, clock = createMovableClock()) {
  const token = { header: 'X-Sallyport-Identity', key: new SecretValue(key), audience: 'crm', lifetime: '60s' }
  const build = createIdentityHeaders({ ...names, token }, { clock, issuer })
  return { clock, tokenOf: async (person = nurse) => new Map(await build(person)).get('X-Sallyport-Identity') ?? '' }
}

const texts = ['plain', 'Zoë Ünïcode', '患者 7', '100% sure', 'a,b', ' spaces at the ends ', 'tab\there', 'line\r\nX-Evil: 1', '\u0000', 'emoji 🩺', '%41', '']

t.test('every text comes back with decodeURIComponent, and no text can break out of its header', async t => {
  const build = createIdentityHeaders(names, { clock: createMovableClock(), issuer })
  for (const text of texts) {
    const headers = new Map(await build({ id: text, name: text, email: text, groups: [text, 'b', text] }))
    for (const value of headers.values()) t.match(value, /^[\x20-\x7e]*$/, JSON.stringify(text))
    t.equal(decodeURIComponent(headers.get(names.user) ?? ''), text)
    t.equal(decodeURIComponent(headers.get(names.email) ?? ''), text)
    t.same(headers.get(names.groups)?.split(',').map(decodeURIComponent), [text, 'b', text])
  }
  const lone = new Map(await build({ id: 'a\ud800b', name: '', email: undefined, groups: [] }))
  t.equal(lone.get(names.user), 'a%EF%BF%BDb', 'half a character is replaced, not an error')
  t.same([...lone.keys()], [names.user])
})

t.test('plain names stay readable', async t => {
  const build = createIdentityHeaders(names, { clock: createMovableClock(), issuer })
  t.same(await build({ ...nurse, groups: ['CRM Admins', 'ward-3'] }), [
    ['X-Forwarded-User', 'nurse-7'], ['X-Forwarded-Email', 'nurse-7@clinic.example'], ['X-Forwarded-Groups', 'CRM Admins,ward-3'],
  ])
})

for (const [algorithm, pair] of [['EdDSA', generateKeyPairSync('ed25519')], ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })]] as const) {
  t.test(`the token is a JWT signed with ${algorithm}`, async t => {
    const { clock, tokenOf } = withToken(pemOf(pair.privateKey))
    const currentDate = new Date(clock.now())
    const { payload, protectedHeader } = await jwtVerify(await tokenOf(), pair.publicKey, { issuer, audience: 'crm', subject: 'nurse-7', algorithms: [algorithm], currentDate })
    t.equal(protectedHeader.typ, 'JWT')
    t.match(payload, { name: 'Nell Nurse', email: 'nurse-7@clinic.example', groups: ['nurses'], iat: clock.now() / 1000, exp: clock.now() / 1000 + 60 })
    t.match(payload.jti, /^[\w-]{16}$/)
    await t.rejects(jwtVerify(await tokenOf(), generateKeyPairSync('ed25519').publicKey, { currentDate }))
  })
}

t.test('a token is used for half its lifetime, and each person has an own one', async t => {
  const { clock, tokenOf } = withToken(pemOf(generateKeyPairSync('ed25519').privateKey))
  const first = await tokenOf()
  await clock.advance(29_999)
  t.equal(await tokenOf(), first)
  await clock.advance(1)
  const second = await tokenOf()
  t.not(second, first)
  t.not(await tokenOf({ ...nurse, groups: [] }), second, 'other groups are another statement')
  t.not(await tokenOf({ ...nurse, id: 'desk-2' }), second)
  t.equal(await tokenOf(), second)
  clock.step(-3_600_000)
  t.not(await tokenOf(), second, 'a clock that was set back does not keep an old token')
})

t.test('a key that cannot sign is refused at the start', t => {
  const rsa = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  const p384 = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
  for (const key of [rsa, p384, publicKey, 'not a key', '']) t.throws(() => withToken(key))
  t.end()
})
