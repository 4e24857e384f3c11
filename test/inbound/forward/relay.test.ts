// WebSockets through the gateway: the handshake is checked on both sides, bytes pass as they are, and every end is told once.
import t from 'tap'
import { once } from 'node:events'
import { createMovableClock } from '../../support/clock.ts'
import { startRawUpstream, startUpstream } from '../../support/upstream.ts'
import { eventually, handshake, openRaw, openWebSocket } from './clients.ts'
import { setUp, setUpBefore, type ForwardAppOptions } from './forward-app.ts'

t.test('messages of every size and kind pass both ways and are counted', async t => {
  const { app } = await setUp(t)
  const client = openWebSocket(app, { perMessageDeflate: true, maxPayload: 64 * 1024 * 1024 })
  await once(client, 'open')
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 8 * 1024 * 1024]
  for (const size of sizes) {
    const echoed = once(client, 'message')
    client.send(Buffer.alloc(size, 5))
    const [data, isBinary] = await echoed as [Buffer, boolean]
    t.equal(data.length, size)
    t.ok(isBinary)
  }
  const text = once(client, 'message')
  client.send('Grüße')
  t.equal(String((await text)[0]), 'Grüße')
  const pong = once(client, 'pong')
  client.ping('still there?')
  t.equal(String((await pong)[0]), 'still there?')
  client.close(1000, 'done')
  const [code, reason] = await once(client, 'close')
  t.equal(code, 1000)
  t.equal(String(reason), 'done')
  await eventually(() => app.relays[0]?.finished.length === 1)
  const [result] = app.relays[0]?.finished ?? []
  t.same(app.relays[0]?.answered, [101])
  t.equal(result?.failure, undefined)
  t.match(result, { messagesIn: sizes.length + 1, messagesOut: sizes.length + 1 })
  t.ok((result?.bytesIn ?? 0) > 0 && (result?.bytesOut ?? 0) > 0)
})

t.test('the protocol that the CRM chose reaches the browser, and exactly the canonical target the CRM', async t => {
  const { app, upstream } = await setUp(t, { context: { href: '/live?room=%41' } })
  const client = openWebSocket(app, { protocols: ['chat', 'phone'] })
  await once(client, 'open')
  t.equal(client.protocol, 'chat')
  t.equal(upstream.received[0]?.target, '/live?room=%41')
  client.terminate()
})

