// One reading of a path: what passes, how it is written, and what is refused.
import fc from 'fast-check'
import t from 'tap'
import { explainRoutePattern, compileRoutePattern } from '../../../src/shared/route-pattern.ts'
import { read, readTarget, request } from './wire.ts'

t.test('ordinary addresses of CRMs pass as they are', async t => {
  const targets = [
    '/', '/patients', '/patients/', '/patients/17', '/.well-known/change-password', '/api/v1/Lead/action/list', '/a/b.c/~d/-_.x',
    '/api/data/v9.2/accounts(guid)/Microsoft.Dynamics.CRM.Merge', "/odata/Contacts('A-1')", '/odata/$metadata', '/fhir/Patient/1/$everything', '/v1/things:search',
    '/list[0]', '/a|b^c', '/a,b=c+d*e!f&g@h', '/files/Invoice%20%2312.pdf', '/m%C3%BCller', '/50%25', '/%E6%97%A5%E6%9C%AC', '/files/Acme%20Inc.', '/%C2%BD',
  ]
  for (const target of targets) t.equal(read(request(target)), target)
})

t.test('escapes have one spelling', async t => {
  t.equal(read(request('/%70%61tients/%7e%2D%5f')), '/patients/~-_')
  t.equal(read(request('/m%c3%bcller')), '/m%C3%BCller')
  t.equal(read(request('/a%2cb')), '/a%2Cb', 'a reserved character stays encoded')
})

t.test('the folded path unites every spelling of one thing', async t => {
  const same = ['/Files/M%C3%BCller,X', '/files/M%C3%9Cller%2cx/', '/FILES/mu%CC%88ller,X', '/files/m%C3%BCller,x.', '/files/M%C3%BCller,x%20', '/fi%C2%ADles/m%C3%BCller,x', '/%EF%AC%81les/m%C3%BCller,x']
  const folded = same.map(target => readTarget(request(target))).map(target => typeof target === 'string' ? target : target.foldedPath)
  t.strictSame(new Set(folded), new Set(['/files/müller,x']))
})

t.test('refuses, and says which rule', async t => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'canonical.targetForm': ['', '*', 'admin', 'http://crm.clinic.example/', 'crm.clinic.example:443', '?a', '%2Fadmin'],
    'canonical.pathSegment': ['//', '//admin', '/a//b', '/a//', '/.', '/..', '/./a', '/a/.', '/a/../b', '/a/..', '/a/.../b', '/%2e/a', '/%2E%2e/a', '/.%2e', '/%20', '/a/%20/b', '/a/.%20/b', '/a/%C2%A0/b', '/%E2%80%8B', '/a/%E2%80%8B/b', '/a/.%E2%80%8B./b', '/a/%E2%80%8B'],
    'canonical.pathCharacter': [
      '/a\\b', '/a%5cb', '/a%2Fb', '/a%2fb', '/a;x=1', '/a;x=1/..;/b', '/a%3bb', '/a%3Fb', '/a%00b', '/a%0d%0aSet', '/a%1f', '/a%7F', '/a%C2%85b', '/a%E2%80%A8b',
      '/a#b', '/a b', '/a\tb', '/a\0b', '/a"b', '/a<b', '/a>b', '/a`b', '/a{b}', '/\u00e9', '/a\u2025b', '/\ud800',
    ],
    'canonical.pathEncoding': ['/%', '/a%', '/a%4', '/%zz', '/%u0041', '/%ff', '/%C3', '/%C3/%BC', '/%c0%ae', '/%C0%AF', '/%e0%80%af', '/%F0%80%80%AF', '/%ED%A0%80', '/%F4%90%80%80', '/%252e', '/%2541', '/%25%34%31', '/%25%32%66', '/%25%EF%BC%94%EF%BC%91', '/%25%C2%AD41'],
    'canonical.pathLookAlike': ['/a%EF%BC%8Fb', '/%EF%BC%8E%EF%BC%8E/b', '/a%E2%80%A5b', '/a%E2%80%A4b', '/a%E2%80%A6b', '/a%EF%BC%BCb', '/a%EF%BC%9Bb', '/a%CD%BEb', '/a%E2%84%80b', '/a%EF%BC%85b', '/a%EF%BC%9Fb', '/a%E2%88%95b', '/a%E2%81%84b', '/a%E2%88%96b'],
    'canonical.targetTooLong': ['/' + 'a'.repeat(2048), '/a?' + 'b'.repeat(16_400)],
  }
  for (const [code, targets] of Object.entries(cases)) {
    for (const target of targets) t.equal(read(request(target)), code, JSON.stringify(target).slice(0, 60))
  }
})

