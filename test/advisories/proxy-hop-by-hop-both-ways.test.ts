// Fields that belong to one connection were copied in both directions, and the CRM's transport rules with them.
import { startRawUpstream } from '../support/upstream.ts'
import { ask, askHttp2, openHttp2 } from '../inbound/forward/clients.ts'
import { setUpBefore } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const answer = [
  'HTTP/1.1 200 OK', 'Connection: close, X-Hop', 'X-Hop: 1', 'Keep-Alive: timeout=99', 'Proxy-Connection: keep-alive', 'Proxy-Authenticate: Basic', 'Upgrade: h2c', 'TE: gzip',
  'Transfer-Encoding: chunked', 'Strict-Transport-Security: max-age=0', 'Alt-Svc: h3=":8443"', 'Server: Crm/1.2.3', 'X-Powered-By: Crm', 'Public-Key-Pins: x', 'X-Request-Id: theirs',
  'X-Kept: yes', 'Link: </a>', 'Link: </b>', 'WWW-Authenticate: Basic realm="x"', '', '2', 'ok', '0', '', '',
].join('\r\n')
const gone = ['x-hop', 'proxy-connection', 'proxy-authenticate', 'upgrade', 'te', 'strict-transport-security', 'alt-svc', 'server', 'x-powered-by', 'public-key-pins', 'x-request-id']

testBothWays('nothing of the CRM\'s connection reaches the client; the rest does', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.write(answer) }))
  const { headers, rawHeaders, body } = await ask(app)
  t.equal(body.toString(), 'ok')
  for (const name of gone) t.equal(headers[name], undefined, name)
  t.not(headers['keep-alive'], 'timeout=99')
  t.notMatch(headers.connection ?? '', /x-hop/i)
  t.equal(headers['x-kept'], 'yes')
  t.equal(headers['www-authenticate'], 'Basic realm="x"')
  t.same(rawHeaders.filter((_text, index) => rawHeaders[index - 1]?.toLowerCase() === 'link'), ['</a>', '</b>'])
})

testBothWays('over HTTP/2, where such fields are an error, too', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.write(answer) }))
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const { status, headers, body, resetCode } = await askHttp2(session)
  t.equal(status, 200)
  t.equal(resetCode, 0)
  t.equal(body.toString(), 'ok')
  for (const name of [...gone, 'connection', 'keep-alive', 'transfer-encoding']) t.equal(headers[name], undefined, name)
  t.equal(headers['x-kept'], 'yes')
})
