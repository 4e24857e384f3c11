// The CRM could set a cookie of our name, and so sign people out or in as somebody else; and our cookie was sent to the CRM.
import { ask, askHttp2, openHttp2, openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const dropped = [
  '__Host-sallyport=evil; Path=/; Secure', '__host-SALLYPORT=evil', ' __Host-sallyport=evil', '\t__Host-sallyport =evil', '"__Host-sallyport"=evil', '=__Host-sallyport=evil',
  '__Host-sallyport', '__Secure-sallyport=evil', 'sallyport=evil', '__Secure-__Host-sallyport=evil', '__Host-sallyport-sign-in=evil', '__%48ost-sallyport=evil', '__Host-sally\u00a0port=evil',
]

testBothWays('cookies of our names are dropped from answers, whatever way they are written', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer((_request, response) => { response.writeHead(200, ['Set-Cookie', 'crm=1', ...dropped.flatMap(cookie => ['Set-Cookie', cookie]), 'Set-Cookie', 'last=2']).end() })
  t.same((await ask(app)).headers['set-cookie'], ['crm=1; Secure', 'last=2; Secure'])
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  t.same((await askHttp2(session)).headers['set-cookie'], ['crm=1; Secure', 'last=2; Secure'])
})

testBothWays('the CRM\'s own cookies stay on this host and on https', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer((_request, response) => {
    response.writeHead(200, { 'set-cookie': ['a=1; Domain=clinic.test; Path=/x; HttpOnly; SameSite=Lax', 'b="x y"; secure', 'c=2;DOMAIN = .test ; Max-Age=5', 'mysallyport=3', 'd=%3D=4'] }).end()
  })
  t.same((await ask(app)).headers['set-cookie'], [
    'a=1; Path=/x; HttpOnly; SameSite=Lax; Secure', 'b="x y"; Secure', 'c=2; Max-Age=5; Secure', 'mysallyport=3; Secure', 'd=%3D=4; Secure',
  ])
})

const secret = 'our-session-secret'
const cookieHeaders = [
  `__Host-sallyport=${secret}`,
  `a=1; __Host-sallyport=${secret}; b=2`,
  `a=1;__Host-sallyport=${secret};b=2`,
  `a=1; \t __Host-sallyport \t=${secret}; b=2; __Host-sallyport=${secret}`,
  `a=1; __HOST-Sallyport="${secret}"; b=2`,
  `a=1, __Host-sallyport=${secret}; b=2`,
  `a="1; __Host-sallyport=${secret}; b=2"`,
  `$Version=1; a=1; "__Host-sallyport"=${secret}; b=2`,
  `=__Host-sallyport=${secret}; b=2`,
  `__Host-sallyport-sign-in=${secret}; b=2`,
]

for (const cookie of cookieHeaders) {
  testBothWays(`our cookie does not reach the CRM: ${cookie}`, async t => {
    const { app, upstream } = await setUp(t)
    const client = await openRaw(app)
    client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`)
    t.match(await client.ended(), /^HTTP\/1\.1 200 /)
    t.notOk(upstream.received[0]?.rawHeaders.some(text => text.includes(secret)), String(upstream.received[0]?.headers.cookie))
  })
}

testBothWays('the CRM\'s cookies reach it, in several lines of HTTP/2 too, and no empty header is made', async t => {
  const { app, upstream } = await setUp(t)
  await ask(app, { headers: { cookie: `crm=abc; __Host-sallyport=${secret}; theme="dark blue"` } })
  t.equal(upstream.received[0]?.headers.cookie, 'crm=abc; theme="dark blue"')
  await ask(app, { headers: { cookie: `__Host-sallyport=${secret}` } })
  t.equal(upstream.received[1]?.headers.cookie, undefined)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  await askHttp2(session, { headers: { cookie: ['crm=abc', `__Host-sallyport=${secret}`, 'x=1'] as unknown as string } })
  t.equal(upstream.received[2]?.headers.cookie, 'crm=abc; x=1')
})

testBothWays('Clear-Site-Data cannot take our cookie away', async t => {
  const { app, upstream } = await setUp(t)
  const answers = [['"cookies"', undefined], ['"cache", "cookies", "storage"', '"cache", "storage"'], ['"*"', '"cache", "storage", "executionContexts", "clientHints", "prefetchCache", "prerenderCache"']] as const
  for (const [sent, expected] of answers) {
    upstream.answer((_request, response) => { response.writeHead(200, { 'clear-site-data': sent }).end() })
    t.equal((await ask(app)).headers['clear-site-data'], expected)
  }
})
