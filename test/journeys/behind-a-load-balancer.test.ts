import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** A PROXY protocol v2 header: TCP over IPv4 from `source`. */
function proxyHeader (source: readonly number[]): Buffer {
  const rest = Buffer.from([...source, 127, 0, 0, 1, 0x30, 0x39, 0x20, 0xfb])
  const head = Buffer.from([0x21, 0x11, 0, rest.length])
  return Buffer.concat([signature, head, rest])
}

async function connect (journey: Journey, first?: Buffer): Promise<Socket> {
  const socket = connectTcp(journey.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  if (first !== undefined) socket.write(first)
  return socket
}

async function ask (journey: Journey, socket: Socket, path: string): Promise<string> {
  const tls = connectTls({ socket, servername: 'crm.clinic.test', ca: journey.authority.caPem })
  tls.on('error', () => undefined)
  tls.write(`GET ${path} HTTP/1.1\r\nHost: ${journey.host}\r\nConnection: close\r\n\r\n`)
  let text = ''
  tls.on('data', chunk => { text += String(chunk) })
  await new Promise(resolve => { tls.on('close', resolve) })
  return text.split('\r\n')[0] ?? ''
}

t.test('PROXY protocol v2 from a trusted peer: its source is judged and recorded', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['clientIp'] = { allow: ['203.0.113.0/24'], proxyProtocolFrom: ['127.0.0.1'] } } })
  t.match(await ask(journey, await connect(journey, proxyHeader([203, 0, 113, 9])), '/a'), 'HTTP/1.1 401')
  t.match(await ask(journey, await connect(journey, proxyHeader([198, 51, 100, 9])), '/b'), 'HTTP/1.1 403')
  const denied = (await journey.trail()).filter(event => event.kind === 'request.denied')
  t.match(denied.find(event => event.what?.path === '/a'), { from: { address: '203.0.113.9', peer: '127.0.0.1' }, decision: { reason: 'session.missing' } })
  t.match(denied.find(event => event.what?.path === '/b'), { from: { address: '198.51.100.9', peer: '127.0.0.1' }, decision: { reason: 'clientIp.notAllowed' } })
  t.same(journey.crm.seen(), [])
})

t.test('a trusted peer without the header, and a stranger with one, get nowhere', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['clientIp'] = { allow: ['203.0.113.0/24', '127.0.0.2'], proxyProtocolFrom: ['127.0.0.1'] } } })
  const without = await connect(journey)
  t.equal(await ask(journey, without, '/'), '')
  const stranger = connectTcp({ port: journey.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  stranger.on('error', () => undefined)
  await once(stranger, 'connect')
  stranger.write(proxyHeader([203, 0, 113, 9]))
  t.equal(await ask(journey, stranger, '/'), '')
  const refused = (await journey.trail()).filter(event => event.kind === 'connection.refused')
  t.same(refused.map(event => event.decision?.reason).sort(), ['connection.proxyHeader', 'connection.tlsRefused'])
})

t.test('X-Forwarded-For from a trusted proxy: the right-most address that is no proxy; malformed is refused', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['clientIp'] = { allow: ['203.0.113.0/24'], trustedProxies: ['127.0.0.1'] } } })
  const browser = journey.browser()
  const status = async (value: string) => (await browser.fetch(`${journey.url}/api/leads`, { headers: { 'x-forwarded-for': value } })).status
  t.equal(await status('203.0.113.9'), 401)
  t.equal(await status('203.0.113.9, 198.51.100.1'), 403, 'the client wrote the left one')
  t.equal(await status('198.51.100.1, 203.0.113.9'), 401)
  for (const bad of ['203.0.113.9:443', '203.0.113.009', '0xcb007109', '3405803785', 'unknown', '203.0.113.9,,', '::ffff:203.0.113.9%1']) t.equal(await status(bad), 403, bad)
  t.equal(await status('::ffff:203.0.113.9'), 401, 'IPv4-mapped is the same address')
  t.same(journey.crm.seen(), [])
})
