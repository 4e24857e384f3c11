import t from 'tap'
import { startMaskedClinic, type MaskedClinic, type Send } from '../support/masking.ts'

const answer = '{"rows":[{"id":1,"name":"Ann Example","ssn":"900-12-3456","diagnosis":"F32.1"}]}'

async function start (t: Parameters<typeof startMaskedClinic>[0], masking: object = {}) {
  const clinic = await startMaskedClinic(t, { masking })
  clinic.answers(answer)
  return { clinic, send: await clinic.sender() }
}

interface Attempt { readonly code: string, readonly asked: string, send (): ReturnType<Send> }

async function isRefused (t: Parameters<typeof startMaskedClinic>[0], clinic: MaskedClinic, { code, asked, send }: Attempt) {
  const before = clinic.asked().length
  const got = await send()
  t.equal(got.status, code === 'masking.contentUnreadable' ? 415 : 403, asked)
  t.match(JSON.parse(got.body), { code }, asked)
  t.match(await clinic.last('request.denied'), { decision: { reason: code }, what: { record: { type: 'patient' } }, who: { id: 'desk-2' } }, asked)
  t.equal(clinic.asked().length, before, `the CRM saw nothing: ${asked}`)
}

t.test('a search, filter or sort order by a masked field is refused, however it is written, and the CRM saw nothing', async t => {
  const { clinic, send } = await start(t)
  const queries = [
    'ssn=900-12-3456', 'SSN=9', 'filter[ssn]=9', 'filter%5Bssn%5D=9', 'filter%255Bssn%255D=9', 'ssn__startswith=9', 'q[ssn_eq]=9', 'patient.ssn=9', 'minSsn=9', 'sort=ssn', 'sort=-ssn', 'sort=name,ssn', 'orderBy=patient.ssn', 'sortBySsn=1',
    '$filter=ssn%20eq%20%27900%27', '$orderby=birthday desc'.replace(' ', '%20'), 'where[0][attribute]=ssn&where[0][value]=9', 'where=%7B%22ssn%22%3A%229%22%7D', 'where=%7B%22%5Cu0073sn%22%3A%229%22%7D', 'and=(ssn.eq.9)', 'group=diagnosis', 'count_by=diagnosis',
    `f=${Buffer.from('{"ssn":"9"}').toString('base64url')}`, 'page=1;ssn=9', 'x=%E9&ssn=9', 's%73n=9', 'ｓｓｎ=9'.replace(/[^=9]/g, letter => encodeURIComponent(letter)), 'select=id&sort=ssn', 'select=kept:ssn', 'select=ssn%20as%20kept', 'q=900-12', 'q=Ann',
  ]
  for (const query of queries) await isRefused(t, clinic, { code: 'masking.search', asked: query, send: () => send('GET', `/patients?${query}`) })
  const bodies: ReadonlyArray<readonly [string, string?]> = [
    ['{"filter":{"ssn":"9"}}'], ['{"where":[{"attribute":"ssn","value":"9"}]}'], ['{"sort":"-ssn"}'], ['{"sort":["name",{"birthday":"desc"}]}'], ['{"search":"900-12"}'], ['{"s\\u0073n":1}'], ['{"ssn":null}'], ['{"a":1,"a":"ssn"}'],
    ['ssn=9', 'application/x-www-form-urlencoded'], ['filter[ssn]=9', 'application/x-www-form-urlencoded'], ['search=900', 'application/x-www-form-urlencoded'],
  ]
  for (const [body, type] of bodies) await isRefused(t, clinic, { code: 'masking.search', asked: body, send: () => send('POST', '/patients/search', { body, ...(type === undefined ? {} : { type }) }) })
})

t.test('other searches pass, and so does a choice of columns', async t => {
  const { clinic, send } = await start(t)
  for (const query of ['', '?sort=-name&page=2&limit=50', '?select=id,ssn,diagnosis', '?name=Ann', '?q=', '?x=%E9', '?filter[status]=new']) {
    t.equal((await send('GET', `/patients${query}`)).status, 200, query)
  }
  t.equal((await send('POST', '/patients/search', { body: '{"columns":["ssn"],"filter":{"name":"Ann"},"search":""}' })).status, 200)
  const received = clinic.asked().at(-1)
  t.equal((await received?.body)?.toString(), '{"columns":["ssn"],"filter":{"name":"Ann"},"search":""}', 'byte for byte')
})

