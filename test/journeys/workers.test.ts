// A gateway of several processes on one port: each writes its own trail, a session counts in all, one that dies is replaced and what it had open is ended on record.
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { SecretValue } from '../../src/shared/schema.ts'
import { runCli } from '../cli/run-cli.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { freePort } from '../support/journey.ts'
import { createProcessPlace, type ProcessPlace } from '../support/process-place.ts'
import { readTrail } from '../support/trail.ts'

async function createPlace (t: Parameters<typeof createProcessPlace>[0], workers = 2) {
  const healthPort = await freePort()
  const place = await createProcessPlace(t, {
    configure (draft) {
      draft['gateway'] = { ...draft['gateway'], workers }
      draft['listeners'] = { ...draft['listeners'], health: { port: healthPort } }
    },
  })
  const health = async (path: string) => { const answer = await fetch(`http://127.0.0.1:${healthPort}${path}`); return { status: answer.status, text: await answer.text() } }
  const trailOf = (name: string) => readTrail(join(place.directory, 'data', name), new SecretValue(readFileSync(join(place.directory, 'audit.key'), 'utf8')))
  return { ...place, health, trailOf }
}

/** One connection of its own for each: the system spreads them. */
async function askOften (place: ProcessPlace, path: string, times: number): Promise<number[]> {
  return await Promise.all(Array.from({ length: times }, async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const outgoing = request({ ...place.wire(), path, agent: false }, message => { resolve(message.statusCode ?? 0); message.resume(); message.on('error', () => undefined) })
    outgoing.on('error', reject)
    outgoing.end()
    return await promise
  }))
}

/** Process ids of the workers, by number. */
function findWorkers (pid: number): ReadonlyMap<number, number> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(text => text !== '').map(Number)
  return new Map(children.map(child => [Number(readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').at(-2)), child]))
}

async function until (isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isSo()) return
    await new Promise(resolve => { setTimeout(resolve, 50) })
  }
  throw new Error('what was waited for did not happen within 30 s')
}

t.test('both answer, with one session; each has its own trail, and health speaks of both', async t => {
  const place = await createPlace(t)
  const gateway = await startGatewayProcess(place.configFile, { until: 'workers.started' })
  t.equal((await place.browser.submit(await place.browser.open(`${place.url}/leads`))).status, 200)
  t.same(new Set(await askOften(place, '/api/leads', 40)), new Set([200]))
  t.match(await place.health('/ready'), { status: 200, text: /2 of 2 workers are ready/ })
  const { text } = await place.health('/metrics')
  t.match(text, /^sallyport_exchanges_total\{worker="1",class="read",ending="request.completed",status="2xx"\} [1-9]/m)
  t.match(text, /^sallyport_exchanges_total\{worker="2",class="read",ending="request.completed",status="2xx"\} [1-9]/m)
  t.equal(text.match(/^# TYPE sallyport_exchanges_total /gm)?.length, 1)
  t.equal(await gateway.stop(), 0)
  const trails = [await place.trailOf('audit'), await place.trailOf('audit-2')]
  for (const [at, events] of trails.entries()) {
    t.match(events[0], { kind: 'gateway.started', facts: { worker: at + 1 } })
    t.equal(events.at(-1)?.kind, 'gateway.stopped')
    t.ok(events.some(({ kind, what }) => kind === 'request.admitted' && what?.path === '/api/leads'))
  }
  t.equal(trails.flat().filter(({ kind, what }) => kind === 'request.admitted' && what?.path === '/api/leads').length, 40)
  const asked = await runCli(['audit', 'query', '--kind', 'request.admitted', '--reason', 'both', '--config', place.configFile])
  t.equal(asked.out.trim().split('\n').filter(line => line.includes('"/api/leads"')).length, 40, 'questions go to both')
  t.equal((await runCli(['audit', 'verify', '--deep', '--reason', 'both', '--config', place.configFile])).code, 0)
})

t.test('a worker that is killed is replaced, the other goes on, and what it had open has its ending; a session that ends is dead in all within a second', async t => {
  const place = await createPlace(t)
  const gateway = await startGatewayProcess(place.configFile, { until: 'workers.started' })
  const pid = gateway.child.pid as number
  t.equal((await place.browser.submit(await place.browser.open(`${place.url}/leads`))).status, 200)
  // Event streams that stay open: some at each worker.
  const streams = Array.from({ length: 16 }, () => {
    const outgoing = request({ ...place.wire(), path: '/events', agent: false })
    const cut = new Promise<void>(resolve => { outgoing.on('response', message => { message.on('error', () => undefined); message.once('close', () => { resolve() }); message.resume() }) })
    outgoing.on('error', () => undefined)
    outgoing.end()
    return cut
  })
  await until(async () => [...(await place.health('/metrics')).text.matchAll(/^sallyport_exchanges_open\{worker="\d"\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0) >= 16)
  const before = findWorkers(pid)
  t.same([...before.keys()].sort(), [1, 2])
  process.kill(before.get(2) as number, 'SIGKILL')
  await until(() => { const now = findWorkers(pid).get(2); return now !== undefined && now !== before.get(2) })
  await until(async () => (await place.health('/ready')).text.includes('2 of 2'))
  t.equal(findWorkers(pid).get(1), before.get(1))
  t.same(new Set(await askOften(place, '/api/leads', 20)), new Set([200]), 'the session outlives the worker')
  const ended = (await place.trailOf('audit-2')).filter(event => event.kind === 'request.abandoned' && event.outcome?.reason === 'gateway.ended')
  t.ok(ended.length > 0, 'its open exchanges are ended')
  t.ok(gateway.log.some(line => line.includes('"msg":"worker.ended"') && line.includes('"worker":2')))

  const began = performance.now()
  t.equal((await runCli(['sessions', 'revoke', '--person', 'nurse-7', '--reason', 'left', '--config', place.configFile])).code, 0)
  await Promise.all(streams)
  t.ok(performance.now() - began < 10_000, 'the streams of both are cut')
  t.same(new Set(await askOften(place, '/api/leads', 20)), new Set([401]))
  t.equal(await gateway.stop(), 0)
})

t.test('fewer workers than before: the spool of one that is gone is ended by the next start', async t => {
  const place = await createPlace(t)
  const first = await startGatewayProcess(place.configFile, { until: 'workers.started' })
  for (const worker of findWorkers(first.child.pid as number).values()) process.kill(worker, 'SIGKILL')
  await first.kill()
  const { readFile, writeFile } = await import('node:fs/promises')
  await writeFile(place.configFile, (await readFile(place.configFile, 'utf8')).replace('workers: 2', 'workers: 1'))
  const second = await startGatewayProcess(place.configFile)
  t.equal(await second.stop(), 0)
  t.match((await place.trailOf('audit-2')).slice(-2), [{ kind: 'gateway.started', facts: { worker: 2, closing: true } }, { kind: 'gateway.stopped' }])
  t.equal((await runCli(['audit', 'verify', '--reason', 'fewer', '--config', place.configFile])).code, 0)
})

t.test('a worker that cannot start ends all, with its message; --worker by hand is refused', async t => {
  const place = await createPlace(t)
  const other = await startGatewayProcess(place.configFile, { until: 'workers.started' })
  await t.rejects(startGatewayProcess(place.configFile, { until: 'workers.started' }), { message: /ended with 1:[^]*(?:in use|already|lock)/i })
  t.equal(await other.stop(), 0)
  t.notOk(existsSync(join(place.directory, 'data', 'audit-3')))
  t.match(await runCli(['serve', '--worker', '2', '--config', place.configFile]), { code: 2, err: /^--worker is for the gateway itself/ })
})
