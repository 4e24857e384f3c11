// The whole gateway in more than one language: pages, the idle script, why a session ended, and new texts without a restart.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { createLogger } from '../../src/shared/log.ts'
import { watchConfig } from '../../src/watch-config.ts'
import { startJourney, type Journey } from '../support/journey.ts'

const german = { accept: 'text/html', 'accept-language': 'de-DE, de;q=0.9' }
const configure = (draft: Record<string, unknown>) => { draft['pages'] = { name: 'Harbor Clinic', texts: ['de', 'es'], contact: { text: 'IT service desk' } } }
const scriptOf = (body: string) => /src="(\/_sallyport\/idle-[0-9a-f]{16}\.js)"/.exec(body)?.[1] ?? 'none'

t.test('pages, refusals and the idle script speak the language that the browser asks for', async t => {
  const journey = await startJourney(t, { configure })
  const browser = journey.browser()
  t.match((await browser.ask(`${journey.url}/_sallyport/sign-out`, { headers: german })).body, /<html lang="de" dir="ltr">[^]*Harbor Clinic[^]*<h1>Abmelden\?<\/h1>[^]*Hilfe: IT service desk/)
  t.match((await browser.ask(`${journey.url}/_sallyport/none`, { headers: german })).body, 'Diese Seite gibt es nicht.')
  t.match((await browser.ask(`${journey.url}/_sallyport/none`, { headers: { ...german, accept: 'application/json' } })).body, 'There is no such page.')
  await journey.signIn(browser)
  const paths = new Map<string, string>()
  for (const language of ['en', 'de', 'es']) {
    const page = await browser.ask(`${journey.url}/patients`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html', 'accept-language': language } })
    paths.set(language, scriptOf(page.body))
    const script = await browser.fetch(`${journey.url}${scriptOf(page.body)}`)
    t.equal(script.headers['content-type'], 'text/javascript; charset=utf-8')
    t.match(script.headers['cache-control'], 'immutable')
    t.match(script.body, `"language":"${language}"`)
    t.ok(Buffer.byteLength(script.body) < 6 * 1024, `${language}: ${Buffer.byteLength(script.body)} bytes`)
  }
  t.equal(new Set(paths.values()).size, 3, 'each under its own path, so that browsers can keep it')
  const stale = await browser.fetch(`${journey.url}/_sallyport/idle-0123456789abcdef.js`)
  t.match([stale.status, stale.headers['cache-control'], stale.body], [200, 'no-store', '"language":"en"'], 'a page of before an update gets a script, which is not kept')
  const staleGerman = await browser.fetch(`${journey.url}/_sallyport/idle-0123456789abcdef.js`, { headers: { 'accept-language': 'de-DE' } })
  t.match([staleGerman.status, staleGerman.headers['cache-control'], staleGerman.body], [200, 'no-store', '"language":"de"'], 'in the language of whoever reads it')
  t.equal((await browser.fetch(`${journey.url}/_sallyport/idle-x.js`)).status, 404)
})

const ask = async (journey: Journey, browser: ReturnType<Journey['browser']>) =>
  JSON.parse((await browser.ask(`${journey.url}/_sallyport/session`, { headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' } })).body) as { code: string, cause?: string }

t.test('the script is told why the session ended, and the page says it', async t => {
  const journey = await startJourney(t, { configure })
  for (const cause of ['revoked', 'policy', 'replaced', 'idpLogout'] as const) {
    const browser = journey.browser()
    await journey.signIn(browser)
    await journey.gateway.rooms.session.end({ by: 'all' }, cause)
    t.match(await ask(journey, browser), { code: 'session.ended', cause })
  }
  const idle = journey.browser()
  await journey.signIn(idle)
  await journey.clock.advance(15 * 60_000)
  t.match(await ask(journey, idle), { code: 'session.idle' })
  t.match((await idle.ask(`${journey.url}/_sallyport/signed-out?cause=revoked`, { headers: german })).body, /Die Administration hat sie beendet\.[^]*postMessage\("over revoked"\)/)
  t.match((await idle.ask(`${journey.url}/_sallyport/signed-out?cause=%22)alert(1)`, { headers: german })).body, /Ihre Sitzung ist beendet\.[^]*postMessage\("over ended"\)/, 'what is no cause is not repeated')
  const alive = journey.browser()
  await journey.signIn(alive)
  t.match((await alive.ask(`${journey.url}/_sallyport/signed-out?cause=revoked`, { headers: german })).body, /<h1>Sie sind angemeldet<\/h1>/, 'nobody is told that they were signed out who were not')
})

t.test('new texts and a new brand count from the next request on, without a restart; a table with a mistake changes nothing', async t => {
  const journey = await startJourney(t, { configure })
  const lines: string[] = []
  const log = createLogger({ level: 'info', name: 'test', destination: { write: line => { lines.push(line) } } })
  const readAgain = watchConfig(journey.configFile, await loadConfig(journey.configFile), { gateway: journey.gateway, clock: journey.clock, log })
  const table = join(dirname(journey.configFile), 'fr.yaml')
  const draft = parse(readFileSync(journey.configFile, 'utf8')) as Record<string, unknown>
  writeFileSync(table, 'language: fr\nsignOut:\n  title: Se déconnecter ?\n')
  writeFileSync(journey.configFile, stringify({ ...draft, pages: { name: 'Clinique du Port', texts: ['./fr.yaml'] } }))
  await readAgain()
  const show = async () => (await journey.browser().ask(`${journey.url}/_sallyport/sign-out`, { headers: { ...german, 'accept-language': 'fr' } })).body
  t.match(await show(), /Clinique du Port[^]*<h1>Se déconnecter \?<\/h1>/)
  t.match((await journey.trail()).find(event => event.kind === 'configuration.loaded'), { facts: { changed: 'pages, pageFiles' } })
  writeFileSync(table, 'language: fr\nsignOut:\n  title: Autre {chose}\n')
  await readAgain()
  t.match(await show(), 'Se déconnecter ?')
  t.match(lines.join(''), /nothing fills in/)
})
