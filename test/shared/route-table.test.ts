import fc from 'fast-check'
import t from 'tap'
import { compileRoutePattern, compileRouteTable, explainRoutePattern, foldPath, methodsOfRoutePattern } from '../../src/shared/route-pattern.ts'

/** Whether `pattern` matches `METHOD /path`, the path as it is written in a request. */
function matches (pattern: string, request: string): boolean {
  const [method = '', path = ''] = request.split(' ')
  return compileRoutePattern(pattern).matches(method, foldPath(path))
}

t.test('a method, a list, any; GET covers HEAD and nothing else does', async t => {
  for (const [pattern, yes, no] of [
    ['GET /a', ['GET', 'HEAD'], ['POST', 'get', 'OPTIONS', '', '*', 'GE', 'GETS']],
    ['HEAD /a', ['HEAD'], ['GET']],
    ['POST /a', ['POST'], ['HEAD', 'GET']],
    ['GET,POST /a', ['GET', 'HEAD', 'POST'], ['PUT', 'GET,POST']],
    ['PUT,DELETE /a', ['PUT', 'DELETE'], ['HEAD', 'GET']],
    ['* /a', ['GET', 'HEAD', 'POST', 'PROPFIND'], []],
  ] as const) {
    for (const method of yes) t.ok(matches(pattern, `${method} /a`), `${pattern}: ${method}`)
    for (const method of no) t.notOk(matches(pattern, `${method} /a`), `${pattern}: not ${method}`)
  }
  t.same(methodsOfRoutePattern('GET,POST /a'), ['GET', 'POST'])
  t.same(methodsOfRoutePattern('* /a'), [])
})

t.test('* is one segment that is there, a last ** any rest and none', async t => {
  for (const [pattern, yes, no] of [
    ['GET /', ['/'], ['/a']],
    ['GET /a', ['/a', '/a/', '/A', '/%61', '/a.'], ['/', '/ab', '/a/b', '/b']],
    ['GET /A/', ['/a', '/a/', '/A'], ['/a/b']],
    ['GET /*', ['/a', '/a/'], ['/', '/a/b']],
    ['GET /a/*', ['/a/b', '/a/b/'], ['/a', '/a/', '/a/b/c', '/b/b']],
    ['GET /a/*/c', ['/a/b/c', '/a/*/c'], ['/a/c', '/a/b/d', '/a/b/c/d', '/a/b/b/c']],
    ['GET /**', ['/', '/a', '/a/b/c'], []],
    ['GET /a/**', ['/a', '/a/', '/a/b', '/a/b/c'], ['/', '/ab', '/b/a']],
    ['GET /*/b/**', ['/a/b', '/x/b/c/d'], ['/b', '/a', '/a/c/b']],
  ] as const) {
    for (const path of yes) t.ok(matches(pattern, `GET ${path}`), `${pattern}: ${path}`)
    for (const path of no) t.notOk(matches(pattern, `GET ${path}`), `${pattern}: not ${path}`)
  }
})

t.test('no spelling of a path escapes a spelling of its pattern', async t => {
  const spellings = ['/straße/renée', '/STRASSE/RENÉE', '/Strasse/Rene%CC%81e', '/stra%C3%9Fe/ren%c3%a9e', '/straße/renée/', '/ｓtraße/renée', '/\u017ftraße/renée', '/%73tra%C3%9Fe/renée']
  for (const pattern of spellings) for (const path of spellings) t.ok(matches(`GET ${pattern}`, `GET ${path}`), `${pattern}: ${path}`)
  for (const path of ['/strase/renée', '/straße/renee', '/straße', '/straße/renée/x']) t.notOk(matches('GET /straße/renée', `GET ${path}`), path)
})

t.test('what is no pattern is explained in a sentence, and does not compile', async t => {
  const say = (expected: RegExp, ...texts: string[]) => {
    for (const text of texts) {
      t.match(explainRoutePattern(text), expected, JSON.stringify(text))
      t.throws(() => compileRoutePattern(text), TypeError, text)
      t.throws(() => compileRouteTable([{ pattern: 'GET /', value: 1 }, { pattern: text, value: 2 }]), TypeError, text)
    }
  }
  say(/^write it as METHOD \/path/, '', '/a', 'GET', 'GET a', 'get /a', 'GET  /a', ' GET /a', 'GET /a ', 'GET /a b', 'GET\t/a', 'GET, POST /a', 'GET, /a', '*,GET /a', 'GET https://crm.clinic.test/a', 'GET /a?b', 'GET /a#b', 'GET /a\n')
  say(/^\*\* stands only at the end/, 'GET /**/a', 'GET /a/**/b', 'GET /**/', 'GET /**/**', 'GET /a**/b')
  say(/^a \* stands for a whole segment/, 'GET /a*', 'GET /*.pdf', 'GET /a/***', 'GET /a**', 'GET /%2A', 'GET /a/%2a/b', 'GET /＊')
  say(/^no request can have this path/, 'GET //', 'GET //a', 'GET /a//b', 'GET /./a', 'GET /a/..', 'GET /a/%2e%2e/b', 'GET /a/%20/b', 'GET /a;b', 'GET /a%3bb', 'GET /a%5Cb', 'GET /a%2fb', 'GET /a%3Fb', 'GET /a%00', 'GET /a／b')
  say(/^regular expressions are not known here/, 'GET /a\\b')
  say(/^it has a percent sign/, 'GET /%', 'GET /100%', 'GET /%zz', 'GET /%ff', 'GET /%c3')
  for (const text of ['GET /', '* /**', 'GET,POST /a', 'GET /a/', 'GET /%C3%A9', 'GET /é', 'GET /a.b', 'GET /a/*/b/**', 'GET /a%20b', 'GET /~a_-', 'PROPFIND /a']) t.equal(explainRoutePattern(text), undefined, text)
})

