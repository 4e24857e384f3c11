import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { once } from 'node:events'
import t from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'
import { sendRaw } from '../support/raw.ts'

async function signedIn (t: Parameters<typeof startJourney>[0], options: Parameters<typeof startJourney>[1] = {}) {
  const journey = await startJourney(t, options)
  const browser = journey.browser()
  await journey.signIn(browser)
  journey.crm.forget()
  return { journey, browser, cookie: browser.cookies('crm.clinic.test') }
}

const line = (text: string) => text.split('\r\n')[0]

async function reasons (journey: Journey): Promise<Array<string | undefined>> {
  return (await journey.trail()).filter(event => event.kind === 'request.denied').map(event => event.decision?.reason)
}

t.test('what can be read two ways is refused with 400, recorded, and the CRM saw nothing', async t => {
  const { journey, cookie } = await signedIn(t)
  const head = `Host: ${journey.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n`
  const cases: ReadonlyArray<readonly [name: string, text: string, status: number, reason: string]> = [
    ['dot segment', `GET /./patients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathSegment'],
    ['encoded dot segment', `GET /x/%2e%2e/patients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathSegment'],
    ['double encoding', `GET /public/%252e%252e/patients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathEncoding'],
    ['encoded slash', `GET /x%2fpatients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathCharacter'],
    ['backslash', `GET /x\\patients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathCharacter'],
    ['bad escape', `GET /%zz HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathEncoding'],
    ['lone percent', `GET /% HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathEncoding'],
    ['not UTF-8', `GET /%ff HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathEncoding'],
    ['overlong', `GET /%c0%ae/patients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.pathEncoding'],
    ['absolute form', `GET http://127.0.0.1/patients HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.targetForm'],
    ['asterisk form', `OPTIONS * HTTP/1.1\r\n${head}\r\n`, 400, 'canonical.targetForm'],
    ['two hosts', `GET /patients HTTP/1.1\r\nHost: evil.example\r\n${head}\r\n`, 400, 'canonical.hostAmbiguous'],
    ['no host', `GET /patients HTTP/1.1\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`, 400, 'canonical.hostMissing'],
    ['another host', `GET /patients HTTP/1.1\r\nHost: evil.example\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`, 421, 'canonical.hostUnknown'],
    ['length and chunked', `POST /patients HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400, 'inbound.badRequest'],
    ['two lengths', `POST /patients HTTP/1.1\r\n${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400, 'inbound.badRequest'],
    ['tab in the target', `GET /pa\ttients HTTP/1.1\r\n${head}\r\n`, 400, 'inbound.badRequest'],
    ['bare line feed header', `GET /patients HTTP/1.1\r\n${head}X: a\nX-Forwarded-User: evil\r\n\r\n`, 400, 'inbound.badRequest'],
    ['obs-fold', `GET /patients HTTP/1.1\r\n${head}X: a\r\n b\r\n\r\n`, 400, 'inbound.badRequest'],
    ['space before colon', `GET /patients HTTP/1.1\r\n${head}Content-Length : 0\r\n\r\n`, 400, 'inbound.badRequest'],
    ['no version', `GET /patients\r\n${head}\r\n`, 505, 'canonical.version'],
    ['garbage', '\u0016\u0003\u0001hello\r\n\r\n', 400, 'inbound.badRequest'],
  ]
  let before = (await journey.trail()).length
  for (const [name, text, status, reason] of cases) {
    const answer = line(await sendRaw(journey, text))
    const recorded = (await journey.trail()).slice(before)
    before += recorded.length
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), name)
    t.same(recorded.map(event => [event.kind, event.decision?.reason]), [['request.denied', reason]], `${name} is on record`)
  }
  t.same(journey.crm.seen(), [])
  t.match(line(await sendRaw(journey, `GET /patients HTTP/1.1\r\n${head}\r\n`)), 'HTTP/1.1 200', 'the same person\'s good request passes')
  t.same(journey.crm.seen().map(seen => seen.url), ['/patients'])
})

// Unusual, but with one reading; what is not as it came is what RFC 3986 section 6.2.2 calls equivalent.
const legal: ReadonlyArray<readonly [target: string, forwarded?: string]> = [
  ['/health?'],
  ['/health?a=1&a=2&&b'],
  ['/health?q=%41%2f%2F+%20x'],
  ['/health?path=/../admin&url=http://x.example/?y=1'],
  ['/health/'],
  ["/a-b_c.d~e!f$g&h'i(j)k*l+m,n=o:p@q"],
  ['/files/Invoice%20%2312.pdf'],
  ['/leads(42)/$value?$filter=name%20eq%20%27x%27;$top=1'],
  ['/%E6%82%A3%E8%80%85'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/%70%61tients/%7Ex', '/patients/~x'],
  ['/x[0]|y^z'],
  ['/...x/.well-known/a..b'],
  [`/long/${'a'.repeat(1500)}?${'b'.repeat(1800)}`],
]

t.test('invariant 1: what was judged, what is on record and what the CRM received are the same bytes', async t => {
  const { journey, cookie } = await signedIn(t)
  const { access } = journey.gateway.rooms
  const judged: string[] = []
  const require = access.require.bind(access)
  access.require = question => { judged.push((question.target as unknown as { readonly href: string }).href); return require(question) }
  for (const [target, forwarded = target] of legal) {
    const name = target.slice(0, 60)
    judged.length = 0
    journey.crm.forget()
    t.match(line(await sendRaw(journey, `GET ${target} HTTP/1.1\r\nHost: ${journey.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`)), /^HTTP\/1\.1 \d{3} /, name)
    // Judged before it is on record, and again when it opens.
    t.same([...new Set(judged)], [forwarded], `judged: ${name}`)
    t.same(journey.crm.seen().map(seen => seen.url), [forwarded], `received: ${name}`)
    const what = (await journey.trail()).findLast(event => event.kind === 'request.admitted')?.what
    const [path, ...query] = forwarded.split('?')
    t.equal(what?.path, path, `recorded path: ${name}`)
    t.equal(what?.query ?? '', query.join('?'), `recorded query: ${name}`)
  }
})

t.test('methods: unknown ones and CONNECT are refused and recorded, TRACE too, and the CRM saw nothing', async t => {
  const { journey, cookie } = await signedIn(t)
  const head = `Host: ${journey.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`
  for (const start of ['PROPFIND /patients', 'TRACE /patients', 'CONNECT internal.example:443', 'MKCOL /x', 'PURGE /patients']) {
    t.match(line(await sendRaw(journey, `${start} HTTP/1.1\r\n${head}`)), /^HTTP\/1\.1 40[05] /, start)
  }
  t.same(journey.crm.seen(), [])
  t.equal((await reasons(journey)).length, 5 + 1, 'with the one before sign-in')
})

t.test('a method that the configuration allows reaches the CRM', async t => {
  const { journey, cookie } = await signedIn(t, { configure (draft) { draft['access'] = { ...draft['access'], methods: ['GET', 'POST', 'PROPFIND'] } } })
  await sendRaw(journey, `PROPFIND /dav HTTP/1.1\r\nHost: ${journey.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`)
  t.equal(journey.crm.seen()[0]?.method, 'PROPFIND')
})

t.test('headers that are too large get 431, slow ones 408, from an address outside 403; all recorded', async t => {
  const { journey } = await signedIn(t, {
    configure (draft) {
      const listeners = draft['listeners'] as { public: object }
      draft['listeners'] = { ...listeners, public: { ...listeners.public, limits: { maxHeaderSize: '8KiB', headersTimeout: '1s' } } }
    },
  })
  t.match(line(await sendRaw(journey, `GET / HTTP/1.1\r\nHost: ${journey.host}\r\nX: ${'a'.repeat(9000)}\r\n\r\n`)), 'HTTP/1.1 431')
  t.match(line(await sendRaw(journey, 'GET / HTTP/1.1\r\nHost: crm', { quietMs: 8000 })), 'HTTP/1.1 408')
  t.match(line(await sendRaw(journey, 'GET\r\n\r\n', { from: '127.0.0.2' })), 'HTTP/1.1 403')
  const recorded = await reasons(journey)
  for (const reason of ['inbound.headersTooLarge', 'inbound.timeout', 'clientIp.notAllowed']) t.ok(recorded.includes(reason), reason)
})

t.test('a body that is too large gets 413', async t => {
  const { journey, browser } = await signedIn(t, {
    configure (draft) {
      const listeners = draft['listeners'] as { public: object }
      draft['listeners'] = { ...listeners, public: { ...listeners.public, limits: { maxBodySize: '1MiB' } } }
    },
  })
  const answer = await browser.fetch(`${journey.url}/api/files`, { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) })
  t.equal(answer.status, 413)
  t.equal((await browser.fetch(`${journey.url}/api/files`, { method: 'POST', body: Buffer.alloc(1024 * 1024) })).status, 200)
})

t.test('HTTP/2: the same rules, and identity headers of the client never arrive', async t => {
  const { journey, cookie } = await signedIn(t)
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  t.teardown(() => session.destroy())
  const ask = async (headers: Record<string, string>) => {
    const stream = session.request({ ':authority': journey.host, cookie, ...headers })
    const [answer] = await once(stream, 'response') as [IncomingHttpHeaders]
    stream.resume()
    await once(stream, 'close')
    return answer[':status']
  }
  t.equal(await ask({ ':path': '/leads', 'x-forwarded-user': 'evil', x_forwarded_user: 'evil' }), 200)
  const seen = journey.crm.seen()[0]
  t.equal(seen?.headers['x-forwarded-user'], 'nurse-7')
  t.notMatch(JSON.stringify(seen?.rawHeaders), 'evil')
  journey.crm.forget()
  for (const headers of [{ ':path': '/x/%2e%2e/leads' }, { ':path': '/leads', ':authority': 'evil.example' }, { ':path': '/leads', host: 'evil.example' }, { ':path': '//leads' }]) {
    t.match(String(await ask(headers as Record<string, string>)), /^4(00|21)$/, JSON.stringify(headers))
  }
  t.same(journey.crm.seen(), [])
})

t.test('our own corner: unknown pages, odd spellings and wrong methods never reach the CRM', async t => {
  const { journey, browser } = await signedIn(t)
  for (const path of ['/_sallyport', '/_sallyport/', '/_sallyport/x', '/_SALLYPORT/sign-in', '/%5fsallyport/sign-in', '/_sallyport/sign-in/']) {
    t.equal((await browser.ask(`${journey.url}${path}`)).status, 404, path)
  }
  t.equal((await browser.ask(`${journey.url}/_sallyport/saml/metadata`, { method: 'DELETE' })).status, 404)
  t.same(journey.crm.seen(), [])
  const metadata = await browser.ask(`${journey.url}/_sallyport/saml/metadata`)
  t.equal(metadata.status, 200)
  t.match(metadata.body, 'AssertionConsumerService')
})

t.test('a malformed Content-Type is 415, on record, and the CRM saw nothing', async t => {
  const { journey, browser } = await signedIn(t)
  for (const type of ['nonsense', 'a/b, c/d', ';']) t.equal((await browser.fetch(`${journey.url}/api/files`, { method: 'POST', headers: { 'content-type': type }, body: 'x' })).status, 415, type)
  t.same(journey.crm.seen(), [])
  t.equal((await journey.trail()).filter(event => event.outcome?.reason === 'inbound.contentType').length, 3)
})
