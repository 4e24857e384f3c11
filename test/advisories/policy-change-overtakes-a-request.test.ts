// A policy changes while a request waits for its record: it was judged by the old rules and is not open yet, so judging again what is open
// does not find it. An event stream or a WebSocket would then go on for hours under rules that no longer stand.
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import type { EventEmitter } from 'node:events'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { startJourney } from '../support/journey.ts'

/** An error on the way is what a cut looks like. */
function closeOf (open: EventEmitter): Promise<void> {
  return new Promise(resolve => { open.on('error', () => undefined).once('close', () => { resolve() }) })
}

t.test('what was admitted by the old rules and opens under the new ones is cut', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const rooms = journey.gateway.rooms as { -readonly [K in keyof typeof journey.gateway.rooms]: typeof journey.gateway.rooms[K] }
  const draft = parse(readFileSync(journey.configFile, 'utf8')) as { access: { roles: Record<string, { deny?: string[] }> } }
  for (const role of Object.values(draft.access.roles)) role.deny = ['* /events', '* /live']
  writeFileSync(journey.configFile, stringify(draft))
  const next = await loadConfig(journey.configFile)
  // The new policy comes while the record of the request is on its way to the disk.
  const { audit } = rooms
  let reloaded: Promise<void> | undefined
  rooms.audit = {
    ...audit,
    async record (event) {
      if (event.kind === 'request.admitted' && /^\/(?:events|live)$/.test(event.what?.path ?? '')) await (reloaded ??= journey.gateway.reload(next))
      await audit.record(event)
    },
  }
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  t.teardown(() => { session.destroy() })
  const stream = session.request({ ':path': '/events', ':authority': journey.host, cookie: browser.cookies('crm.clinic.test') })
  const cut = closeOf(stream.resume())
  const socket = journey.webSocket(browser)
  const closed = closeOf(socket)
  await Promise.all([cut, closed])
  t.ok(reloaded, 'the policy did change in between')
  t.equal(rooms.open.size, 0)
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await journey.trail()).filter(event => event.outcome?.reason === 'session.policy').length >= 2) break
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
  const endings = (await journey.trail()).filter(event => event.outcome?.reason === 'session.policy' && event.kind === 'request.abandoned')
  t.equal(endings.length, 2, 'both are on record as cut by the policy')
})
