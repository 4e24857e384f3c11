// The signed identity token at a whole gateway: what the CRM gets is what it can prove, whatever the client sends under that name.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { frontDesk, startJourney } from '../../support/journey.ts'

const audience = 'https://crm.example'
const header = 'X-Clinic-Person'

async function start (t: Test, pair: { readonly privateKey: KeyObject }, lifetime = '60s') {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-token-'))
  const key = join(directory, 'identity.pem')
  writeFileSync(key, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { ...draft['upstream'], identity: { token: { header, key: { file: key }, audience, lifetime } } } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  const tokensOf = async (headers: Readonly<Record<string, string>> = {}) => {
    journey.crm.forget()
    t.equal((await browser.fetch(`${journey.url}/api/me`, { headers })).status, 200)
    const { rawHeaders } = journey.crm.seen()[0] as { rawHeaders: readonly string[] }
    return rawHeaders.filter((_value, index) => /^x[-_.]clinic[-_.]person$/i.test(rawHeaders[index - 1] ?? '') && index % 2 === 1)
  }
  return { journey, browser, tokensOf, tokenOf: async () => (await tokensOf())[0] as string }
}

for (const [algorithm, pair] of [['EdDSA', generateKeyPairSync('ed25519')], ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })]] as const) {
  t.test(`${algorithm}: the CRM can verify who it is, from whom, for whom and until when`, async t => {
    const { journey, tokenOf } = await start(t, pair)
    const token = await tokenOf()
    const currentDate = new Date(journey.clock.now())
    const expected = { issuer: journey.url, audience, subject: 'nurse-7', algorithms: [algorithm], typ: 'JWT', currentDate }
    const { payload } = await jwtVerify(token, pair.publicKey, expected)
    t.match(payload, { sub: 'nurse-7', name: 'Nell Nurse', email: 'nurse-7@clinic.example', groups: ['clinic-nurses'] })
    const { iat = 0, exp = Infinity } = payload
    t.ok(iat <= journey.clock.now() / 1000, 'not from the future')
    t.ok(exp - iat <= 60, 'no longer than the lifetime')
    const other = algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await t.rejects(jwtVerify(token, other.publicKey, expected), 'another key does not verify it')
    const [head = '', body = '', signature = ''] = token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...payload, sub: 'admin' })).toString('base64url')
    t.not(forged, body)
    await t.rejects(jwtVerify([head, forged, signature].join('.'), pair.publicKey, { ...expected, subject: 'admin' }), 'a changed one neither')
  })
}

t.test('a client\'s own header of that name never passes, in no spelling, not even a token with the right signature', async t => {
  const pair = generateKeyPairSync('ed25519')
  const { journey, tokensOf } = await start(t, pair)
  const seconds = Math.floor(journey.clock.now() / 1000)
  const own = await new SignJWT({ groups: ['admins'] }).setProtectedHeader({ alg: 'EdDSA' }).setIssuer(journey.url).setSubject('admin').setAudience(audience).setExpirationTime(seconds + 60).sign(pair.privateKey)
  for (const name of ['X-Clinic-Person', 'x-clinic-person', 'X_Clinic_Person', 'X-CLINIC_PERSON', 'X.Clinic.Person']) {
    const tokens = await tokensOf({ [name]: own })
    t.equal(tokens.length, 1, name)
    t.equal(decodeJwt(tokens[0] as string).sub, 'nurse-7', name)
  }
})

t.test('each person has a token of their own', async t => {
  const { journey, tokenOf } = await start(t, generateKeyPairSync('ed25519'))
  const desk = journey.browser()
  await journey.signIn(desk, { person: frontDesk })
  journey.crm.forget()
  await desk.fetch(`${journey.url}/api/me`)
  t.match(decodeJwt(journey.crm.seen()[0]?.headers[header.toLowerCase()] as string), { sub: 'desk-2', email: 'desk-2@clinic.example', groups: ['clinic-desk'] })
  t.equal(decodeJwt(await tokenOf()).sub, 'nurse-7')
})

t.test('no request carries an expired token: before the end comes a fresh one', async t => {
  const pair = generateKeyPairSync('ed25519')
  const { journey, tokenOf } = await start(t, pair, '30s')
  const tokens = new Set<string>()
  for (let second = 0; second <= 90; second += 5) {
    const token = await tokenOf()
    tokens.add(token)
    const { payload } = await jwtVerify(token, pair.publicKey, { issuer: journey.url, audience, algorithms: ['EdDSA'], currentDate: new Date(journey.clock.now()) })
    t.ok((payload.exp ?? 0) * 1000 > journey.clock.now(), `alive after ${second} s`)
    await journey.clock.advance(5000)
  }
  t.ok(tokens.size >= 3, `${tokens.size} tokens`)
  t.equal(new Set([...tokens].map(token => decodeJwt(token).jti)).size, tokens.size, 'each has its own number')
  const [first] = tokens
  await t.rejects(jwtVerify(first as string, pair.publicKey, { currentDate: new Date(journey.clock.now()) }), /exp/)
})
