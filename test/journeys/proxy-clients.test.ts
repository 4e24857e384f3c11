// A CRM that honours HTTPS_PROXY: curl, Node's and Python's clients through the whole gateway to real https hosts.
import t from 'tap'
import { lead, planted } from '../support/outbound-place.ts'
import { startProxy, type ProxyPlace } from '../support/proxy-place.ts'
import { runClient } from '../support/run-client.ts'

const nodeClient = `
import { EnvHttpProxyAgent, fetch } from 'undici'
import { readFileSync } from 'node:fs'
const ca = readFileSync(process.env.SSL_CERT_FILE)
const dispatcher = new EnvHttpProxyAgent({ requestTls: { ca } })
const answer = await fetch(process.argv[1], { dispatcher, method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': 'k-1', 'x-other': 'gone' }, body: process.argv[2] })
console.log(answer.status, await answer.text())
await dispatcher.close()
`
const pythonClient = `
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], data=sys.argv[2].encode(), headers={'Content-Type': 'application/json', 'X-Api-Key': 'k-1', 'X-Other': 'gone'}, method='POST')
with urllib.request.urlopen(request) as answer:
    print(answer.status, answer.read().decode())
`

const post = ['--silent', '--show-error', '--write-out', ' %{http_code} %{http_version}', '--header', 'Content-Type: application/json', '--header', 'X-Api-Key: k-1', '--header', 'X-Other: gone', '--data-binary', '@-']

const clients: ReadonlyArray<readonly [string, (place: ProxyPlace, url: string) => ReturnType<typeof runClient>, RegExp]> = [
  ['curl with HTTP/1.1', (place, url) => runClient('curl', [...post, '--http1.1', url], { env: place.env, input: JSON.stringify(lead) }), /^ok 200 1\.1$/],
  ['curl with HTTP/2', (place, url) => runClient('curl', [...post, '--http2', url], { env: place.env, input: JSON.stringify(lead) }), /^ok 200 2$/],
  ['Node, undici EnvHttpProxyAgent', (place, url) => runClient(process.execPath, ['--input-type=module', '--eval', nodeClient, url, JSON.stringify(lead)], { env: place.env }), /^200 ok\n$/],
  ['Python, urllib', (place, url) => runClient('python3', ['-c', pythonClient, url, JSON.stringify(lead)], { env: place.env }), /^200 ok\n$/],
]

for (const [name, call, expected] of clients) {
  t.test(`${name}: the request arrives redacted, and its answer comes back`, async t => {
    const place = await startProxy(t)
    const { code, out, err } = await call(place, `https://api.vendor.test:${place.api.port}/v1/leads?status=open&note=hidden`)
    t.equal(code, 0, err)
    t.match(out, expected)
    const [received] = place.api.seen
    if (received === undefined) throw new Error('nothing arrived')
    const body = JSON.parse(received.body) as typeof lead
    t.same(body.contact, { id: '[redacted]', name: '[name]', phone: lead.contact.phone, email: '[email]' }, 'the kind that the agreement covers passes, the other does not')
    for (const value of planted) t.notOk(`${received.body} ${received.url}`.includes(value), value)
    t.match(received.url, /^\/v1\/leads\?status=open&note=/)
    t.equal(received.headers['x-api-key'], 'k-1')
    t.equal(received.headers['x-other'], undefined, 'a header that nobody named stays here')
    const events = (await place.journey.trail()).filter(({ kind }) => /^(?:message|connection)\./.test(kind))
    t.same(events.map(({ kind }) => kind).slice(0, 3), ['connection.opened', 'message.released', 'message.delivered'])
    t.match(events[1], { what: { method: 'POST', route: 'proxy api', record: { patient: 'p-4711' } }, disclosure: { recipient: 'Vendor Inc.' }, facts: { destination: 'api', associate: 'vendor' } })
    t.notOk(JSON.stringify(events.map(({ facts }) => facts)).includes('Zyxwina'))
  })
}

t.test('a tunnel to an associate passes untouched', async t => {
  const place = await startProxy(t)
  const { code, out, err } = await runClient('curl', [...post, `https://files.vendor.test:${place.files.port}/any/path`], { env: place.env, input: JSON.stringify(lead) })
  t.equal(code, 0, err)
  t.match(out, /^ok 200/)
  t.equal(place.files.seen[0]?.body, JSON.stringify(lead))
  const opened = (await place.journey.trail()).find(({ kind }) => kind === 'connection.opened')
  t.match(opened, { what: { method: 'CONNECT', route: 'proxy files', host: `files.vendor.test:${place.files.port}` }, facts: { mode: 'tunnel', associate: 'vendor' } })
})
