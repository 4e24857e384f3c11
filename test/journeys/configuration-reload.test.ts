import { readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { watchConfig } from '../../src/watch-config.ts'
import { createLogger } from '../../src/shared/log.ts'
import { startJourney, type Journey } from '../support/journey.ts'
import { deskRules, nurse, startMaskedClinic } from '../support/masking.ts'

type Draft = Record<string, Record<string, unknown>>

function change (journey: Journey, edit: (draft: Draft) => void): void {
  const draft = parse(readFileSync(journey.configFile, 'utf8')) as Draft
  edit(draft)
  writeFileSync(journey.configFile, stringify(draft))
}

async function watch (journey: Journey) {
  const lines: string[] = []
  const log = createLogger({ level: 'info', name: 'test', destination: { write: line => { lines.push(line) } } })
  return { lines, readAgain: watchConfig(journey.configFile, await loadConfig(journey.configFile), { gateway: journey.gateway, clock: journey.clock, log }) }
}

t.test('a new policy counts from the next request on, open sockets are judged again, and it is on record', async t => {
  const journey = await startJourney(t)
  const { readAgain } = await watch(journey)
  const browser = journey.browser()
  await journey.signIn(browser)
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  change(journey, draft => { draft['access'] = { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'], deny: ['* /live', '* /patients/**'] } } } })
  await readAgain()
  t.equal((await closed)[0], 4401)
  t.equal((await browser.fetch(`${journey.url}/patients`)).status, 403)
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200, 'the session and what is still allowed go on')
  t.match((await journey.trail()).find(event => event.kind === 'configuration.loaded'), { facts: { changed: 'access' } })
})

t.test('new masks count from the next request on, and what is open without them is cut', async t => {
  const clinic = await startMaskedClinic(t, { masking: { rules: [] } })
  const { readAgain } = await watch(clinic.journey)
  const desk = await clinic.browser()
  const ward = await clinic.browser(nurse)
  const [cut, kept] = [clinic.journey.webSocket(desk), clinic.journey.webSocket(ward)]
  await Promise.all([once(cut, 'open'), once(kept, 'open')])
  const closed = once(cut, 'close')
  change(clinic.journey, draft => { draft['masking'] = { ...draft['masking'], rules: deskRules } })
  await readAgain()
  t.equal((await closed)[0], 4401)
  t.equal(kept.readyState, kept.OPEN, 'whose answers are not masked goes on')
  kept.terminate()
  clinic.answers('{"ssn":"900-12-3456"}')
  t.equal((await desk.fetch(`${clinic.journey.url}/patients/42`)).body, '{"ssn":"***3456"}')
  t.match((await clinic.journey.trail()).find(event => event.kind === 'configuration.loaded'), { facts: { changed: 'masking' } })
})

t.test('a narrower allowlist is taken over when the file changes', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['clientIp'] = { allow: ['127.0.0.0/29'] } } })
  await watch(journey)
  const far = journey.browser('127.0.0.2')
  t.equal((await far.fetch(`${journey.url}/api/leads`)).status, 401)
  change(journey, draft => { draft['clientIp'] = { allow: ['127.0.0.1'] } })
  await journey.clock.advance(5000)
  for (let tries = 0; tries < 300 && !journey.log.some(line => line.includes('configuration.loaded')); tries += 1) await new Promise(resolve => { setTimeout(resolve, 10) })
  t.equal((await far.fetch(`${journey.url}/api/leads`)).status, 403)
})

t.test('a bad file changes nothing, says why, and is on record; so does a change that needs a restart', async t => {
  const journey = await startJourney(t)
  const { lines, readAgain } = await watch(journey)
  const browser = journey.browser()
  await journey.signIn(browser)
  const good = readFileSync(journey.configFile, 'utf8')
  change(journey, draft => { draft['clientIp'] = { allow: [] }; draft['sesion'] = {} })
  await readAgain()
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200)
  t.ok(lines.some(line => line.includes('configuration.finding') && line.includes('clientIp')))
  writeFileSync(journey.configFile, good)
  change(journey, draft => { draft['clientIp'] = { allow: ['127.0.0.2'] }; draft['upstream'] = { url: 'http://127.0.0.1:1' } })
  await readAgain()
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200, 'as a whole or not at all')
  const refused = (await journey.trail()).filter(event => event.kind === 'configuration.refused')
  t.equal(refused.length, 2)
  t.match(refused[0]?.facts, { findings: 2 })
  t.match(refused[1]?.facts, { needsRestart: 'upstream' })
})