t.test('of several entries the first in the table\'s order decides, not the narrowest', async t => {
  const patterns = ['GET /a/b', 'GET /a/*', 'GET /a/**', '* /**']
  const first = (order: readonly string[], method: string, path: string) => compileRouteTable(order.map(pattern => ({ pattern, value: pattern }))).find(method, path)
  t.equal(first(patterns, 'GET', '/a/b'), 'GET /a/b')
  t.equal(first(patterns, 'GET', '/a/c'), 'GET /a/*')
  t.equal(first(patterns, 'GET', '/a/c/d'), 'GET /a/**')
  t.equal(first(patterns, 'POST', '/a/b'), '* /**')
  t.equal(first(patterns.toReversed(), 'GET', '/a/b'), '* /**')
  t.equal(first(['GET /a/**', 'GET /a/b'], 'GET', '/a/b'), 'GET /a/**')
  t.equal(first(['GET /a/*', 'GET /a/b'], 'GET', '/a/b'), 'GET /a/*')
  t.equal(first(['POST /a', 'GET /a'], 'HEAD', '/a'), 'GET /a')
  t.equal(first(patterns.slice(0, 3), 'GET', '/b'), undefined)
  t.equal(first([], 'GET', '/'), undefined)
  t.equal(compileRouteTable([{ pattern: 'GET /__proto__', value: 1 }, { pattern: 'GET /__proto__', value: 2 }]).find('GET', '/__proto__'), 1)
  t.equal(compileRouteTable([{ pattern: 'GET /__proto__', value: 1 }]).find('GET', '/constructor'), undefined)
})

t.test('property: the table answers as its patterns one after another', async () => {
  const parts = fc.tuple(fc.constantFrom('*', 'GET', 'GET,POST', 'HEAD'), fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 3 }), fc.boolean())
  const pattern = parts.map(([method, segments, open]) => `${method} /${[...segments, ...(open ? ['**'] : [])].join('/')}`)
  /** Its own reading of a pattern, by a regular expression. */
  const naive = (text: string, method: string, path: string) => {
    const [methods = '', route = ''] = text.split(' ')
    const source = route.split('/').slice(1).map(part => part === '**' ? '(?:/.*)?' : part === '*' ? '/[^/]+' : `/${part}`).join('')
    return (methods === '*' || methods.split(',').includes(method) || (method === 'HEAD' && methods.includes('GET'))) && new RegExp(`^${source}$`).test(path)
  }
  fc.assert(fc.property(fc.array(pattern, { maxLength: 8 }), fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'), fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }), (patterns, method, segments) => {
    const path = `/${segments.join('/')}`
    const expected = patterns.findIndex(text => naive(text, method, path))
    const found = compileRouteTable(patterns.map((text, value) => ({ pattern: text, value }))).find(method, path) ?? -1
    if (found !== expected) throw new Error(`${method} ${path} in ${patterns.join(' | ')}: ${found}, not ${expected}`)
  }), { numRuns: 4000 })
})

t.test('300 patterns cost about what three cost', async t => {
  const measure = (count: number) => {
    const routes = compileRouteTable(Array.from({ length: count }, (_, n) => ({ pattern: `${n % 2 === 0 ? 'GET' : '*'} /section-${n}/*/part/**`, value: n })))
    const began = process.cpuUsage()
    for (let n = 0; n < 40_000; n++) if (routes.find('GET', `/section-${n % count}/x/part/y`) !== n % count) throw new Error('not found')
    const used = process.cpuUsage(began)
    return used.user + used.system
  }
  const best = (count: number) => Math.min(...Array.from({ length: 5 }, () => measure(count)))
  best(3)
  const [few, many] = [best(3), best(300)]
  t.ok(many <= 4 * few, `${many} µs against ${few} µs`)
})
