// What a browser may keep: the files that a page is made of, and nothing that can show a patient.
import { ask, openHttp2, askHttp2 } from './clients.ts'
import { setUp } from './forward-app.ts'
import { testBothWays } from './both-ways.ts'

const modified = 'Tue, 03 Mar 2026 08:00:00 GMT'

const kept = [
  ['a style sheet with an age', { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600' }],
  ['a script with a date', { 'content-type': 'text/javascript', 'last-modified': modified }],
  ['an immutable script', { 'content-type': 'application/javascript', 'cache-control': 'immutable' }],
  ['a font', { 'content-type': 'font/woff2', 'last-modified': modified, expires: modified }],
] as const

const notKept = [
  ['a page, whatever it says', { 'content-type': 'text/html', 'cache-control': 'public, max-age=3600', expires: modified, pragma: 'cache', 'last-modified': modified }],
  ['JSON', { 'content-type': 'application/json', etag: '"a"' }],
  ['a picture, which can be of a patient', { 'content-type': 'image/png', 'cache-control': 'public, max-age=3600' }],
  ['a download', { 'content-type': 'application/pdf', 'content-disposition': 'attachment', 'last-modified': modified }],
  ['no type at all', { 'cache-control': 'max-age=60' }],
  ['a script that was made just now', { 'content-type': 'text/javascript' }],
  ['a script for one person', { 'content-type': 'text/javascript', 'last-modified': modified, 'cache-control': 'private, max-age=60' }],
  ['a script with a cookie', { 'content-type': 'text/javascript', 'last-modified': modified, 'set-cookie': 'a=b' }],
  ['a script that is to be asked for each time', { 'content-type': 'text/javascript', 'last-modified': modified, 'cache-control': 'no-cache' }],
  ['a type that only begins like one', { 'content-type': 'text/cssx', 'last-modified': modified }],
  ['an age of zero', { 'content-type': 'text/css', 'cache-control': 'max-age=0' }],
] as const

for (const [name, headers] of kept) {
  testBothWays(`kept: ${name}`, async t => {
    const { app, upstream } = await setUp(t)
    upstream.answer((_request, response) => { response.writeHead(200, headers).end('x') })
    const answer = await ask(app)
    for (const [field, value] of Object.entries(headers)) t.equal(answer.headers[field], value, field)
    t.equal(answer.headers['cache-control'], 'cache-control' in headers ? headers['cache-control'] : undefined)
  })
}

for (const [name, headers] of notKept) {
  testBothWays(`not kept: ${name}`, async t => {
    const { app, upstream } = await setUp(t)
    upstream.answer((_request, response) => { response.writeHead(200, headers).end('x') })
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    for (const answer of [await ask(app), await askHttp2(session), await ask(app, { method: 'POST', body: 'x' })]) {
      t.equal(answer.headers['cache-control'], 'no-store')
      t.equal(answer.headers['expires'], undefined)
      t.equal(answer.headers['pragma'], undefined)
      if ('etag' in headers) t.equal(answer.headers['etag'], headers.etag)
    }
  })
}

testBothWays('a page that the CRM refuses or that failed is not kept either; a 304 is as it was', async t => {
  const { app, upstream } = await setUp(t)
  for (const status of [404, 500, 301]) {
    upstream.answer((_request, response) => { response.writeHead(status, { 'cache-control': 'max-age=60', location: '/x' }).end('x') })
    t.equal((await ask(app)).headers['cache-control'], 'no-store', String(status))
  }
  upstream.answer((_request, response) => { response.writeHead(304, { 'cache-control': 'max-age=60', etag: '"a"' }).end() })
  t.match(await ask(app), { status: 304, headers: { 'cache-control': 'max-age=60', etag: '"a"' } })
})

testBothWays('routes whose answers may be kept: what the CRM says about them counts', async t => {
  const picture = { 'content-type': 'image/png', 'cache-control': 'max-age=3600' }
  for (const [foldedPath, isKept] of [['/logos/clinic.png', true], ['/photos/42.png', false], [undefined, false]] as const) {
    const { app, upstream } = await setUp(t, { config: { cacheable: ['GET /logos/**'] }, context: { foldedPath } })
    upstream.answer((_request, response) => { response.writeHead(200, picture).end('x') })
    t.equal((await ask(app)).headers['cache-control'], isKept ? 'max-age=3600' : 'no-store')
  }
})