t.test('a text search passes when it looks at nothing that is masked', async t => {
  const { clinic, send } = await start(t, { searches: [{ records: ['patient'], text: ['query.q'], over: ['name', 'phone'] }] })
  t.equal((await send('GET', '/patients?q=ssn')).status, 200, 'the words of a search are not names of fields')
  t.notMatch((await send('GET', '/patients?q=Ann')).body, /F32|900-12/)
  t.equal(clinic.asked().length, 2)
})

t.test('search results show only what a rule for searches leaves', async t => {
  const { send } = await start(t, {
    rules: [
      { roles: ['desk'], records: ['patient'], kinds: ['search'], fields: ['**.id', '**.name'], action: 'show' },
      { roles: ['desk'], records: ['patient'], kinds: ['search'], fields: ['**'], action: 'hide' },
    ],
    searches: [{ records: ['patient'], text: ['query.q'], over: ['name'] }],
  })
  t.equal((await send('GET', '/patients?q=Ann')).body, '{"rows":[{"id":1,"name":"Ann Example"}]}')
  t.equal((await send('GET', '/patients')).body, answer, 'a list is no search')
})

t.test('where everything but some fields is hidden, a search may look at those only', async t => {
  const rules = [
    { roles: ['desk'], records: ['patient'], fields: ['**.id', '**.name'], action: 'show' },
    { roles: ['desk'], records: ['patient'], fields: ['**'], action: 'hide' },
  ]
  const { clinic, send } = await start(t, { rules })
  t.equal((await send('GET', '/patients?sort=name&page=2')).status, 200)
  for (const query of ['q=900', 'sort=ssn']) await isRefused(t, clinic, { code: 'masking.search', asked: query, send: () => send('GET', `/patients?${query}`) })
})

t.test('what a person was shown instead of a value cannot overwrite it: the change is refused', async t => {
  const { clinic, send } = await start(t)
  const json: ReadonlyArray<readonly [string, string?]> = [
    ['{"name":"Ann","ssn":"***3456"}'], ['{"data":{"attributes":{"SSN":"x"}}}'], ['{"ssn":null}'], ['{"diagnosis":{"code":"x"}}'], ['{"diagnosis":[]}'], ['{"s\\u0073n":"x"}'], ['{"birth_day":"1980"}'], ['{"patient.ssn":"x"}'], ['[{"ssn":"x"}]'],
    ['[{"op":"replace","path":"/ssn","value":"x"}]', 'application/json-patch+json'], ['{"field":"ssn","value":"x"}'], ['{"name":"x","name":"y","ssn":1,"ssn":2}'],
    ['name=Ann&ssn=***3456', 'application/x-www-form-urlencoded'], ['patient[ssn]=x', 'application/x-www-form-urlencoded'],
  ]
  for (const method of ['PUT', 'PATCH', 'POST']) {
    for (const [body, type] of method === 'PUT' ? json : json.slice(0, 2)) {
      await isRefused(t, clinic, { code: 'masking.write', asked: `${method} ${body}`, send: () => send(method, '/patients/42', { body, ...(type === undefined ? {} : { type }) }) })
    }
  }
  for (const [body, type] of [['--x', 'multipart/form-data; boundary=x'], ['--x', 'multipart/form-data'], ['<ssn>x</ssn>', 'application/xml'], ['{"ssn":', 'application/json'], ['ssn: x', 'text/plain'], ['{"a":1}', 'application/json; charset=utf-16']] as const) {
    await isRefused(t, clinic, { code: 'masking.contentUnreadable', asked: body, send: () => send('PUT', '/patients/42', { body, type }) })
  }
  await isRefused(t, clinic, { code: 'masking.search', asked: 'a field in the query of a change', send: () => send('PUT', '/patients/42?ssn=x', { body: '{}' }) })
})

t.test('a change of other fields reaches the CRM byte for byte', async t => {
  const { clinic, send } = await start(t)
  const body = '{ "name" : "Ann \u00e9", "note": "the ssn and the diagnosis were discussed", "n": 1.50 }'
  const got = await send('PUT', '/patients/42', { body })
  t.equal(got.status, 200)
  t.equal((await clinic.asked().at(-1)?.body)?.toString(), body)
  t.notMatch(got.body, /900-12|F32/, 'and what it answers is masked')
})

