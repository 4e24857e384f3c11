// Event streams and long answers that were silent for 300 s died in undici, and were held back until enough had come.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { openHttp2 } from '../inbound/forward/clients.ts'
import { setUp, type ForwardApp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const optionsFor = (app: ForwardApp): RequestOptions => ({ host: '127.0.0.1', port: app.port, servername: 'localhost', ca: app.authority.caPem, agent: false, path: '/events' })

testBothWays('headers come before any event, and the first event before the second is sent', async t => {
  const { app, upstream } = await setUp(t)
  let stream: ServerResponse | undefined
  upstream.answer((_request, response) => {
    stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
  })
  const call = requestHttps(optionsFor(app)).end()
  const [answer] = await once(call, 'response')
  t.equal(answer.headers['content-type'], 'text/event-stream', 'headers are here, no event was sent yet')
  for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
    stream?.write(text)
    t.equal(String((await once(answer, 'data'))[0]), text)
  }
  stream?.end()
  await once(answer, 'end')
})

testBothWays('over HTTP/2 too', async t => {
  const { app, upstream } = await setUp(t)
  let stream: ServerResponse | undefined
  upstream.answer((_request, response) => {
    stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
  })
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const call = session.request({ ':path': '/events' })
  const [headers] = await once(call, 'response')
  t.equal(headers[':status'], 200)
  for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
    stream?.write(text)
    t.equal(String((await once(call, 'data'))[0]), text)
  }
  call.close()
  await once(call, 'close')
})

testBothWays('no call carries a limit on silence between parts of its answer, and the limit on answer headers does not reach into it', async t => {
  const seen: { bodyTimeout?: number | null, headersTimeout?: number | null }[] = []
  const watch = (message: unknown) => { seen.push((message as { request: (typeof seen)[number] }).request) }
  subscribe('undici:request:create', watch)
  t.teardown(() => { unsubscribe('undici:request:create', watch) })
  const { app, upstream } = await setUp(t, { config: { answerTimeout: '200ms' } })
  let stream: ServerResponse | undefined
  upstream.answer((_request, response) => {
    stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
  })
  const call = requestHttps(optionsFor(app)).end()
  const [answer] = await once(call, 'response')
  t.match(seen, [{ bodyTimeout: 0 }], 'silence has no limit')
  // A second call that is never answered measures the time: when it is given up, the stream has been silent for longer than answerTimeout.
  upstream.answer(() => { /* never */ })
  const silent = requestHttps(optionsFor(app)).end()
  t.equal((await once(silent, 'response'))[0].statusCode, 504)
  stream?.write('data: late\n\n')
  t.equal(String((await once(answer, 'data'))[0]), 'data: late\n\n')
  call.destroy()
})
