// Route patterns: what they match, what they refuse, and that the tree of many gives the answer of one at a time.
import fc from 'fast-check'
import t from 'tap'
import { compileRoutePattern, compileRouteTable, explainRoutePattern, findAmbiguity, foldPath, methodsOfRoutePattern } from '../../src/shared/route-pattern.ts'

const matches = (pattern: string, path: string, method = 'GET') => compileRoutePattern(pattern).matches(method, foldPath(path))

t.test('what a pattern matches', async t => {
  const yes: readonly (readonly [string, string])[] = [
    ['GET /', '/'], ['* /**', '/'], ['* /**', '/a/b'], ['GET /patients', '/patients'], ['GET /patients/', '/patients'], ['GET /patients', '/patients/'],
    ['GET /Patients/*', '/PATIENTS/17/'], ['GET /patients/**', '/patients'], ['GET /patients/**', '/patients/1/notes'], ['GET /*/notes', '/x/notes'], ['GET /*/**', '/x'],
    ['GET /m%C3%BCller', '/M%C3%9CLLER'], ['GET /Müller', '/m%c3%bcller'], ['GET /a%2Cb', '/a,b'], ['GET /straße', '/STRASSE'], ['GET /x.', '/x'],
  ]
  for (const [pattern, path] of yes) t.ok(matches(pattern, path), `${pattern} matches ${path}`)
  const no: readonly (readonly [string, string])[] = [
    ['GET /', '/a'], ['GET /*', '/'], ['GET /patients/*', '/patients'], ['GET /patients/*', '/patients/'], ['GET /patients/*', '/patients/1/notes'],
    ['GET /patients', '/patientsx'], ['GET /patients/**', '/patientsx'], ['GET /*/**', '/'], ['GET /*/notes', '/notes'],
  ]
  for (const [pattern, path] of no) t.notOk(matches(pattern, path), `${pattern} does not match ${path}`)
})

t.test('methods: HEAD goes with GET, never the other way', async t => {
  t.ok(matches('GET /a', '/a', 'HEAD'))
  t.notOk(matches('HEAD /a', '/a', 'GET'))
  t.notOk(matches('POST /a', '/a', 'HEAD'))
  t.ok(matches('POST,GET /a', '/a', 'HEAD'))
  t.ok(matches('* /a', '/a', 'PROPFIND'))
  t.notOk(matches('GET /a', '/a', 'get'))
  t.strictSame(methodsOfRoutePattern('GET,POST /a'), ['GET', 'POST'])
  t.strictSame(methodsOfRoutePattern('* /a'), [])
})

t.test('a pattern that no request can meet is refused with what to do', async t => {
  const refused = [
    '', 'GET', '/a', 'GET a', 'get /a', 'GET  /a', 'GET /a b', 'GET /a?b', 'GET /a#b', 'GET, POST /a', 'GET /**/a', 'GET /a*', 'GET /***', 'GET /a/{id}', 'GET /:id', 'GET /[0-9]+', 'GET /a/.*', 'GET /^a', 'GET /a|b', 'GET /a**',
    'GET //', 'GET /a//b', 'GET /a//', 'GET /./a', 'GET /a/..', 'GET /%2e%2e/a', 'GET /%20/a', 'GET /...', 'GET /a;b', 'GET /a%3Bb', 'GET /a\\b', 'GET /a%5cb', 'GET /a%2Fb', 'GET /a%3fb', 'GET /a%00',
    'GET /%', 'GET /%zz', 'GET /%ff', 'GET /%c0%ae', 'GET /%2541', 'GET /%2A', 'GET /＊', 'GET /a／b', 'GET /a…', 'GET /\u200b/a', 'GET /a/\u200b', 'GET /a\u0085',
  ]
  for (const text of refused) {
    t.type(explainRoutePattern(text), 'string', JSON.stringify(text))
    t.throws(() => compileRoutePattern(text), TypeError)
  }
})

t.test('folding is idempotent for every character, and never makes structure out of what passed', async t => {
  const changed: number[] = []
  const structural: number[] = []
  for (let point = 0x80; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point)
    // Characters that no step changes fold to themselves; surrogates cannot be encoded.
    const isPlain = character.toLowerCase() === character && character.toUpperCase() === character && character.normalize('NFKC') === character
    if ((isPlain && !/\p{Default_Ignorable_Code_Point}/u.test(character)) || !character.isWellFormed()) continue
    const path = `/a${encodeURIComponent(character)}b`
    if (findAmbiguity(path) !== undefined) continue
    const folded = foldPath(path)
    if (foldPath(folded) !== folded) changed.push(point)
    if (/[\\;?#%\p{Cc}]/u.test(folded) || folded.split('/').length !== 2) structural.push(point)
  }
  t.strictSame(changed, [])
  t.strictSame(structural, [])
})

t.test('broken escapes are not folded', async t => {
  t.throws(() => foldPath('/%ff'), URIError)
})

const part = fc.constantFrom('a', 'b', 'c', '*')
const pattern = fc.tuple(fc.constantFrom('*', 'GET', 'POST', 'GET,POST', 'HEAD'), fc.array(part, { maxLength: 4 }), fc.boolean())
  .map(([method, parts, open]) => `${method} /${[...parts, ...(open ? ['**'] : [])].join('/')}`)
const path = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 5 }).map(parts => `/${parts.join('/')}`)

/** The definition, one segment at a time. */
function matchesNaively (text: string, method: string, asked: string): boolean {
  const [methods = '', wanted = ''] = text.split(' ')
  const isMethod = methods === '*' || methods.split(',').some(one => one === method || (one === 'GET' && method === 'HEAD'))
  const expected = wanted.split('/').slice(1)
  const actual = asked.split('/').slice(1)
  const fits = (index: number): boolean => {
    if (expected[index] === '**' && index === expected.length - 1) return true
    if (index === expected.length) return index === actual.length
    const segment = actual[index]
    return segment !== undefined && (expected[index] === '*' ? segment !== '' : expected[index] === segment) && fits(index + 1)
  }
  return isMethod && fits(0)
}

t.test('property: the tree gives the first pattern that matches by the definition', async t => {
  let found = 0
  fc.assert(fc.property(fc.array(pattern, { maxLength: 12 }), fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'), path, (texts, method, asked) => {
    const table = compileRouteTable(texts.map((text, value) => ({ pattern: text, value })))
    const naive = texts.findIndex(text => matchesNaively(text, method, asked))
    if (naive !== -1) found += 1
    if (table.find(method, asked) !== (naive === -1 ? undefined : naive)) throw new Error(`${texts.join(' | ')}: ${method} ${asked}`)
  }), { numRuns: 5000 })
  t.ok(found > 500, `${found} matched`)
})

t.test('a request costs its segments, not the number of rules', async t => {
  const measure = (rules: number) => {
    const table = compileRouteTable(Array.from({ length: rules }, (_, index) => ({ pattern: `GET /area-${index}/*/notes`, value: index })))
    let best = Infinity
    for (let round = 0; round < 20; round += 1) {
      const begin = process.hrtime.bigint()
      for (let index = 0; index < 500; index += 1) table.find('GET', `/area-${index % rules}/17/notes`)
      best = Math.min(best, Number(process.hrtime.bigint() - begin))
    }
    return best
  }
  const few = measure(5)
  const many = measure(1000)
  t.ok(many < few * 20, `5 rules ${few} ns, 1000 rules ${many} ns`)
})