t.test('a form with files is read too: a masked field in it is refused, others go on byte for byte', async t => {
  const { clinic, send } = await start(t)
  const form = (name: string) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nvalue\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="scan.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--x--\r\n`
  const type = 'multipart/form-data; boundary=x'
  for (const name of ['ssn', 'patient[ssn]']) await isRefused(t, clinic, { code: 'masking.write', asked: name, send: () => send('POST', '/patients/42', { body: form(name), type }) })
  t.equal((await send('POST', '/patients/42', { body: form('name'), type })).status, 200)
  t.equal((await clinic.asked().at(-1)?.body)?.toString(), form('name'))
})

t.test('a request without content passes', async t => {
  const { clinic, send } = await start(t)
  t.equal((await send('DELETE', '/patients/42')).status, 200)
  t.equal(clinic.asked().at(-1)?.method, 'DELETE')
})

t.test('with writes: remove the field is taken out and the rest reaches the CRM', async t => {
  const { clinic, send } = await start(t, { writes: 'remove' })
  const cases: ReadonlyArray<readonly [string, string, string?]> = [
    ['{"name":"Ann \u00e9","ssn":"***3456","birthday":null, "n": 1.50}', '{"name":"Ann \u00e9", "n": 1.50}'], ['{"diagnosis":{"code":"x"},"a":[{"ssn":1,"b":2}]}', '{"a":[{"b":2}]}'], ['{"ssn":"x"}', '{}'],
    ['name=Ann&ssn=x&b=2', 'name=Ann&b=2', 'application/x-www-form-urlencoded'],
  ]
  for (const [body, sent, type = 'application/json'] of cases) {
    t.equal((await send('PUT', '/patients/42', { body, type })).status, 200, body)
    const received = clinic.asked().at(-1)
    t.equal((await received?.body)?.toString(), sent)
    t.equal(received?.headers['content-length'], String(Buffer.byteLength(sent)))
  }
})

t.test('a GraphQL answer is masked by what its fields are, not by what the request calls them', async t => {
  const { clinic, send } = await start(t)
  clinic.answers('{"data":{"p":{"name":"Ann","x":"900-12-3456","inner":{"y":"F32.1","z":"900-12-3457"}}}}')
  const query = 'query { p: patient(id: 42) { name x: ssn ...F } } fragment F on Patient { inner { y : diagnosis, z\n:\n# a comment\nssn } }'
  const got = await send('POST', '/graphql', { body: JSON.stringify({ query }) })
  t.equal(got.body, '{"data":{"p":{"name":"Ann","x":"***3456","inner":{"z":"***3457"}}}}')
  clinic.answers('{"data":{"x":"900-12-3456"}}')
  t.equal((await send('GET', `/graphql?query=${encodeURIComponent('{ x: ssn }')}`)).body, '{"data":{"x":"***3456"}}')
  await isRefused(t, clinic, { code: 'masking.search', asked: 'GET', send: () => send('GET', `/graphql?query=${encodeURIComponent('{ p(where: {ssn: 9}) { id } }')}`) })
  clinic.answers('{"data":{"x":"900-12-3456"}}')
  for (const body of [{ document: 'mutation { x: ssn }' }, [{ query: '{ x: ssn }' }, { other: 1 }]]) {
    t.equal((await send('PUT', '/patients/42', { body: JSON.stringify(body) })).body, '{"data":{"x":"***3456"}}', 'a document in another place')
  }
  clinic.answers('[{"data":{"a":"900-12-3456"}},{"data":{"b":"F32.1","c":1}}]')
  t.equal((await send('POST', '/graphql', { body: JSON.stringify([{ query: '{ a: ssn }' }, { query: '{ b: diagnosis c: count }' }]) })).body, '[{"data":{"a":"***3456"}},{"data":{"c":1}}]', 'a batch')
  const refused: ReadonlyArray<readonly [string, string]> = [
    ['masking.search', JSON.stringify({ query: '{ patients(where: {ssn: "9"}) { id } }' })],
    ['masking.search', JSON.stringify({ query: '{ patients(orderBy: ssn_ASC) { id } }' })],
    ['masking.search', JSON.stringify({ query: '{ patients(order: "ssn") { id } }' })],
    ['masking.search', JSON.stringify({ query: 'query ($w: W) { patients(where: $w) { id } }', variables: { w: { ssn: '9' } } })],
    ['masking.contentUnreadable', JSON.stringify({ query: '{ patients( { id }' })],
    ['masking.contentUnreadable', JSON.stringify({ query: '{ a: ssn "' })],
    ['masking.contentUnreadable', JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } })],
  ]
  for (const [code, body] of refused) await isRefused(t, clinic, { code, asked: body, send: () => send('POST', '/graphql', { body }) })
})