t.test('what the CRM sends right behind its 101 is not lost', async t => {
  const app = await setUpBefore(t, await startRawUpstream((socket, request) => {
    const accept = handshake.acceptOf(/sec-websocket-key: (.*)\r\n/i.exec(request)?.[1] ?? '')
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`), Buffer.from([0x81, 2, 0x68, 0x69])]))
  }))
  const client = openWebSocket(app)
  t.equal(String((await once(client, 'message'))[0]), 'hi')
  client.terminate()
})

t.test('a client that does not read holds the CRM back', async t => {
  const { app, upstream } = await setUp(t)
  const size = 96
  let sent = 0
  upstream.onSocket(socket => {
    const send = () => { if (sent < size) { sent += 1; socket.send(Buffer.alloc(1024 * 1024), () => { setImmediate(send) }) } }
    send()
  })
  const client = openWebSocket(app, { perMessageDeflate: false })
  await once(client, 'open')
  client.pause()
  let before = -1
  while (before !== sent) {
    before = sent
    for (let turn = 0; turn < 300; turn++) await new Promise(resolve => { setImmediate(resolve) })
  }
  t.ok(sent < size / 2, `the CRM could send ${sent} MiB`)
  let got = 0
  client.on('message', () => { got += 1 })
  client.resume()
  await eventually(() => got === size)
  client.terminate()
})

t.test('the CRM\'s refusal passes with its content, clean, and the connection ends', async t => {
  const { app, upstream } = await setUp(t)
  upstream.onUpgrade((_request, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nset-cookie: __Host-sallyport=evil\r\nset-cookie: crm=1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nno no\r\n0\r\n\r\n')
  })
  const client = await openRaw(app)
  client.socket.write(handshake())
  const text = await client.ended()
  t.match(text, /^HTTP\/1\.1 403 Forbidden\r\n[^]*content-length: 5\r\nconnection: close\r\n\r\nno no$/)
  t.match(text, /set-cookie: crm=1; Secure/)
  t.notMatch(text, /sallyport|transfer-encoding/)
  t.match(app.relays[0], { answered: [403], finished: [{ bytesIn: 0, bytesOut: 5, failure: undefined }] })
})

const accepting = (request: string, change: (head: string) => string) => {
  const accept = handshake.acceptOf(/sec-websocket-key: (.*)\r\n/i.exec(request)?.[1] ?? '')
  return change(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`)
}
const untrue = [
  ['a wrong accept', (head: string) => head.replace(/accept: .*/, 'accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
  ['no accept', (head: string) => head.replace(/sec-websocket-accept: .*\r\n/, '')],
  ['another protocol', (head: string) => head.replace('websocket', 'h2c')],
  ['a refusal without an end', () => `HTTP/1.1 403 No\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(100_000)}`],
  ['half a refusal', () => 'HTTP/1.1 403 No\r\ncontent-length: 10\r\n\r\nx'],
  ['no HTTP', () => 'hello\r\n\r\n'],
  ['nothing', () => ''],
] as const

for (const [name, change] of untrue) {
  t.test(`not a true answer to the handshake: ${name}`, async t => {
    const app = await setUpBefore(t, await startRawUpstream((socket, request) => { socket.end(accepting(request, change)) }))
    const client = await openRaw(app)
    client.socket.write(handshake())
    t.match(await client.ended(), /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*"code":"forward\.badAnswer"[^]*"requestId":"upgrade-1"/)
    t.match(app.relays[0], { answered: [], finished: [{ failure: { code: 'forward.badAnswer', source: 'upstream' } }] })
  })
}

const malformed = [
  ['another protocol', (text: string) => text.replace('websocket', 'h2c')],
  ['two protocols', (text: string) => text.replace('websocket', 'websocket, h2c')],
  ['version 8', (text: string) => text.replace('Version: 13', 'Version: 8')],
  ['no version', (text: string) => text.replace(/Sec-WebSocket-Version: 13\r\n/, '')],
  ['no key', (text: string) => text.replace(/Sec-WebSocket-Key: .*\r\n/, '')],
  ['a short key', (text: string) => text.replace(/Key: .*\r\n/, 'Key: YWJj\r\n')],
  ['two keys', (text: string) => text.replace(/(Sec-WebSocket-Key: .*\r\n)/, '$1$1')],
  ['POST', (text: string) => text.replace('GET', 'POST')],
  ['content', (text: string) => text.replace('Upgrade: websocket', 'Content-Length: 0\r\nUpgrade: websocket')],
  ['HTTP/1.0', (text: string) => text.replace('HTTP/1.1', 'HTTP/1.0')],
] as const

for (const [name, change] of malformed) {
  t.test(`a malformed handshake never reaches the CRM: ${name}`, async t => {
    const { app, upstream } = await setUp(t)
    const client = await openRaw(app)
    client.socket.write(change(handshake()))
    t.match(await client.ended(), /^HTTP\/1\.1 4\d\d /)
    t.equal(upstream.received.length, 0)
    t.ok(app.relays.every(({ finished }) => (finished[0]?.failure as { code?: string } | undefined)?.code === 'forward.notWebSocket'))
  })
}

async function refusedBy (t: Parameters<typeof setUp>[0], upstream: { readonly url: string, close(): Promise<void> }, options: Omit<ForwardAppOptions, 'upstream'>, advanceMs: number) {
  const clock = createMovableClock()
  const app = await setUpBefore(t, upstream, { ...options, deps: { clock } })
  const client = await openRaw(app)
  client.socket.write(handshake())
  // The timer exists only once the handshake has crossed real sockets.
  for (let round = 0; round < 5000 && !client.socket.destroyed; round++) await clock.advance(advanceMs)
  return { text: await client.ended(), app }
}

t.test('a CRM that does not answer in time is 504', async t => {
  const upstream = await startUpstream()
  upstream.onUpgrade(() => { /* never */ })
  const { text, app } = await refusedBy(t, upstream, { config: { connectTimeout: '1000s', answerTimeout: '10s' } }, 100)
  t.match(text, /^HTTP\/1\.1 504 [^]*forward\.answerTimeout/)
  t.equal(app.relays[0]?.finished.length, 1)
})

t.test('one that does not finish connecting is 504', async t => {
  // It takes the connection and never speaks TLS.
  const upstream = await startRawUpstream(() => { /* never */ })
  const { text } = await refusedBy(t, { url: upstream.url.replace('http:', 'https:'), close: () => upstream.close() }, { config: { connectTimeout: '10s', answerTimeout: '1000s' } }, 100)
  t.match(text, /^HTTP\/1\.1 504 [^]*forward\.connectTimeout/)
})

t.test('one that is not there is 502', async t => {
  const upstream = await startUpstream()
  const app = await setUpBefore(t, { url: upstream.url, close: async () => { /* closed already */ } })
  await upstream.close()
  const client = await openRaw(app)
  client.socket.write(handshake())
  t.match(await client.ended(), /^HTTP\/1\.1 502 [^]*forward\.unreachable/)
})

t.test('half of a connection left open ends after a while', async t => {
  const clock = createMovableClock()
  const upstream = await startRawUpstream((socket, request) => { socket.write(accepting(request, head => head)) })
  const app = await setUpBefore(t, upstream, { deps: { clock } })
  const client = await openRaw(app)
  client.socket.write(handshake())
  await client.until(/\r\n\r\n$/)
  client.socket.end()
  for (let turn = 0; turn < 200; turn++) await new Promise(resolve => { setImmediate(resolve) })
  await clock.advance(10_000)
  await client.ended()
  await eventually(() => app.relays[0]?.finished.length === 1)
  t.equal(app.relays[0]?.finished[0]?.failure, undefined)
})

t.test('closing the room says that it goes away', async t => {
  const { app } = await setUp(t)
  const client = openWebSocket(app)
  await once(client, 'open')
  const closed = once(client, 'close')
  await app.room.close()
  t.equal((await closed)[0], 1001)
  await eventually(() => app.relays[0]?.finished.length === 1)
})
