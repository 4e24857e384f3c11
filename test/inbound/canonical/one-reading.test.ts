import fc from 'fast-check'
import t from 'tap'
import { createCanonicalRoom, type RawRequest } from '../../../src/inbound/canonical/canonical.ts'
import { Denial } from '../../../src/shared/errors.ts'

const room = createCanonicalRoom({ publicUrl: 'https://crm.clinic.test:8443', methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] })

function request (change: Partial<Omit<RawRequest, 'headers'>> = {}): RawRequest {
  const rawHeaders = change.rawHeaders ?? ['Host', 'crm.clinic.test:8443']
  return { method: 'GET', target: '/patients', httpVersion: '1.1', headers: {}, ...change, rawHeaders }
}

function codeOf (raw: RawRequest): string {
  try {
    room.require(raw)
    return 'passes'
  } catch (error) {
    if (error instanceof Denial) return error.code
    throw error
  }
}

const withHeaders = (...rawHeaders: string[]) => request({ rawHeaders: ['Host', 'crm.clinic.test:8443', ...rawHeaders] })

t.test('one path: unreserved escapes decoded, the others in upper case, the query byte for byte', async t => {
  const read = (target: string) => room.require(request({ target }))
  t.match(read('/%70atients/%e2%82%ac?q=%7e%2e'), { path: '/patients/%E2%82%AC', query: 'q=%7e%2e', href: '/patients/%E2%82%AC?q=%7e%2e' })
  t.equal(read('/patients?').href, '/patients?')
  t.equal(read('/').foldedPath, '/')
  t.equal(read('/PATIENTS/').foldedPath, '/patients')
  t.equal(read('/Invoice%20%2312.pdf').path, '/Invoice%20%2312.pdf')
})

t.test('what can be read two ways is refused with its reason', async t => {
  const targets: ReadonlyArray<readonly [string, string]> = [
    ['/./admin', 'pathSegment'], ['/x/../admin', 'pathSegment'], ['/%2e%2e/admin', 'pathSegment'], ['/x/%2E./admin', 'pathSegment'], ['//admin', 'pathSegment'], ['/x//admin', 'pathSegment'],
    ['/.../admin', 'pathSegment'], ['/x/..', 'pathSegment'],
    ['/%2fadmin', 'pathCharacter'], ['/x%5cadmin', 'pathCharacter'], ['/x\\admin', 'pathCharacter'], ['/x%00', 'pathCharacter'], ['/x%0d%0aSet-Cookie:a', 'pathCharacter'], ['/admin;x=1', 'pathCharacter'],
    ['/admin%3bx', 'pathCharacter'], ['/admin%3f', 'pathCharacter'], ['/adm\u0001in', 'pathCharacter'], ['/ünicode', 'pathCharacter'],
    ['/%252e%252e/admin', 'pathEncoding'], ['/%25%32%65', 'pathEncoding'], ['/%', 'pathEncoding'], ['/%zz', 'pathEncoding'], ['/%ff', 'pathEncoding'], ['/%c0%ae/admin', 'pathEncoding'], ['/%ed%a0%80', 'pathEncoding'],
    ['/x%ef%bc%8fadmin', 'pathLookAlike'], ['/%ef%bc%8e%ef%bc%8e/admin', 'pathLookAlike'], ['/x%e2%88%95admin', 'pathLookAlike'],
    ['http://crm.clinic.test:8443/admin', 'targetForm'], ['*', 'targetForm'], ['admin', 'targetForm'], ['', 'targetForm'], [`/${'a'.repeat(20_000)}`, 'targetTooLong'],
    ['/x?a=%zz', 'query'], ['/x?a=%00', 'query'], ['/x?a b', 'query'], ['/x?é', 'query'], ['/x?a#b', 'query'], ['/x?_method=DELETE', 'methodOverride'], ['/x?a=1&%5Fmethod=PUT', 'methodOverride'],
  ]
  for (const [target, reason] of targets) t.equal(codeOf(request({ target })), `canonical.${reason}`, target.slice(0, 60))
})

