// What a curious person tried against the masks of a running gateway, and what came of it.
import t from 'tap'
import { startMaskedClinic, type MaskedClinic, type Send } from '../support/masking.ts'

const searches = [{ records: ['patient'], text: ['query.q', 'body.variables.searchInput'], over: ['name', 'ssn'], columns: ['query.select'] }]

async function start (t: Parameters<typeof startMaskedClinic>[0]) {
  const clinic = await startMaskedClinic(t, { masking: { searches } })
  clinic.answers('{"rows":[{"id":1,"ssn":"900-12-3456"}]}')
  return { clinic, send: await clinic.sender() }
}

interface Attempt { readonly method?: string, readonly path: string, readonly body?: string, readonly type?: string, readonly code: string }

async function isRefused (t: Parameters<typeof startMaskedClinic>[0], { clinic, send }: { readonly clinic: MaskedClinic, readonly send: Send }, { method = 'GET', path, code, ...rest }: Attempt) {
  const before = clinic.asked().length
  const got = await send(method, path, rest)
  const asked = `${method} ${decodeURIComponent(path)} ${rest.body ?? ''}`
  t.match(JSON.parse(got.body), { code }, asked)
  t.equal(got.status, code === 'masking.contentUnreadable' ? 415 : 403, asked)
  t.equal(clinic.asked().length, before, `the CRM saw nothing: ${asked}`)
}

const queryOf = (text: string) => `/patients?${text.replace(/(?<==)[^]*/, encodeURIComponent)}`

t.test('a filter is not taken for a GraphQL document because it stands in query and has braces', async t => {
  const clinic = await start(t)
  for (const query of ['{"ssn":"9"}', '{ssn:9}', '{ssn:abc}', 'ssn:{a TO b}', 'query ssn:{a TO b}', '{"$where":"this.ssn"}']) {
    await isRefused(t, clinic, { path: queryOf(`query=${query}`), code: 'masking.search' })
    if (query.startsWith('{"')) await isRefused(t, clinic, { method: 'POST', path: '/patients/search', body: JSON.stringify({ query }), code: 'masking.search' })
  }
  t.equal((await clinic.send('GET', queryOf('query={"name":"Ann"}'))).status, 200, 'a filter by another field passes')
})

t.test('a stored document is refused in the address too', async t => {
  const clinic = await start(t)
  for (const query of ['extensions={"persistedQuery":{"version":1,"sha256Hash":"x"}}', 'extensions=%7B%22persistedQuery%22%3A1%7D']) await isRefused(t, clinic, { path: queryOf(query), code: 'masking.contentUnreadable' })
  await isRefused(t, clinic, { path: `/graphql?query=${encodeURIComponent('{ x: ssn }')}&extensions=${encodeURIComponent('{"persistedQuery":{"sha256Hash":"x"}}')}`, code: 'masking.contentUnreadable' })
})

t.test('words to be looked for are refused as an argument of GraphQL, and below the place that has them', async t => {
  const clinic = await start(t)
  const documents = [
    { query: '{ search(searchInput: "900") { id } }' },
    { query: 'query ($x: String!) { search(searchInput: $x) { id } }', variables: { x: '900' } },
    { query: 'query ($searchInput: String!) { search(searchInput: $searchInput) { id } }', variables: { searchInput: '900' } },
  ]
  for (const document of documents) await isRefused(t, clinic, { method: 'POST', path: '/graphql', body: JSON.stringify(document), code: 'masking.search' })
  for (const query of ['q[a]=900', 'q[0][b]=900']) await isRefused(t, clinic, { path: queryOf(query), code: 'masking.search' })
})

t.test('columns are names, and no functions of them', async t => {
  const clinic = await start(t)
  for (const columns of ['ssn.max()', 'upper(ssn)', 'data->ssn', 'substr(ssn,1,3)', 'ssn::text', 'ssn|upper']) await isRefused(t, clinic, { path: queryOf(`select=${columns}`), code: 'masking.search' })
  for (const columns of ['id,ssn', 'patient.ssn, "name"', '["ssn"]', '*']) t.equal((await clinic.send('GET', queryOf(`select=${columns}`))).status, 200, columns)
})

t.test('what GraphQL servers make of a field is masked as the field', async t => {
  const { clinic, send } = await start(t)
  clinic.answers('{"data":{"people":{"minBirthday":"1950-02-03","x":"1950-02-03","countUniqueValuesSsn":7,"totalCount":3,"diagnosis_max":"F32.1"}}}')
  const query = '{ people(filter: {id: {eq: "42"}}) { minBirthday x: maxBirthday countUniqueValuesSsn totalCount diagnosis_max } }'
  t.equal((await send('POST', '/graphql', { body: JSON.stringify({ query }) })).body, '{"data":{"people":{"minBirthday":"1950","x":"1950","countUniqueValuesSsn":null,"totalCount":3}}}')
})

t.test('a change may not say by a masked field which records it is about', async t => {
  const clinic = await start(t)
  const path = '/patients/42'
  await isRefused(t, clinic, { method: 'PATCH', path, body: '{"where":"ssn LIKE \'9%\'","name":"x"}', code: 'masking.search' })
  await isRefused(t, clinic, { method: 'PATCH', path, body: '{"filter":["ssn__startswith","9"]}', code: 'masking.search' })
  const form = (document: string) => `query=${encodeURIComponent(document)}`
  const type = 'application/x-www-form-urlencoded'
  await isRefused(t, clinic, { method: 'POST', path, body: form('mutation { updatePerson(id: 1, data: {ssn: "1"}) { id } }'), type, code: 'masking.write' })
  t.equal((await clinic.send('PATCH', path, { body: '{"note":"where ssn LIKE 9 was asked"}' })).status, 200, 'words in a note are no condition')
})

t.test('the head of an answer does not say what its content may not', async t => {
  const { clinic, send } = await start(t)
  const headers = { 'x-patient-ssn': '900-12-3456', location: '/patients/42?tab=1&ssn=900-12-3456&name=Ann', link: '</patients?birth_day=1950-02-03>; rel="next"', 'x-total-count': '3', 'set-cookie': 'theme=dark' }
  for (const [status, method] of [[200, 'GET'], [200, 'HEAD'], [302, 'GET'], [201, 'PUT']] as const) {
    clinic.answers('{"id":1}', { status, headers })
    const got = await send(method, '/patients/42/card'.slice(0, method === 'PUT' ? 12 : undefined), method === 'PUT' ? { body: '{"name":"Ann"}' } : {})
    t.equal(got.status, status)
    t.notMatch(JSON.stringify(got.headers), /900-12|1950/, `${method} ${status}`)
    t.match(got.headers, { 'x-total-count': '3', location: /tab=1&ssn=&name=Ann$/ })
  }
})

t.test('a page that is packed into the JSON of an answer is masked like one', async t => {
  const clinic = await startMaskedClinic(t, {
    masking: { searches, rules: [{ roles: ['desk'], records: ['patient'], fields: ['**.ssn'], selectors: ['td.ssn'], action: 'last4', as: 'ssn' }] },
  })
  clinic.answers(JSON.stringify({ content: '<table><tr><td class="ssn">900-12-3456</td></tr></table>', title: 'Ann' }))
  const browser = await clinic.browser()
  t.equal(JSON.parse((await browser.fetch(`${clinic.journey.url}/patients/42/card?ajax_load=1`)).body).content, '<table><tr><td class="ssn">***3456</td></tr></table>')
})
