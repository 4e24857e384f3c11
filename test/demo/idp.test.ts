// The demo's identity provider against the real SAML room: what a third party's code signs is accepted, both bindings, both ways of signing out.
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startIdp, type Idp } from '../../scripts/demo/idp.ts'
import { strongSignIn } from '../../scripts/demo/idp-saml.ts'
import { people } from '../../scripts/demo/people.ts'
import type { SamlConfig } from '../../src/inbound/saml/config.ts'
import { createSamlRoom, type SamlAnswer, type SamlRoom } from '../../src/inbound/saml/saml.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createKeyPair } from '../support/key-pair.ts'
import { createMemoryOneTimeStore } from '../support/one-time-memory.ts'
import { acsUrl, sloUrl, spEntityId, urls, writeForm } from '../support/saml-idp.ts'
import { codeOf, cookiePair, createTemporaryDirectory, ownKey, samlConfig } from '../support/saml-room.ts'

const directory = createTemporaryDirectory()
const idp = await startIdp({ host: '127.0.0.1', port: 0, sp: { entityId: spEntityId, acsUrl, sloUrl }, people })
writeFileSync(join(directory, 'idp.xml'), idp.metadataXml)
const ours = await createKeyPair('crm.example')
t.teardown(async () => {
  await idp.close()
  rmSync(directory, { recursive: true, force: true })
})

async function openRoom (binding: 'redirect' | 'post', signed: boolean, changes: Partial<SamlConfig> = {}): Promise<SamlRoom> {
  const clock = createSystemClock()
  const signing = signed ? { signing: ownKey(ours, directory, 'own') } : {}
  const config = samlConfig({ metadataFile: join(directory, 'idp.xml') }, { binding, authnContext: [strongSignIn], ...signing, ...changes })
  const log = createLogger({ level: 'error', name: 'test', destination: { write: () => undefined } })
  return await createSamlRoom(config, { clock, log, store: createMemoryOneTimeStore(clock), publicUrl: urls.sp, signInKey: randomBytes(32) })
}

