// Bodies and answers of every size through an opened connection, over HTTP/1.1 and HTTP/2, and clients that go away or say two things.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { advanceWhile } from '../support/journey.ts'
import { until } from '../support/outbound-place.ts'
import { openThrough } from '../support/proxy-client.ts'
import { startProxy } from '../support/proxy-place.ts'
import { runClient } from '../support/run-client.ts'

const place = await startProxy(t)
const target = `api.vendor.test:${place.api.port}`
const curl = async (body: string, args: readonly string[]) =>
  await runClient('curl', ['--silent', '--show-error', '--output', '/dev/null', '--write-out', '%{http_code} %{size_download}', ...args, '--header', 'Content-Type: application/json', '--data-binary', '@-', `https://${target}/v1/leads`], { env: place.env, input: body })

async function openHttp2 (): Promise<ClientHttp2Session> {
  const socket = await openThrough(place.port, target)
  const secure = connectTls({ socket, ca: readFileSync(place.trustFile, 'utf8'), servername: 'api.vendor.test', ALPNProtocols: ['h2'] })
  await once(secure, 'secureConnect')
  const session = connectHttp2(`https://${target}`, { createConnection: () => secure })
  session.on('error', () => { /* told by its end */ })
  return session
}

async function ask (session: ClientHttp2Session, headers: Readonly<Record<string, string>>, body?: string): Promise<number> {
  const stream = session.request(headers, { endStream: body === undefined })
  const status = new Promise<number>(resolve => {
    stream.on('response', (answer: IncomingHttpHeaders) => { resolve(Number(answer[':status'])) })
    stream.on('error', () => { resolve(0) })
  })
  stream.resume()
  if (body !== undefined) stream.end(body)
  return await status
}

const json = { 'content-type': 'application/json' }

t.test('a body of almost the most that may be passes redacted, one byte more does not', async t => {
  const most = 1024 * 1024
  const fill = (length: number) => `{"status":"open","internal":"${'x'.repeat(length - 31)}"}`
  t.equal(fill(most).length, most)
  for (const version of ['--http1.1', '--http2']) {
    t.match((await curl(fill(most), [version])).out, /^200 2$/, version)
    t.match((await curl(fill(most + 1), [version])).out, /^413 /, version)
  }
  t.same(place.api.seen.map(({ body }) => body), ['{"status":"open","internal":"[redacted]"}', '{"status":"open","internal":"[redacted]"}'])
})

t.test('a large answer comes back whole', async t => {
  place.api.answer = () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'y'.repeat(8 * 1024 * 1024) })
  for (const version of ['--http1.1', '--http2']) t.equal((await curl('{}', [version])).out, `200 ${8 * 1024 * 1024}`, version)
  place.api.answer = () => ({ status: 200, body: 'ok' })
})

t.test('many requests at once in one HTTP/2 connection', async t => {
  const before = place.api.seen.length
  const session = await openHttp2()
  const asked = Array.from({ length: 30 }, async () => await ask(session, { ':method': 'POST', ':path': '/v1/leads', ...json }, '{"status":"open"}'))
  t.same(new Set(await Promise.all(asked)), new Set([200]))
  t.equal(place.api.seen.length - before, 30)
  session.close()
})

t.test('HTTP/2 says the same refusals', async t => {
  const before = place.api.seen.length
  const session = await openHttp2()
  const refused: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, string | undefined, number]> = [
    ['another authority', { ':method': 'POST', ':path': '/v1/leads', ':authority': 'files.vendor.test', ...json }, '{}', 421],
    ['another Host beside the authority', { ':method': 'POST', ':path': '/v1/leads', ':authority': target, host: 'files.vendor.test', ...json }, '{}', 421],
    ['another path', { ':method': 'POST', ':path': '/v1/people', ...json }, '{}', 403],
    ['a body with GET', { ':method': 'GET', ':path': '/v1/leads', ...json }, '{}', 400],
    ['CONNECT within', { ':method': 'CONNECT', ':authority': 'localhost:1' }, '', 403],
    ['no Content-Type', { ':method': 'POST', ':path': '/v1/leads' }, '{}', 415],
  ]
  for (const [name, headers, body, status] of refused) t.equal(await ask(session, headers, body), status, name)
  session.close()
  t.equal(place.api.seen.length, before)
})

t.test('a length that is not that of the body is refused', async t => {
  const before = place.api.seen.length
  const session = await openHttp2()
  t.not(await ask(session, { ':method': 'POST', ':path': '/v1/leads', 'content-length': '2', ...json }, '{"status":"open"}'), 200)
  session.destroy()
  t.equal(place.api.seen.length, before)
})

t.test('a CRM that goes away in the middle of a body', async t => {
  const before = place.api.seen.length
  const session = await openHttp2()
  const stream = session.request({ ':method': 'POST', ':path': '/v1/leads', ...json })
  stream.on('error', () => { /* it goes away */ })
  stream.write('{"status":')
  await until(async () => (await place.journey.trail()).some(({ kind }) => kind === 'connection.opened'))
  session.destroy()
  await until(async () => (await place.journey.trail()).some(({ decision }) => decision?.reason === 'proxy.brokenOff'))
  t.equal(place.api.seen.length, before)
})

t.test('a host that does not answer', async t => {
  place.api.answer = async () => await new Promise(() => { /* never */ })
  const { out } = await advanceWhile(curl('{}', []), place.journey.clock)
  t.match(out, /^504 /)
  t.ok((await place.journey.trail()).some(({ kind, outcome }) => kind === 'message.failed' && outcome?.reason === 'delivery.tooSlow'))
})
