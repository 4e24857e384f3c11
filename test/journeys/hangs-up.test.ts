import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { createServer } from 'node:http'
import { request } from 'node:https'
import t from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'

type Trail = Awaited<ReturnType<Journey['trail']>>

/** The trail once the exchange of a path has ended; bounded, real sockets close in real time. */
async function trailWithEnding (journey: Journey, path: string): Promise<{ readonly trail: Trail, readonly ending: Trail[number] | undefined }> {
  for (let tries = 0; ; tries += 1) {
    const trail = await journey.trail()
    const admitted = trail.find(event => event.kind === 'request.admitted' && event.what?.path === path)
    const ending = trail.find(event => event.id === admitted?.id && event.kind !== 'request.admitted')
    if (ending !== undefined || tries > 100) return { trail, ending }
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
}

t.test('a client that hangs up in the middle of a POST is still on record, with one ending', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const outgoing = request({
    host: '127.0.0.1',
    port: journey.port,
    path: '/api/files',
    method: 'POST',
    servername: 'crm.clinic.test',
    ca: journey.authority.caPem,
    agent: false,
    headers: { host: journey.host, cookie: browser.cookies('crm.clinic.test'), 'content-type': 'application/octet-stream', 'content-length': 1_000_000 },
  })
  outgoing.on('error', () => undefined)
  outgoing.write(Buffer.alloc(10_000))
  while (!journey.crm.seen().some(seen => seen.url === '/api/files')) await new Promise(resolve => { setTimeout(resolve, 5) })
  outgoing.destroy()
  const { trail, ending } = await trailWithEnding(journey, '/api/files')
  t.match(ending, { kind: 'request.abandoned', outcome: { source: 'client', reason: 'inbound.clientGone' } })
  const id = ending?.id
  t.equal(trail.filter(event => event.id === id && event.kind !== 'request.admitted').length, 1)
})

t.test('a client that hangs up in the middle of a download: abandoned, over HTTP/1.1 and HTTP/2', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const cookie = browser.cookies('crm.clinic.test')
  const outgoing = request({
    host: '127.0.0.1', port: journey.port, path: '/api/files/100MiB', servername: 'crm.clinic.test', ca: journey.authority.caPem, agent: false, headers: { host: journey.host, cookie },
  }).end()
  const [message] = await once(outgoing, 'response')
  await once(message, 'data')
  message.destroy()
  t.match((await trailWithEnding(journey, '/api/files/100MiB')).ending, { kind: 'request.abandoned' })

  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  t.teardown(() => session.destroy())
  const stream = session.request({ ':path': '/api/files/99MiB', ':authority': journey.host, cookie })
  await once(stream, 'data')
  stream.close(8)
  t.match((await trailWithEnding(journey, '/api/files/99MiB')).ending, { kind: 'request.abandoned' })
  const whole = session.request({ ':path': '/api/leads', ':authority': journey.host, cookie })
  let body = ''
  whole.setEncoding('utf8')
  for await (const chunk of whole) body += chunk
  t.match((await trailWithEnding(journey, '/api/leads')).ending, { kind: 'request.completed', outcome: { status: 200, bytesOut: Buffer.byteLength(body) } })
})

t.test('a CRM that is down: 502 page, failed with its source; the CRM that comes back works', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: 'http://127.0.0.1:9' } } })
  const browser = journey.browser()
  const page = await journey.signIn(browser, { path: '/leads' })
  t.equal(page.status, 502)
  t.match(page.body, /<h1/)
  const { ending } = await trailWithEnding(journey, '/leads')
  t.match(ending, { kind: 'request.failed', outcome: { status: 502, source: 'upstream', reason: 'forward.unreachable' } })
})

t.test('a CRM that breaks off in the middle of its answer: failed, and the CRM is named as the source', async t => {
  const crm = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 100_000 })
    response.write('x'.repeat(1000), () => { response.destroy() })
  }).listen(0, '127.0.0.1')
  await once(crm, 'listening')
  t.teardown(() => crm.close())
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: `http://127.0.0.1:${(crm.address() as { port: number }).port}` } } })
  const browser = journey.browser()
  await journey.signIn(browser).catch(() => undefined)
  await t.rejects(browser.fetch(`${journey.url}/report`), 'a cut answer does not look whole')
  t.match((await trailWithEnding(journey, '/report')).ending, { kind: 'request.failed', outcome: { source: 'upstream', reason: 'forward.answerCut' } })
})
