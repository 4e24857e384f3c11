// Routes at a steady beat are found for each session; what a person does by hand, however often, is not among them.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { findBeat } from '../../src/operations/learn-polling.ts'
import { readTrail } from '../support/trail.ts'
import { createQuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

const begin = Date.parse('2026-11-20T08:00:00Z')
let made = 0

function call (session: string, at: number, target: string, more: Partial<AuditEvent> = {}): AuditEvent {
  const [method = '', path = ''] = target.split(' ')
  made += 1
  return {
    kind: 'request.admitted', time: begin + at * 1000, id: `r${made}`, who: { id: 'n', roles: ['nurse'], session }, from: { address: '203.0.113.7' }, what: { kind: 'read', method, path }, ...more,
  }
}

const every = (seconds: number, count: number, swing: (index: number) => number = () => 0) => Array.from({ length: count }, (_, index) => index * seconds + swing(index))
const wild = [0, 3, 40, 41, 55, 130, 131, 300, 308, 400, 477, 480]

const events = [
  ...every(30, 20, index => index % 3 - 1).flatMap(at => [call('a', at, 'GET /api/notifications'), call('b', at + 7, 'GET /api/notifications')]),
  ...every(60, 10).map(at => call('a', at, `POST /api/chat/${at}x9/seen`)),
  ...every(10, 30).map(at => call('b', at, 'GET /events')),
  ...wild.map(at => call('a', at, 'GET /patients/7')),
  ...every(20, 7).map(at => call('a', at, 'GET /too-few')),
  ...every(20, 12).map(at => call('a', at, 'GET /refused', { kind: 'request.denied', decision: { reason: 'access.notAllowed' } })),
  ...every(20, 12).map(at => call('a', at, 'GET /_sallyport/session', { what: { kind: 'gateway', method: 'GET', path: '/_sallyport/session' } })),
  ...every(3000, 12).map(at => call('a', at, 'GET /hourly')),
].sort((one, other) => one.time - other.time)

const place = await createQuestionPlace(t, { events })
const run = (...args: string[]) => runCli(['learn', 'polling', '--config', place.file, '--from', '2026-11-19', '--to', '2026-11-22', '--reason', 'idle logout', ...args])

t.test('what beats is listed as YAML that can be pasted, and nothing else', async t => {
  const told = await run()
  t.match(told, { code: 0, err: '' })
  t.same(parse(told.out), { session: { background: ['GET /api/notifications', 'GET /events', 'POST /api/chat/*/seen'] } })
  t.match(told.out, "- 'GET /api/notifications'  # every 30 s in 2 of 2 sessions, 40 calls\n")
  t.notMatch(told.out, /patients|too-few|refused|_sallyport|hourly|x9/)
  const asked = (await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)).filter(event => event.kind === 'operation.run')
  t.ok(asked.some(event => JSON.stringify(event).includes('learn.polling') && JSON.stringify(event).includes('idle logout')), 'the question is on record')
})

t.test('what is in the list already is left out; JSON says the same', async t => {
  const file = place.workspace.path('listed.yaml')
  const text = readFileSync(place.file, 'utf8')
  writeFileSync(file, text.replace(/^session:\n/m, "session:\n  background: ['GET /events', '* /api/chat/**']\n"))
  t.not(readFileSync(file, 'utf8'), text)
  const told = JSON.parse((await runCli(['learn', 'polling', '--config', file, '--from', '2026-11-19', '--to', '2026-11-22', '--reason', 'again', '--json'])).out) as { routes: { route: string, beatMs: number }[], alreadyListed: number }
  t.match(told, { routes: [{ route: 'GET /api/notifications' }], alreadyListed: 2 })
  t.equal(told.routes.length, 1)
})

t.test('without a reason nothing is read', async t => {
  t.match(await runCli(['learn', 'polling', '--config', place.file]), { code: 2, err: /Please say why you ask/ })
})

t.test('a beat bears a slow network and a break at noon, not a person', async t => {
  t.equal(findBeat(every(30_000, 20, index => index > 10 ? 3_600_000 : 0)), 30_000)
  t.equal(findBeat(every(30_000, 7)), undefined, 'too few')
  t.equal(findBeat(every(500, 50)), undefined, 'a burst')
  t.equal(findBeat(wild.map(at => at * 1000)), undefined)
})
