// OpenTelemetry traces at a collector of the test: what they say of a request, that the CRM continues them, and that nothing of a patient is in them.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { advanceWhile, startJourney, type Journey } from '../support/journey.ts'
import { startUpstream } from '../support/upstream.ts'

interface Told {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly kind: number
  readonly status: number | undefined
  readonly facts: Readonly<Record<string, unknown>>
}

interface OtlpSpan extends Omit<Told, 'facts' | 'status'> {
  readonly status?: { readonly code?: number }
  readonly attributes: ReadonlyArray<{ readonly key: string, readonly value: Readonly<Record<string, unknown>> }>
}

interface Otlp { readonly resourceSpans: ReadonlyArray<{ readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly OtlpSpan[] }> }> }

async function startCollector (t: Test) {
  const bodies: string[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    headers.push(request.headers)
    let body = ''
    request.setEncoding('utf8').on('data', chunk => { body += String(chunk) }).on('end', () => { bodies.push(body); response.end('{}') })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const sent = () => bodies.flatMap(body => (JSON.parse(body) as Otlp).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(scope => scope.spans)))
  const spans = (): readonly Told[] => sent().map(span => ({
    ...span,
    status: span.status?.code,
    facts: Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
  }))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies, headers, spans }
}

async function startTraced (t: Test, more: object = {}) {
  const collector = await startCollector(t)
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  const journey = await startJourney(t, {
    configure (draft) {
      draft['upstream'] = { url: crm.url }
      draft['access'] = { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'], deny: ['* /admin/**'] } } }
      draft['operations'] = { traces: { endpoint: collector.url, ...more } }
    },
  })
  const browser = journey.browser()
  await journey.signIn(browser)
  crm.received.length = 0
  return { collector, crm, journey, browser }
}

const stop = async (journey: Journey) => { await advanceWhile(journey.gateway.close(), journey.clock) }

/** The gateway sends what is waiting when it stops. */
async function spansOf (journey: Journey, collector: Awaited<ReturnType<typeof startCollector>>, request: (facts: Told['facts']) => boolean) {
  await stop(journey)
  const spans = collector.spans()
  return spans.filter(({ parentSpanId, facts }) => (parentSpanId ?? '') === '' && request(facts)).map(root => ({ root, steps: spans.filter(({ parentSpanId }) => parentSpanId === root.spanId) }))
}

t.test('a request is a trace with its judgement and the CRM in it, and the CRM continues it', async t => {
  const { collector, crm, journey, browser } = await startTraced(t)
  const answer = await browser.fetch(`${journey.url}/patients/4711?q=Smith`, { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' } })
  t.equal(answer.status, 200)
  const sent = crm.received.at(-1)?.headers
  t.notOk(sent?.['tracestate'], 'the one that a client sends does not pass')
  // The first is the page after the sign-in.
  const [, trace] = await spansOf(journey, collector, facts => facts['sallyport.class'] === 'read' && facts['sallyport.ending'] === 'request.completed')
  t.match(trace?.root, { name: 'GET read', kind: 2, facts: { 'http.request.method': 'GET', 'http.response.status_code': 200, 'network.protocol.version': '1.1' } })
  t.match(String(trace?.root.facts['sallyport.request']), /^[\w-]{10,}$/)
  t.match(trace?.steps.map(({ name, kind }) => [name, kind]).sort(), [['crm', 3], ['judge', 1]])
  const called = trace?.steps.find(({ name }) => name === 'crm')
  t.equal(sent?.['traceparent'], `00-${called?.traceId}-${called?.spanId}-01`)
  t.not(called?.traceId, 'a'.repeat(32), 'nobody decides from outside what is traced')
})

t.test('nothing of a patient, a person or a place is in them', async t => {
  const { collector, journey, browser } = await startTraced(t)
  const canary = randomBytes(8).toString('hex')
  await browser.fetch(`${journey.url}/patients/${canary}?name=${canary}`, { method: 'POST', body: canary, headers: { 'user-agent': canary, 'x-note': canary, traceparent: canary, origin: journey.url } })
  await browser.fetch(`${journey.url}/admin/${canary}`)
  await browser.fetch(`${journey.url}/${canary}/../${canary}`, { method: 'PURGE' })
  await stop(journey)
  const told = collector.bodies.join('\n')
  t.match(told, 'sallyport.request')
  for (const word of [canary, 'nurse-1', 'clinic.example', '127.0.0.1', 'admin', 'PURGE']) t.notMatch(told, word)
})

t.test('what was refused is told with its reason, a WebSocket as a socket, a CRM that is away as a failure', async t => {
  const { collector, crm, journey, browser } = await startTraced(t)
  t.equal((await browser.fetch(`${journey.url}/admin/users`)).status, 403)
  t.equal(crm.received.length, 0)
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const parent = crm.received.at(-1)?.headers['traceparent']
  socket.close()
  await once(socket, 'close')
  await crm.close()
  t.equal((await browser.fetch(`${journey.url}/leads`)).status, 502)
  const traces = await spansOf(journey, collector, facts => facts['sallyport.class'] !== 'own')
  const find = (key: string, value: string) => traces.find(({ root }) => root.facts[key] === value)
  t.match(find('error.type', 'access.notAllowed'), { root: { name: 'GET read', facts: { 'sallyport.ending': 'request.denied', 'http.response.status_code': 403 } }, steps: [{ name: 'judge' }] })
  const live = find('sallyport.class', 'socket')
  t.match(live?.root.facts, { 'http.response.status_code': 101 })
  t.equal(String(parent).split('-')[2], live?.steps.find(({ name }) => name === 'crm')?.spanId)
  t.match(find('sallyport.ending', 'request.failed'), { root: { status: 2, facts: { 'error.type': /^forward\./, 'http.response.status_code': 502 } } })
})

t.test('continueClients goes on with the trace of who came before; share: 0 traces nothing and says so to the CRM', async t => {
  const token = join(t.testdir({ token: 'Bearer invented' }), 'token')
  const continued = await startTraced(t, { continueClients: true, authorization: { file: token } })
  await continued.browser.fetch(`${continued.journey.url}/leads`, { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } })
  t.match(continued.crm.received.at(-1)?.headers['traceparent'], /^00-a{32}-[0-9a-f]{16}-01$/)
  await stop(continued.journey)
  t.ok(continued.collector.spans().some(({ traceId, parentSpanId, name }) => traceId === 'a'.repeat(32) && parentSpanId === 'b'.repeat(16) && name === 'GET read'))
  t.equal(continued.collector.headers[0]?.['authorization'], 'Bearer invented')

  const none = await startTraced(t, { share: 0 })
  await none.browser.fetch(`${none.journey.url}/leads`)
  t.match(none.crm.received.at(-1)?.headers['traceparent'], /-00$/)
  await stop(none.journey)
  t.same(none.collector.spans(), [])
})

t.test('a collector that is away holds up nobody', async t => {
  const { journey, browser } = await startTraced(t, { endpoint: 'http://127.0.0.1:1/v1/traces' })
  t.equal((await browser.fetch(`${journey.url}/leads`)).status, 200)
  await stop(journey)
})
