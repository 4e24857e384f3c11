// The room behind Node's own parser: each refusal with the bytes that a hostile client would send, and a CRM that sees none of them.
import t from 'tap'
import { expectRefused, get, startWire } from './wire.ts'

const host = 'Host: crm.clinic.example'
const message = (...lines: readonly string[]) => [...lines, '', ''].join('\r\n')

t.test('a plain request passes, a WebSocket too', async t => {
  const wire = await startWire(t)
  t.equal(await wire.send(get('/patients?q=%7e')), 'forwarded')
  t.equal(await wire.send(message('POST /notes HTTP/1.1', 'host: CRM.clinic.example:443', 'Content-Length: 2', 'Expect: 100-Continue', '') + 'ab'), 'forwarded')
  t.equal(await wire.send(get('/live', ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket'])), 'forwarded')
  t.strictSame(wire.seen, ['GET /patients?q=%7e', 'POST /notes', 'UPGRADE /live'])
})

t.test('targets', async t => {
  await expectRefused(t, await startWire(t), [
    ['absolute-form', get('http://crm.clinic.example/admin'), 'canonical.targetForm'],
    ['absolute-form of another server', get('http://127.0.0.1:9/admin'), 'canonical.targetForm'],
    ['asterisk-form', message('OPTIONS * HTTP/1.1', host), 'canonical.targetForm'],
    ['authority-form', message('CONNECT crm.clinic.example:443 HTTP/1.1', host), 'connect'],
    ['two slashes', get('//admin'), 'canonical.pathSegment'],
    ['dot segment', get('/./admin'), 'canonical.pathSegment'],
    ['encoded dot segment', get('/x/%2e%2E/admin'), 'canonical.pathSegment'],
    ['path parameter', get('/admin;x=1/..;/'), 'canonical.pathCharacter'],
    ['backslash', get('/x\\..\\admin'), 'canonical.pathCharacter'],
    ['fragment', get('/x#/../admin'), 'canonical.pathCharacter'],
    ['quotes and braces', get('/x"{}`<>'), 'canonical.pathCharacter'],
    ['fragment in the query', get('/x?a#b'), 'canonical.query'],
    ['raw byte', get('/\xe9'), 'parser'],
    ['tab', get('/a\tb'), 'parser'],
  ])
})

t.test('versions and methods', async t => {
  await expectRefused(t, await startWire(t), [
    ['HTTP/1.0', message('GET / HTTP/1.0', host), 'canonical.version'],
    ['HTTP/0.9', 'GET /\r\n\r\n', 'canonical.version'],
    ['HTTP/2 as text', message('GET / HTTP/2.0', host), 'canonical.version'],
    ['TRACE', message('TRACE / HTTP/1.1', host), 'canonical.methodNotAllowed'],
    ['PROPFIND', message('PROPFIND / HTTP/1.1', host), 'canonical.methodNotAllowed'],
    ['lower case', message('get / HTTP/1.1', host), 'parser'],
    ['override', get('/', ['X-Http-Method-Override: DELETE']), 'canonical.methodOverride'],
    ['override with underscores', get('/', ['x_http_method: DELETE']), 'canonical.methodOverride'],
    ['another path in a header', get('/', ['X-Original-URL: /admin']), 'canonical.methodOverride'],
    ['override in the query, as PHP reads it', get('/?%2emethod=DELETE'), 'canonical.methodOverride'],
  ])
})

t.test('hosts', async t => {
  const of = (...hosts: readonly string[]) => message('GET / HTTP/1.1', ...hosts.map(name => `Host: ${name}`))
  await expectRefused(t, await startWire(t), [
    ['none', of(), 'canonical.hostMissing'],
    ['two', of('crm.clinic.example', 'other.example'), 'canonical.hostAmbiguous'],
    ['two alike', of('crm.clinic.example', 'crm.clinic.example'), 'canonical.hostAmbiguous'],
    ['with an underscore beside', message('GET / HTTP/1.1', host, 'HO_ST: a', 'Ho-st: a', 'Host : b'), 'parser'],
    ['another', of('other.example'), 'canonical.hostUnknown'],
    ['another port', of('crm.clinic.example:8443'), 'canonical.hostUnknown'],
    ['port with zeros', of('crm.clinic.example:0443'), 'canonical.hostUnknown'],
    ['trailing dot', of('crm.clinic.example.'), 'canonical.hostUnknown'],
    ['user before it', of('crm.clinic.example@other.example'), 'canonical.hostAmbiguous'],
    ['path after it', of('crm.clinic.example/x'), 'canonical.hostAmbiguous'],
    ['list', of('crm.clinic.example, other.example'), 'canonical.hostAmbiguous'],
    ['empty', of(''), 'canonical.hostAmbiguous'],
  ])
})

t.test('framing and connection headers', async t => {
  const post = (...lines: readonly string[]) => message('POST / HTTP/1.1', host, ...lines)
  await expectRefused(t, await startWire(t), [
    ['length beside chunked', post('Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 'parser'],
    ['two lengths', post('Content-Length: 1', 'Content-Length: 1') + 'a', 'parser'],
    ['identity', post('Transfer-Encoding: identity'), 'canonical.framing'],
    ['other coding after chunked', post('Transfer-Encoding: chunked, gzip'), 'parser'],
    ['body of a GET', get('/', ['Content-Length: 3']) + 'abc', 'canonical.framing'],
    ['chunked body of a GET', get('/', ['Transfer-Encoding: chunked']) + '0\r\n\r\n', 'canonical.framing'],
    ['length with an underscore', get('/', ['Content_Length: 3']), 'canonical.headerRepeated'],
    ['coding with an underscore', get('/', ['Transfer_Encoding: chunked']), 'canonical.headerRepeated'],
    ['two content types', post('Content-Type: a/b', 'content-type: c/d', 'Content-Length: 0'), 'canonical.headerRepeated'],
    ['two authorizations', get('/', ['Authorization: a', 'Authorization: b']), 'canonical.headerRepeated'],
    ['two cookies', get('/', ['Cookie: a=1', 'Cookie: a=2']), 'canonical.headerRepeated'],
    ['Connection drops Cookie', get('/', ['Connection: close, Cookie']), 'canonical.connectionHeader'],
    ['h2c', get('/', ['Connection: Upgrade', 'Upgrade: h2c']), 'canonical.upgrade'],
    ['h2c beside websocket', get('/', ['Connection: Upgrade', 'Upgrade: websocket, h2c']), 'canonical.upgrade'],
    ['Upgrade that Connection does not name', get('/', ['Upgrade: websocket']), 'canonical.upgrade'],
    ['WebSocket by POST', post('Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 0'), 'canonical.upgrade'],
    ['odd expectation', get('/', ['Expect: 200-maybe']), 'canonical.expectation'],
    ['folded line', get('/', ['X-A: 1', ' X-Forwarded-User: evil']), 'parser'],
    ['control in a value', get('/', ['X-A: a\x0bb']), 'parser'],
    ['too many lines', get('/', Array.from({ length: 201 }, (_, index) => `X-${index}: 1`)), 'canonical.tooManyHeaders'],
  ])
})