t.test('headers that two servers could read differently are refused', async t => {
  const cases: ReadonlyArray<readonly [string, RawRequest, string]> = [
    ['two hosts', withHeaders('host', 'crm.clinic.test:8443'), 'hostAmbiguous'],
    ['no host', request({ rawHeaders: [] }), 'hostMissing'],
    ['foreign host', request({ rawHeaders: ['Host', 'evil.example'] }), 'hostUnknown'],
    ['host with user', request({ rawHeaders: ['Host', 'a@crm.clinic.test:8443'] }), 'hostAmbiguous'],
    ['host without port', request({ rawHeaders: ['Host', 'crm.clinic.test'] }), 'hostUnknown'],
    ['length and coding', withHeaders('Content-Length', '1', 'Transfer-Encoding', 'chunked'), 'framing'],
    ['two lengths', withHeaders('Content-Length', '1', 'Content-Length', '1'), 'headerRepeated'],
    ['length with sign', withHeaders('Content-Length', '+1'), 'framing'],
    ['coding list', withHeaders('Transfer-Encoding', 'gzip, chunked'), 'framing'],
    ['body of a GET', withHeaders('Content-Length', '5'), 'framing'],
    ['underscore length', withHeaders('Content_Length', '5'), 'headerRepeated'],
    ['two content types', withHeaders('Content-Type', 'a/b', 'Content-Type', 'c/d'), 'headerRepeated'],
    ['two cookies', withHeaders('Cookie', 'a=1', 'Cookie', 'b=2'), 'headerRepeated'],
    ['method override', withHeaders('X-HTTP-Method-Override', 'DELETE'), 'methodOverride'],
    ['method override with underscores', withHeaders('X_HTTP_Method_Override', 'DELETE'), 'methodOverride'],
    ['our header named in Connection', withHeaders('Connection', 'close, X-Forwarded-User'), 'connectionHeader'],
    ['h2c', withHeaders('Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c', 'HTTP2-Settings', 'x'), 'connectionHeader'],
    ['h2c without settings', withHeaders('Connection', 'Upgrade', 'Upgrade', 'h2c'), 'upgrade'],
    ['expectation', withHeaders('Expect', 'a-miracle'), 'expectation'],
    ['line break in a value', withHeaders('X', 'a\r\nb'), 'headerMalformed'],
    ['space in a name', withHeaders('X Y', 'a'), 'headerMalformed'],
    ['HTTP/1.0', request({ httpVersion: '1.0' }), 'version'],
    ['unknown method', request({ method: 'PROPFIND' }), 'methodNotAllowed'],
    ['lower-case method', request({ method: 'get' }), 'methodNotAllowed'],
    ['HTTP/2 with Transfer-Encoding', request({ httpVersion: '2.0', authority: 'crm.clinic.test:8443', rawHeaders: ['transfer-encoding', 'chunked'] }), 'connectionHeader'],
    ['HTTP/2 with another Host', request({ httpVersion: '2.0', authority: 'crm.clinic.test:8443', rawHeaders: ['host', 'evil.example'] }), 'hostAmbiguous'],
  ]
  for (const [name, raw, reason] of cases) t.equal(codeOf(raw), `canonical.${reason}`, name)
  t.equal(codeOf(request({ httpVersion: '2.0', authority: 'crm.clinic.test:8443', rawHeaders: ['cookie', 'a=1', 'cookie', 'b=2'] })), 'passes', 'several Cookie lines are plain HTTP/2')
  t.equal(codeOf(withHeaders('Connection', 'Upgrade', 'Upgrade', 'websocket')), 'passes')
})

t.test('TRACE and CONNECT cannot even be configured', async t => {
  for (const method of ['TRACE', 'CONNECT']) t.throws(() => createCanonicalRoom({ publicUrl: 'https://a.test', methods: ['GET', method] }))
})

const rough = fc.string({ unit: fc.oneof(fc.constantFrom('/', '.', '%', '%2', '%2e', '%2E', '%2f', '%5c', '%25', 'a', 'B', '~', ';', '\\', '%c3%a9', '%C3%A9', '%41', ' ', '?'), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' })), maxLength: 20 })

t.test('property: it passes or denies, and what passed reads the same again, for itself and for the WHATWG URL parser', async () => {
  fc.assert(fc.property(rough, text => {
    const target = `/${text}`
    let read
    try {
      read = room.require(request({ target }))
    } catch (error) {
      if (error instanceof Denial) return
      throw error
    }
    const again = room.require(request({ target: read.href }))
    if (again.path !== read.path || again.query !== read.query || again.foldedPath !== read.foldedPath) throw new Error(`not idempotent: ${target}`)
    const url = new URL(`https://crm.clinic.test:8443${read.href}`)
    if (decodeURIComponent(url.pathname) !== decodeURIComponent(read.path)) throw new Error(`another reading: ${target} → ${url.pathname}`)
    if (url.host !== 'crm.clinic.test:8443') throw new Error('another host')
  }), { numRuns: 20_000 })
})

t.test('property: spellings of one path that pass get one folded path', async () => {
  const segment = fc.string({ unit: fc.constantFrom('a', 'B', 'z', '0', '-', '_', '~', '.', 'é', 'ß'), minLength: 1, maxLength: 5 })
  fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat(2)), (segments, choices) => {
    const spell = (character: string) => {
      const plain = encodeURIComponent(character)
      const all = Buffer.from(character).reduce((text, byte) => `${text}%${byte.toString(16)}`, '')
      return [plain, all, all.toUpperCase()][choices.next().value ?? 0] as string
    }
    const spellings = [0, 1].map(() => `/${segments.map(text => [...text].map(spell).join('')).join('/')}`)
    const read = spellings.map(target => { try { return room.require(request({ target })).foldedPath } catch { return 'denied' } })
    if (read[0] !== read[1]) throw new Error(spellings.join(' ≠ '))
  }), { numRuns: 5000 })
})

t.test('linear time on long targets', async t => {
  for (const piece of ['%2e', '/.', '../', '%25', 'é', '%c3', ';/', '_method&']) {
    const target = `/${piece.repeat(5000)}?${piece.repeat(2000)}`.slice(0, 16_000)
    const began = process.cpuUsage()
    codeOf(request({ target }))
    const used = process.cpuUsage(began)
    t.ok(used.user + used.system < 200_000, piece)
  }
})
