// The health listener alone: what it says of its parts, and that it says nothing else.
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { createHealthListener, type Readiness } from '../../src/health/health.ts'
import { createMetrics } from '../../src/shared/metrics.ts'

async function start (t: Test, parts: Readonly<Record<string, () => Readiness>>) {
  const metrics = createMetrics()
  const health = createHealthListener({ host: '127.0.0.1', port: 0 }, { metrics, parts })
  const { port } = await health.listen()
  t.teardown(() => health.close())
  return { metrics, ask: (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init) }
}

t.test('/ready asks every part anew each time; one that is not ok is 503 with its sentence', async t => {
  const disk: { ok: boolean, detail: string } = { ok: true, detail: 'recording' }
  const { ask } = await start(t, { gateway: () => ({ ok: true, detail: 'open' }), audit: () => ({ ...disk }) })
  const ready = await ask('/ready')
  t.equal(ready.status, 200)
  t.equal(ready.headers.get('cache-control'), 'no-store')
  t.same(await ready.json(), { status: 'ready', parts: [{ name: 'gateway', ok: true, detail: 'open' }, { name: 'audit', ok: true, detail: 'recording' }] })
  Object.assign(disk, { ok: false, detail: 'The disk is full.' })
  const not = await ask('/ready')
  t.equal(not.status, 503)
  t.same(await not.json(), { status: 'not ready', parts: [{ name: 'gateway', ok: true, detail: 'open' }, { name: 'audit', ok: false, detail: 'The disk is full.' }] })
  t.equal((await ask('/live')).status, 200, 'alive all the same: a restart would not give it a disk')
  Object.assign(disk, { ok: true })
  t.equal((await ask('/ready')).status, 200)
})

t.test('a part that breaks is not ready, and its error\'s text is not told', async t => {
  const { ask } = await start(t, { gateway: () => { throw new Error('Zyxwina 000-12-3456') } })
  const answer = await ask('/ready')
  t.ok(answer.status >= 500)
  t.notMatch(await answer.text(), /Zyxwina|000-12/)
})

t.test('there is nothing else: other paths are 404, other methods change nothing', async t => {
  const { ask } = await start(t, {})
  for (const path of ['/', '/health', '/ready/x', '/metrics/../live%00', '/_sallyport/sign-in']) t.equal((await ask(path)).status, 404, path)
  t.equal((await ask('/ready', { method: 'POST' })).status, 404)
  t.same(await (await ask('/live')).json(), { status: 'live' })
})

t.test('/metrics is the Prometheus text form of what was counted', async t => {
  const { metrics, ask } = await start(t, {})
  metrics.exchangeOpened()
  metrics.exchangeOpened()
  metrics.exchangeClosed('read', { ending: 'request.completed', status: 204, durationMs: 7 })
  metrics.denied('access.notAllowed')
  metrics.gate(3)
  metrics.connectionRefused('clientIp.notAllowed')
  metrics.sessionEnded('idle')
  metrics.gauge('sallyport_test', 'A test.', () => 42)
  const answer = await ask('/metrics')
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).split('\n')
  for (const line of [
    'sallyport_exchanges_open 1',
    'sallyport_exchanges_total{class="read",ending="request.completed",status="2xx"} 1',
    'sallyport_exchange_seconds_bucket{le="0.005",class="read"} 0',
    'sallyport_exchange_seconds_bucket{le="0.02",class="read"} 1',
    'sallyport_refusals_total{reason="access.notAllowed"} 1',
    'sallyport_audit_gate_seconds_bucket{le="0.001"} 0',
    'sallyport_audit_gate_seconds_bucket{le="0.005"} 1',
    'sallyport_connections_refused_total{reason="clientIp.notAllowed"} 1',
    'sallyport_sessions_ended_total{cause="idle"} 1',
    'sallyport_test 42',
  ]) t.ok(lines.includes(line), line)
})

t.test('a scraper that stopped in the middle of its request does not hold the process', async t => {
  const health = createHealthListener({ host: '127.0.0.1', port: 0 }, { metrics: createMetrics(), parts: {} })
  const { port } = await health.listen()
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  silent.write('GET /live HTTP/1.1\r\nhost: ')
  // Its first bytes are there before the listener closes.
  t.equal((await fetch(`http://127.0.0.1:${port}/live`)).status, 200)
  const gone = once(silent, 'close')
  const began = performance.now()
  await health.close()
  await gone
  t.ok(performance.now() - began < 20_000, 'not after the half minute and more in which Node.js looks for such requests')
})
