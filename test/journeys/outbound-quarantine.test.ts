// What is held, and what people decide about it from the command line, beside a gateway that runs.
import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { releaseQuarantined } from '../../src/operations/manage-quarantine.ts'
import { readPerson } from '../../src/operations/read-person.ts'
import { loadConfig } from '../../src/config/config.ts'
import { runCli } from '../cli/run-cli.ts'
import { startJourney } from '../support/journey.ts'
import { createOutboundPlace, handIn, lead, planted, until, type PlaceOptions } from '../support/outbound-place.ts'
import { readTrail } from '../support/trail.ts'

async function start (t: Test, options: PlaceOptions = {}) {
  const place = await createOutboundPlace(t, options)
  const journey = await startJourney(t, { configure: place.configure })
  const quarantine = (...args: readonly string[]) => runCli(['quarantine', ...args, '--config', journey.configFile])
  const operations = async () => {
    const { config } = await loadConfig(journey.configFile)
    return (await readTrail(join(journey.directory, 'data', 'audit-cli'), config.audit.key)).filter(event => event.kind === 'operation.run')
  }
  const hold = async (message: object) => String((await handIn(journey.outboundPort as number, { body: JSON.stringify(message) })).json['id'])
  return { place, journey, quarantine, operations, hold }
}

const secret = { ...lead, secret: 'for somebody to look at' }
const why = ['--reason', 'ticket 88']

t.test('list, show, release: judged again and masked, under the same id; each step on record', async t => {
  const { place, journey, quarantine, operations, hold } = await start(t)
  const id = await hold(secret)
  const listed = await quarantine('list')
  t.equal(listed.code, 0, listed.err)
  t.match(JSON.parse(listed.out), { id, destination: 'leads', reason: 'byRule', stage: 'redaction', agreed: [] })
  for (const value of planted) t.notOk(listed.out.includes(value))
  const shown = await quarantine('show', id, ...why)
  t.same(JSON.parse(shown.out), secret)
  t.equal((await quarantine('show', id)).code, 2, 'not without a reason')
  t.equal(place.receiver.seen.length, 0)
  const released = await quarantine('release', id, ...why)
  t.match(released, { code: 0, out: /goes on/ }, released.err)
  await until(() => place.receiver.seen.length === 1, journey.clock)
  const [received] = place.receiver.seen
  t.equal(received?.headers['webhook-id'], id)
  t.match(JSON.parse(received?.body ?? ''), { status: 'new', secret: '[redacted]' })
  for (const value of planted) t.notOk(received?.body.includes(value), value)
  t.equal((await quarantine('list')).out, '')
  t.same((await operations()).map(event => [event.facts?.['operation'], event.facts?.['step'], event.facts?.['message'], event.facts?.['reason']]), [
    ['quarantine.show', 'asked', id, 'ticket 88'], ['quarantine.show', 'done', id, 'ticket 88'], ['quarantine.release', 'asked', id, 'ticket 88'], ['quarantine.release', 'done', id, 'ticket 88'],
  ])
  t.match((await journey.trail()).find(event => event.kind === 'message.released'), { id, facts: { fromQuarantine: true } })
})

t.test('what still cannot be judged is held again, whoever lets it go', async t => {
  const { place, journey, quarantine } = await start(t)
  const id = String((await handIn(journey.outboundPort as number, { body: '{"status"' })).json['id'])
  t.equal((await quarantine('release', id, ...why)).code, 0)
  await until(async () => (await journey.trail()).filter(event => event.kind === 'message.quarantined').length === 2, journey.clock)
  t.equal(place.receiver.seen.length, 0)
  await until(async () => (await quarantine('list')).out !== '', journey.clock)
  t.match(JSON.parse((await quarantine('list')).out), { id, reason: 'notJson', agreed: [] })
  t.equal((await quarantine('drop', id, ...why)).code, 0)
  t.equal((await quarantine('list')).out, '')
  t.match(await quarantine('drop', id, ...why), { code: 1, err: /no such message/ })
})

t.test('two people', async t => {
  const { place, journey, quarantine, hold } = await start(t, { outbound: { releaseApprovals: 2 } })
  const id = await hold(secret)
  t.match(await quarantine('release', id, ...why), { code: 0, out: /One more person must/ })
  t.match(await quarantine('release', id, ...why), { code: 1, err: /has agreed already/ })
  await journey.clock.advance(5000)
  t.equal(place.receiver.seen.length, 0, 'one is not enough')
  t.same(await releaseQuarantined({ configFile: journey.configFile, id, reason: 'looked at it too', person: 'somebody-else' }), { missing: 0 })
  await until(() => place.receiver.seen.length === 1, journey.clock)
})

t.test('who it is, also behind sudo', async t => {
  const files: Record<string, string> = { '/proc/self/loginuid': '1001', '/etc/passwd': 'root:x:0:0:::\nnell:x:1001:1001:::\n' }
  t.equal(readPerson(file => files[file] ?? ''), 'nell')
  t.equal(readPerson(file => file === '/etc/passwd' ? '' : files[file] ?? ''), 'uid 1001')
  t.not(readPerson(file => file === '/proc/self/loginuid' ? '4294967295' : files[file] ?? ''), 'uid 4294967295')
})

t.test('what could not be delivered is let go as it was redacted', async t => {
  const { place, journey, quarantine, hold } = await start(t)
  place.receiver.answer = () => ({ status: 422 })
  const id = await hold(lead)
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.quarantined'))
  t.match(JSON.parse((await quarantine('list')).out), { id, reason: 'delivery.rejected', stage: 'delivery' })
  for (const value of planted) t.notOk((await quarantine('show', id, ...why)).out.includes(value), value)
  place.receiver.answer = () => ({ status: 200 })
  t.equal((await quarantine('release', id, ...why)).code, 0)
  await until(() => place.receiver.seen.length === 2, journey.clock)
  t.equal(place.receiver.seen[0]?.body, place.receiver.seen[1]?.body)
  t.same(place.receiver.seen.map(({ headers }) => headers['webhook-id']), [id, id])
})

t.test('a full store takes nothing more', async t => {
  const { journey, hold } = await start(t, { outbound: { maxStoredSize: '1' } })
  await hold(secret)
  const answer = await handIn(journey.outboundPort as number, { body: JSON.stringify(secret) })
  t.match(answer, { status: 503, json: { code: 'outbound.quarantineFull' } })
})

t.test('a held file that was changed is not opened', async t => {
  const { journey, quarantine, hold } = await start(t)
  const id = await hold(secret)
  const file = join(journey.directory, 'data', 'outbound-quarantine', `${id}.sealed`)
  const bytes = readFileSync(file)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
  writeFileSync(file, bytes)
  t.match(await quarantine('show', id, ...why), { code: 1, err: /not as it was written/ })
  t.match(await quarantine('list'), { code: 1, err: /1 file cannot be opened/ })
})