/** A browser that keeps the IdP's cookie and is told where to go. */
function createBrowser (to: Idp) {
  let cookie = ''
  const go = async (path: string, form?: string): Promise<Response> => {
    const url = new URL(path, to.url)
    const body = form === undefined ? {} : { method: 'POST', body: form }
    const response = await fetch(url, { redirect: 'manual', ...body, headers: { cookie, ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) } })
    const [pair] = (response.headers.get('set-cookie') ?? '').split(';')
    if (pair !== undefined && pair !== '') cookie = pair.endsWith('=') ? '' : pair
    const location = response.headers.get('location')
    return location !== null && new URL(location, to.url).origin === to.url ? await go(location) : response
  }
  return {
    go,
    carry: (answer: SamlAnswer) => answer.kind === 'redirect' ? go(answer.location) : go(answer.action, writeForm(answer.fields)),
  }
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&#39;': '\'', '&quot;': '"', '&lt;': '<', '&gt;': '>' }
const decode = (text: string) => text.replace(/&(?:amp|#39|quot|lt|gt);/g, found => entities[found] as string)

/** The hidden fields of a page, and where its form goes. */
function readForm (html: string): { readonly action: string, readonly fields: Record<string, string> } {
  const fields = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(found => [found[1] ?? '', decode(found[2] ?? '')])
  return { action: decode(/<form method="post" action="([^"]*)"/.exec(html)?.[1] ?? ''), fields: Object.fromEntries(fields) as Record<string, string> }
}

async function signIn (room: SamlRoom, browser: ReturnType<typeof createBrowser>, person: string) {
  const answer = await room.start(await room.prepare('/patients/7'))
  let page = await (await browser.carry(answer)).text()
  const asked = page.includes('Who are you?')
  if (asked) page = await (await browser.go('/sign-in', writeForm({ ...readForm(page).fields, person, code: '123456' }))).text()
  const { action, fields } = readForm(page)
  t.equal(action, acsUrl)
  return { asked, ...await room.consume(writeForm(fields), cookiePair(answer.setCookie)) }
}

for (const binding of ['redirect', 'post'] as const) {
  for (const signed of [true, false]) {
    t.test(`signs in by ${binding} binding, requests ${signed ? 'signed' : 'unsigned'}, and out again`, async t => {
      const room = await openRoom(binding, signed)
      const browser = createBrowser(idp)
      for (const person of people) {
        const { principal, returnTo, asked } = await signIn(room, browser, person.id)
        t.ok(asked)
        t.equal(returnTo, '/patients/7')
        t.match(principal, { id: person.id, name: person.name, email: person.email, groups: [...person.groups], idp: `${idp.url}/metadata`, authnContext: strongSignIn })
        t.equal((await signIn(room, browser, person.id)).asked, false, 'signed in there already')

        const away = await room.startLogout(principal)
        const back = await browser.carry(away as SamlAnswer)
        const message = binding === 'redirect' ? { query: new URL(back.headers.get('location') ?? '').search, form: undefined } : { query: '', form: writeForm(readForm(await back.text()).fields) }
        t.strictSame(await room.logout(message, async () => { throw new Error('nothing to end') }), { kind: 'redirect', location: `${urls.sp}/_sallyport/signed-out` })
        t.match(await (await browser.go('/')).text(), 'Nobody is signed in')
      }
      await room.close()
    })

    t.test(`signs everybody out from its side by ${binding} binding, answers ${signed ? 'signed' : 'unsigned'}`, async t => {
      const room = await openRoom(binding, signed)
      const browser = createBrowser(idp)
      const { principal } = await signIn(room, browser, people[0]!.id)
      const away = await browser.go('/sign-out', `binding=${binding}`)
      const message = binding === 'redirect' ? { query: new URL(away.headers.get('location') ?? '').search, form: undefined } : { query: '', form: writeForm(readForm(await away.text()).fields) }
      const ended: unknown[] = []
      const answer = await room.logout(message, async (nameId, index) => { ended.push([nameId, index]); return 1 })
      t.strictSame(ended, [[principal.nameId, principal.sessionIndex]])
      t.match(await (await browser.carry(answer)).text(), 'Nobody is signed in')
      await room.close()
    })
  }
}

t.test('asks again when the application wants a fresh sign-in', async t => {
  const room = await openRoom('redirect', false, { maxAuthenticationAge: '1ms', clockSkew: '0s' })
  const browser = createBrowser(idp)
  const began = await room.start(undefined)
  const page = await (await browser.carry(began)).text()
  const answer = await browser.go('/sign-in', writeForm({ ...readForm(page).fields, person: people[0]!.id, code: '123456' }))
  const cookie = cookiePair(began.setCookie)
  t.equal(await codeOf(room.consume(writeForm(readForm(await answer.text()).fields), cookie)), 'saml.authenticationTooOld')
  t.match(await (await browser.go('/')).text(), people[0]!.name, 'still signed in there')
  t.match(await (await browser.carry(await room.start(undefined, cookie))).text(), 'Who are you?')
  await room.close()
})

t.test('answers only its own application', async t => {
  const stranger = await startIdp({ host: '127.0.0.1', port: 0, sp: { entityId: 'https://other.example', acsUrl: 'https://other.example/acs' }, people })
  t.teardown(() => stranger.close())
  const room = await openRoom('redirect', false)
  const began = await room.start(undefined)
  const query = began.kind === 'redirect' ? new URL(began.location).search : ''
  t.equal((await createBrowser(stranger).go(`/sso${query}`)).status, 400)
  const browser = createBrowser(idp)
  for (const [path, form] of [['/sso'], ['/sso?SAMLRequest=x'], ['/slo?SAMLRequest=x'], ['/sso', 'SAMLRequest=PGEvPg=='], ['/sign-in?request=none'], ['/sign-in', 'request=none']]) {
    const response = await browser.go(path as string, form)
    t.equal(response.status, 400, `${path}`)
    t.notMatch(await response.text(), 'SAMLResponse')
  }
  await room.close()
})

t.test('its page says what is wrong, and its policy lets nothing else in', async t => {
  const room = await openRoom('redirect', false)
  const browser = createBrowser(idp)
  const page = await (await browser.carry(await room.start(undefined))).text()
  const { fields } = readForm(page)
  for (const [person, code, problem] of [['nobody', '123456', 'Choose who you are'], [people[0]!.id, '12', 'The code has six digits']] as const) {
    const response = await browser.go('/sign-in', writeForm({ ...fields, person, code }))
    t.equal(response.status, 422)
    t.match(response.headers.get('content-security-policy'), /^default-src 'none'/)
    t.match(await response.text(), new RegExp(`role="alert">${problem}`))
  }
  const metadata = await fetch(idp.metadataUrl)
  t.equal(metadata.headers.get('content-type'), 'application/samlmetadata+xml')
  t.equal(await metadata.text(), idp.metadataXml)
  await room.close()
})
