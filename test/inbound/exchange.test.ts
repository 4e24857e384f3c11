import { once } from 'node:events'
import { createServer as createHttp1 } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import { connect } from 'node:net'
import t from 'tap'
import type { AuditEvent } from '../../src/audit/audit.ts'
import type { Known } from '../../src/inbound/describe.ts'
import { CountedHttp2Response, CountedResponse } from '../../src/inbound/counted-response.ts'
import { openExchange } from '../../src/inbound/exchange.ts'
import type { InboundRooms } from '../../src/inbound/rooms.ts'
import { createMetrics } from '../../src/shared/metrics.ts'
import { createMovableClock } from '../support/clock.ts'

const known: Known = { id: 'x', time: 0, client: { address: '127.0.0.1', peer: '127.0.0.1' }, method: 'GET', protocol: '1.1', host: undefined, userAgent: undefined, wireTarget: '/' }

function rooms (noted: AuditEvent[]) {
  return { clock: createMovableClock(1000), metrics: createMetrics(), audit: { note (event: AuditEvent) { noted.push(event) } } } as unknown as InboundRooms
}

t.test('a client that is gone before the exchange begins: one abandoned ending, over at once (HTTP/1.1)', async t => {
  const noted: AuditEvent[] = []
  const server = createHttp1({ ServerResponse: CountedResponse }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const [, response] = await once(server, 'request') as [unknown, CountedResponse]
  socket.destroy()
  await once(response, 'close')
  const exchange = openExchange(known, response, { rooms: rooms(noted), trace: undefined })
  t.ok(exchange.isOver)
  t.match(noted, [{ kind: 'request.abandoned', id: 'x' }])
  t.equal(noted.length, 1)
})

t.test('the same over HTTP/2', async t => {
  const noted: AuditEvent[] = []
  const server = createHttp2({ Http2ServerResponse: CountedHttp2Response }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
  t.teardown(() => session.destroy())
  const stream = session.request({ ':path': '/' })
  const [, response] = await once(server, 'request') as [unknown, CountedHttp2Response]
  stream.close(8)
  await once(response, 'close')
  const exchange = openExchange(known, response, { rooms: rooms(noted), trace: undefined })
  t.ok(exchange.isOver)
  t.match(noted, [{ kind: 'request.abandoned', id: 'x' }])
})

t.test('a whole answer is completed with its bytes, once', async t => {
  const noted: AuditEvent[] = []
  const server = createHttp1({ ServerResponse: CountedResponse }, (_request, response) => {
    const exchange = openExchange(known, response, { rooms: rooms(noted), trace: undefined })
    t.notOk(exchange.isOver)
    response.write('hello ')
    response.end(Buffer.from('world'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
  t.equal(await answer.text(), 'hello world')
  server.close()
  await once(server, 'close')
  t.match(noted, [{ kind: 'request.completed', outcome: { status: 200, bytesOut: 11 } }])
  t.equal(noted.length, 1)
})