const segment = fc.string({ unit: fc.constantFrom(...'aZ09-._~!$&\'()*+,=:@[]|^%é߀ /;\\?#'), maxLength: 8 })
const spelled = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'abAB.~/-', '%2e', '%2E', '%2F', '%25', '%41', '%C3%BC', '%c3%9c', '%E2%80%8B', '%EF%BC%8E', '%EF%BC%A1', '%20', ';', '%zz', '%', '\\'),
    fc.integer({ min: 0, max: 255 }).map(byte => `%${byte.toString(16).padStart(2, '0')}`),
  ),
  maxLength: 24
}).map(text => `/${text}`)

t.test('property: what is accepted is its own canonical form', async t => {
  fc.assert(fc.property(fc.oneof(spelled, fc.webPath(), fc.string({ unit: 'binary' }).map(text => `/${text}`)), target => {
    const first = readTarget(request(target))
    if (typeof first === 'string') return
    const second = readTarget(request(first.href))
    t.strictSame(second, first)
  }), { numRuns: 3000 })
})

t.test('property: an accepted path has the bytes that a browser reads', async t => {
  let accepted = 0
  fc.assert(fc.property(spelled, target => {
    const found = readTarget(request(target))
    if (typeof found === 'string') return
    accepted += 1
    const reference = new URL(`https://crm.clinic.example${target}`)
    t.equal(decodeURIComponent(found.path), decodeURIComponent(reference.pathname))
    t.equal(reference.host, 'crm.clinic.example')
  }), { numRuns: 3000 })
  t.ok(accepted > 100, `${accepted} accepted`)
})

t.test('property: two spellings of the same bytes are accepted alike, with one folded path', async t => {
  const spellings = fc.array(segment, { maxLength: 4 }).chain(segments => {
    const bytes = [...Buffer.from(`/${segments.join('/')}`)]
    const one = fc.tuple(...bytes.map(byte => byte === 0x2f ? fc.constant('/') : spell(byte))).map(parts => parts.join(''))
    return fc.tuple(one, one)
  })
  let accepted = 0
  fc.assert(fc.property(spellings, ([one, other]) => {
    const first = readTarget(request(one))
    const second = readTarget(request(other))
    if (typeof first === 'string' || typeof second === 'string') return
    accepted += 1
    t.equal(first.foldedPath, second.foldedPath)
    t.equal(first.path.length > 0 && first.foldedPath.startsWith('/'), true)
  }), { numRuns: 5000 })
  t.ok(accepted > 500, `${accepted} accepted`)
})

function spell (byte: number): fc.Arbitrary<string> {
  const hex = byte.toString(16).padStart(2, '0')
  const character = String.fromCharCode(byte)
  const isRawAllowed = /[A-Za-z0-9\-._~!$&'()*+,=:@[\]|^]/.test(character)
  return fc.constantFrom(`%${hex}`, `%${hex.toUpperCase()}`, ...(isRawAllowed ? [character] : []))
}

t.test('property: never throws anything but a Denial', async t => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 64 }), spelled)
  fc.assert(fc.property(text, text, fc.array(text, { maxLength: 6 }), fc.constantFrom('GET', 'POST', 'TRACE', ''), (target, authority, rawHeaders, method) => {
    t.equal(typeof read(request(target, { rawHeaders, method, authority })), 'string')
  }), { numRuns: 2000 })
})

t.test('property: a literal pattern that is accepted can be asked for, and matches', async t => {
  let accepted = 0
  fc.assert(fc.property(spelled, path => {
    if (explainRoutePattern(`* ${path}`) !== undefined) return
    accepted += 1
    const found = readTarget(request(path.replace(/[^\x21-\x7e]|["<>`{}]/gu, encodeURIComponent)))
    t.equal(typeof found, 'object', path)
    if (typeof found !== 'string') t.ok(compileRoutePattern(`* ${path}`).matches('GET', found.foldedPath), path)
  }), { numRuns: 3000 })
  t.ok(accepted > 100, `${accepted} accepted`)
})

t.test('the longest targets cost linear time', async t => {
  const hostile = (length: number) => [
    `/${'.'.repeat(length)}a`, '/a'.repeat(length / 2), '/%20'.repeat(length / 4), `/${'. '.repeat(length / 2)}`, '%25'.repeat(length / 3), `/${'%C2%AD'.repeat(length / 6)}`,
    `/a?${'%5f'.repeat(length / 3)}`, `/a?${'_method&'.repeat(length / 8)}`, `/a?${'&'.repeat(length)}`, `/${'%CC%88'.repeat(length / 6)}`, '//'.repeat(length / 2),
  ]
  const measure = (length: number) => hostile(length).map(target => {
    let best = Infinity
    for (let run = 0; run < 5; run += 1) {
      const begin = process.hrtime.bigint()
      read(request(target))
      best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1e6)
    }
    return best
  })
  measure(4000)
  for (const length of [4000, 16_000, 32_768]) {
    for (const took of measure(length)) t.ok(took < 10, `${length} characters in ${took.toFixed(2)} ms`)
  }
})
