// What the forward proxy refuses: the CRM reads why, it is on record, and the host saw nothing.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { advanceWhile } from '../support/journey.ts'
import { lead, until } from '../support/outbound-place.ts'
import { basic, connectLine, openThrough, sayInside, sayToProxy } from '../support/proxy-client.ts'
import { proxyPassword, startProxy, type ProxyPlace } from '../support/proxy-place.ts'
import { runClient } from '../support/run-client.ts'

const place = await startProxy(t)
const sawNothing = () => place.api.seen.length + place.files.seen.length + place.unknown.seen.length === 0
const reasonsOf = async (from: ProxyPlace = place) => (await from.journey.trail()).flatMap(({ decision, outcome }) => [decision?.reason, outcome?.reason])
const api = () => `api.vendor.test:${place.api.port}`
const ca = () => readFileSync(place.trustFile, 'utf8')
const insideAs = async (text: string, name: string | undefined) => await sayInside(place.port, { target: api(), name, text, ca: ca() })
const inside = async (text: string) => await insideAs(text, 'api.vendor.test')
const post = (extra: string, body = '{"status":"open"}', target = '/v1/leads') => `POST ${target} HTTP/1.1\r\nHost: ${api()}\r\nContent-Type: application/json\r\n${extra}Connection: close\r\n\r\n${body}`

t.test('a connection that may not be', async t => {
  const plain = `GET http://localhost:${place.unknown.port}/ HTTP/1.1\r\nHost: localhost\r\n`
  const known = `Proxy-Authorization: ${basic(proxyPassword)}\r\n`
  const refused: ReadonlyArray<readonly [string, string, number, string]> = [
    ['without the password', connectLine(api(), ''), 407, 'proxy.notSignedIn'],
    ['with another password', connectLine(api(), basic('another')), 407, 'proxy.notSignedIn'],
    ['with the password twice', connectLine(api(), `${basic(proxyPassword)}\r\nProxy-Authorization: ${basic(proxyPassword)}`), 407, 'proxy.notSignedIn'],
    ['to a blocked host', connectLine('ads.vendor.test:443'), 403, 'proxy.blocked'],
    ['to an unknown host', connectLine(`localhost:${place.unknown.port}`), 403, 'proxy.unknownHost'],
    ['to another port', connectLine('api.vendor.test:22'), 403, 'proxy.port'],
    ['to an address', connectLine(`127.0.0.1:${place.unknown.port}`), 403, 'proxy.address'],
    ['to an IPv6 address', connectLine(`[::1]:${place.unknown.port}`), 403, 'proxy.address'],
    ['to a number', connectLine(`2130706433:${place.unknown.port}`), 403, 'proxy.address'],
    ['to a hexadecimal address', connectLine(`0x7f.1:${place.unknown.port}`), 403, 'proxy.address'],
    ['to the metadata service', connectLine('169.254.169.254:80'), 403, 'proxy.address'],
    ['to a name with a dot at its end', connectLine(`api.vendor.test.:${place.api.port}`), 400, 'proxy.malformed'],
    ['without a port', connectLine('api.vendor.test'), 400, 'proxy.malformed'],
    ['plain http', `${plain}${known}\r\n`, 403, 'proxy.plain'],
    ['plain http without the password', `${plain}\r\n`, 407, 'proxy.notSignedIn'],
    ['to the proxy itself', `GET / HTTP/1.1\r\nHost: x\r\n${known}\r\n`, 400, 'proxy.malformed'],
    ['in no words of HTTP', 'HELLO\r\n\r\n', 400, 'proxy.malformed'],
  ]
  for (const [name, text, status, code] of refused) {
    const answer = await sayToProxy(place.port, text)
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), name)
    t.match(answer, `"code":"${code}"`, name)
    t.notOk(answer.includes(proxyPassword))
    if (status === 407) t.match(answer, /proxy-authenticate: Basic/i)
  }
  const reasons = await reasonsOf()
  for (const [name, , , code] of refused) t.ok(reasons.includes(code), `${name} is on record`)
  t.ok(sawNothing(), 'nobody saw anything')
})

t.test('a request that may not be', async t => {
  const length = (body: string) => `Content-Length: ${body.length}\r\n`
  const body = '{"status":"open"}'
  const ordinary = post(length(body))
  const refused: ReadonlyArray<readonly [string, string, number, string]> = [
    ['another Host', ordinary.replace(api(), 'other.vendor.test'), 421, 'proxy.otherName'],
    ['two Hosts', ordinary.replace('Content-Type', `Host: ${api()}\r\nContent-Type`), 421, 'proxy.otherName'],
    ['no Host', ordinary.replace(`Host: ${api()}\r\n`, ''), 421, 'proxy.otherName'],
    ['another path', post(length(body), body, '/v1/people'), 403, 'proxy.request'],
    ['the same path in another spelling', post(length(body), body, '/v1/%6ceads'), 403, 'proxy.request'],
    ['a way around', post(length(body), body, '/v1/x/../leads'), 403, 'proxy.request'],
    ['a whole address as target', post(length(body), body, `https://${api()}/v1/leads`), 403, 'proxy.request'],
    ['another method', ordinary.replace('POST', 'DELETE'), 403, 'proxy.request'],
    ['a segment that the policy takes out', `GET /v1/leads/p-4711 HTTP/1.1\r\nHost: ${api()}\r\nConnection: close\r\n\r\n`, 403, 'proxy.segment'],
    ['a body with GET', `GET /v1/leads HTTP/1.1\r\nHost: ${api()}\r\nContent-Type: application/json\r\n${length(body)}Connection: close\r\n\r\n${body}`, 400, 'proxy.body'],
    ['a coded body', post(`Content-Encoding: gzip\r\n${length(body)}`), 415, 'webhook.encoded'],
    ['no Content-Type', ordinary.replace('Content-Type: application/json\r\n', ''), 415, 'webhook.contentType'],
    ['a header twice', post(`Authorization: a\r\nAuthorization: b\r\n${length(body)}`), 400, 'proxy.header'],
    ['a body that says that it is too large', post('Content-Length: 2000000\r\n', ''), 413, 'proxy.tooLarge'],
    ['two lengths', post('Content-Length: 17\r\nContent-Length: 18\r\n'), 400, 'proxy.malformed'],
    ['a length and pieces', post('Content-Length: 17\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400, 'proxy.malformed'],
    ['pieces in another spelling', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400, 'proxy.malformed'],
    ['a bare line feed', ordinary.replace('Connection: close\r\n\r\n', 'X: y\nZ: a\r\n\r\n'), 400, 'proxy.malformed'],
    ['an upgrade', `GET /v1/leads HTTP/1.1\r\nHost: ${api()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 403, 'proxy.upgrade'],
    ['a connection within', `CONNECT localhost:1 HTTP/1.1\r\nHost: ${api()}\r\n\r\n`, 403, 'proxy.upgrade'],
  ]
  for (const [name, text, status, code] of refused) t.match(await inside(text), new RegExp(`^HTTP/1\\.1 ${status} `), `${name}: ${code}`)
  const chunk = 'a'.repeat(0x10000)
  const endless = post('Transfer-Encoding: chunked\r\n', `10000\r\n${chunk}\r\n`.repeat(20))
  t.match(await inside(endless), /^HTTP\/1\.1 413 /, 'a body that is too large')
  const reasons = await reasonsOf()
  for (const [name, , , code] of refused) t.ok(reasons.includes(code), `${name} is on record`)
  t.ok(sawNothing(), 'nobody saw anything')
})

t.test('a handshake for another host, for none, or no handshake', async t => {
  for (const name of ['files.vendor.test', 'localhost', undefined]) {
    t.equal(await insideAs(post('Content-Length: 17\r\n'), name), '', `opened, ${name}`)
    t.equal(await sayInside(place.port, { target: `files.vendor.test:${place.files.port}`, name: name === 'files.vendor.test' ? 'api.vendor.test' : name, text: 'x', ca: ca() }), '', `tunnelled, ${name}`)
  }
  for (const target of [api(), `files.vendor.test:${place.files.port}`]) {
    const socket = await openThrough(place.port, target)
    const ended = new Promise(resolve => { socket.once('close', resolve) })
    socket.end('GET / HTTP/1.1\r\n\r\n')
    await ended
  }
  const slow = await openThrough(place.port, api())
  slow.resume()
  await advanceWhile(new Promise(resolve => { slow.once('close', resolve) }), place.journey.clock)
  const reasons = await reasonsOf()
  t.ok(reasons.includes('proxy.otherName') && reasons.includes('proxy.notTls'))
  t.ok(sawNothing(), 'nobody saw anything')
})

t.test('a body that does not come', async t => {
  const answer = inside(post('Content-Length: 1000\r\n'))
  t.match(await advanceWhile(answer, place.journey.clock), /^HTTP\/1\.1 408 /)
  t.ok(sawNothing())
})

t.test('a CRM that does not trust the gateway yet', async t => {
  const { code } = await runClient('curl', ['--silent', `https://${api()}/v1/leads`], { env: { https_proxy: place.url } })
  t.not(code, 0)
  await until(async () => (await reasonsOf()).includes('proxy.notTrusted'))
  t.ok(sawNothing())
})

t.test('what may pass still passes', async t => {
  const body = JSON.stringify(lead)
  t.match(await inside(post(`Content-Length: ${body.length}\r\nExpect: 100-continue\r\n`, body)), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  t.match(await inside(`GET /v1/leads/open HTTP/1.1\r\nHost: ${api()}\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 200 /)
  t.same(place.api.seen.map(({ url }) => url), ['/v1/leads', '/v1/leads/open'])
})
