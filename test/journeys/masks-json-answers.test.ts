import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { both, frontDesk, nurse, startMaskedClinic } from '../support/masking.ts'

const patient = '{ "id" : 42, "name":"Ann Example", "ssn":"900-12-3456","birthday":"1980-05-06", "diagnosis":{"code":"F32.1","text":"severe"}, "balance": 12.50 }'
const seenByDesk = '{ "id" : 42, "name":"Ann Example", "ssn":"***3456","birthday":"1980", "balance": 12.50 }'
const secrets = /900-12|05-06|F32|severe/

t.test('a field is masked for one role and shown to another; the rest stays byte for byte, and the trail says which fields', async t => {
  const clinic = await startMaskedClinic(t)
  clinic.answers(patient, { headers: { etag: '"v1"', 'last-modified': 'Thu, 26 Nov 2026 08:00:00 GMT', 'cache-control': 'public, max-age=60', 'x-crm': 'yes' } })
  const desk = await clinic.browser()
  const answer = await desk.fetch(`${clinic.journey.url}/patients/42`, {
    headers: {
      'if-none-match': '"v1"', 'if-modified-since': 'Thu, 26 Nov 2026 09:00:00 GMT', range: 'bytes=0-10', 'if-range': '"v1"', 'accept-encoding': 'gzip, br', 'a-im': 'vcdiff',
    }
  })
  t.equal(answer.status, 200)
  t.equal(answer.body, seenByDesk)
  t.match(answer.headers, { 'content-length': String(seenByDesk.length), 'cache-control': 'no-store', 'x-crm': 'yes' })
  t.notOk(answer.headers.etag ?? answer.headers['last-modified'] ?? answer.headers['accept-ranges'])
  const asked = clinic.asked().at(-1)?.headers ?? {}
  t.same(Object.keys(asked).filter(name => /^(?:if-|range|accept-encoding|a-im)/.test(name)), [], 'the CRM is asked for the whole answer as it is')
  t.match(await clinic.last('request.admitted'), { facts: { masks: 'masking.rules[0], masking.rules[1], masking.rules[2]' } })
  const ended = await clinic.last('request.completed')
  t.same(ended?.facts, { masked: '**.ssn last4 1; **.birthday generalise 1; **.diagnosis hide 1' })
  t.notMatch(JSON.stringify(ended), secrets)

  const ward = await clinic.browser(nurse)
  const whole = await ward.fetch(`${clinic.journey.url}/patients/42`, { headers: { 'if-none-match': '"v0"' } })
  t.equal(whole.body, patient)
  t.equal(whole.headers.etag, '"v1"', 'where nothing is masked nothing is touched')
  t.equal(clinic.asked().at(-1)?.headers['if-none-match'], '"v0"')
})

t.test('somebody with several roles sees a field when a role that allows the request may see it', async t => {
  const clinic = await startMaskedClinic(t)
  clinic.answers(patient)
  const lead = await clinic.browser(both)
  t.equal((await lead.fetch(`${clinic.journey.url}/patients/42`)).body, patient)

  const narrow = await startMaskedClinic(t, { access: { rules: [{ effect: 'allow', roles: ['desk'], records: ['patient'] }] } })
  narrow.answers(patient)
  const other = await narrow.browser(both)
  t.equal((await other.fetch(`${narrow.journey.url}/patients/42`)).body, seenByDesk, 'a role that may not see the record at all shows nothing of it')
})

t.test('compressed answers are opened, masked and sent as they are', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  const packed: ReadonlyArray<readonly [string, Buffer]> = [
    ['gzip', gzipSync(patient)], ['br', brotliCompressSync(patient)], ['deflate', deflateSync(patient)], ['deflate', deflateRawSync(patient)], ['zstd', zstdCompressSync(patient)],
    ['gzip, br', brotliCompressSync(gzipSync(patient))], ['identity', Buffer.from(patient)],
  ]
  for (const [coding, body] of packed) {
    clinic.answers(body, { headers: { 'content-encoding': coding } })
    const answer = await desk.fetch(`${clinic.journey.url}/patients/42`)
    t.equal(answer.body, seenByDesk, coding)
    t.notOk(answer.headers['content-encoding'], coding)
  }
})

t.test('what cannot be read where fields are masked is refused with a reason, recorded, and nobody sees a byte of it', async t => {
  const clinic = await startMaskedClinic(t, { masking: { maxAnswerSize: '64KiB' } })
  const desk = await clinic.browser()
  const text = (bytes: number) => `{"ssn":"900-12-3456","note":"${'x'.repeat(bytes)}"}`
  const cases: ReadonlyArray<readonly [string, string, string | Buffer, Parameters<typeof clinic.answers>[1]?]> = [
    ['not JSON', 'masking.unreadable', '{"ssn":"900-12-3456",'],
    ['something behind the JSON', 'masking.unreadable', `${patient} 900-12-3456`],
    ['not UTF-8', 'masking.unreadable', Buffer.from('{"ssn":"900-12-3456\xff"}', 'latin1')],
    ['a character set that nobody reads', 'masking.unreadable', patient, { type: 'application/json; charset=utf-16' }],
    ['no type', 'masking.unreadable', patient, { type: '' }],
    ['a type without a reader', 'masking.unreadable', patient, { type: 'application/pdf' }],
    ['text', 'masking.unreadable', patient, { type: 'text/plain' }],
    ['a script with data', 'masking.unreadable', `show(${patient})`, { type: 'application/javascript' }],
    ['an unknown coding', 'masking.unreadable', patient, { headers: { 'content-encoding': 'compress' } }],
    ['not what its coding says', 'masking.unreadable', patient, { headers: { 'content-encoding': 'gzip' } }],
    ['broken off in its coding', 'masking.unreadable', gzipSync(patient).subarray(0, 60), { headers: { 'content-encoding': 'gzip' } }],
    ['too long', 'masking.tooLarge', text(70_000)],
    ['too long when it is unpacked', 'masking.tooLarge', gzipSync(text(70_000)), { headers: { 'content-encoding': 'gzip' } }],
    ['a part', 'masking.unexpected', '900-12-3456', { status: 206, headers: { 'content-range': 'bytes 0-10/99' } }],
    ['not changed', 'masking.unexpected', '', { status: 304 }],
    ['nested without end', 'masking.unreadable', '['.repeat(20_000)],
  ]
  for (const [name, code, body, head] of cases) {
    clinic.answers(body, head)
    const answer = await desk.fetch(`${clinic.journey.url}/patients/42`)
    t.equal(answer.status, 502, name)
    t.match(JSON.parse(answer.body), { code }, name)
    t.notMatch(answer.body, secrets, name)
    t.notMatch(JSON.stringify(answer.headers), /content-range|etag/, name)
    t.match(await clinic.last('request.failed'), { outcome: { reason: code, source: 'upstream' } }, name)
  }
  const page = await desk.open(`${clinic.journey.url}/patients/42`)
  t.match(page, { status: 502, headers: { 'content-type': /html/ } }, 'a person gets a page')
})

t.test('error answers are replaced and keep their status; with errors: mask they are masked', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  for (const status of [400, 404, 409, 422, 500]) {
    clinic.answers('{"error":"there is already somebody with 900-12-3456"}', { status, headers: { 'retry-after': '5', 'x-error': 'there is 900-12-3456', 'content-disposition': 'attachment; filename="900-12-3456"' } })
    const answer = await desk.fetch(`${clinic.journey.url}/patients/42`)
    t.equal(answer.status, status)
    t.equal(answer.headers['retry-after'], '5')
    t.notMatch(JSON.stringify(answer.headers), secrets)
    t.match(JSON.parse(answer.body), { code: 'masking.errorHidden', status })
    t.notMatch(answer.body, secrets)
  }
  const open = await startMaskedClinic(t, { masking: { errors: 'mask' } })
  open.answers('{"field":"ssn","ssn":"900-12-3456"}', { status: 422 })
  const answer = await (await open.browser()).fetch(`${open.journey.url}/patients/42`)
  t.match(answer, { status: 422, body: '{"field":"ssn","ssn":"***3456"}' })
})

t.test('while the answers that are held take all the room, one more is refused, and it is given back', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  const { masking } = clinic.journey.gateway.rooms
  clinic.answers(patient)
  const all = 256 * 1024 * 1024
  t.ok(masking.take(all))
  const answer = await desk.fetch(`${clinic.journey.url}/patients/42`)
  t.match(answer, { status: 503, headers: { 'retry-after': '30' } })
  t.match(JSON.parse(answer.body), { code: 'masking.busy' })
  t.match(await clinic.last('request.completed'), { outcome: { reason: 'masking.busy', status: 503 } })
  masking.give(all)
  t.equal((await desk.fetch(`${clinic.journey.url}/patients/42`)).body, seenByDesk)
  t.ok(masking.take(all), 'nothing is held any more')
})

t.test('HEAD, no content and redirects pass without a word about the bytes', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  clinic.answers(patient, { headers: { etag: '"v1"', 'content-length': String(patient.length) } })
  const head = await desk.fetch(`${clinic.journey.url}/patients/42`, { method: 'HEAD' })
  t.match(head, { status: 200, body: '' })
  t.notOk(head.headers['content-length'] ?? head.headers.etag, 'the length of what is hidden')
  clinic.answers('', { status: 204 })
  t.match(await desk.fetch(`${clinic.journey.url}/patients/42`), { status: 204, body: '' })
  clinic.answers('900-12-3456 moved', { status: 303, headers: { location: '/patients/43' } })
  t.match(await desk.fetch(`${clinic.journey.url}/patients/42`), { status: 303, body: '', headers: { location: '/patients/43' } })
})

t.test('trailers of a masked answer stay behind', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  clinic.crm.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', trailer: 'x-sum', 'transfer-encoding': 'chunked' })
    response.write(patient)
    response.addTrailers({ 'x-sum': '900-12-3456' })
    response.end()
  })
  const answer = await desk.fetch(`${clinic.journey.url}/patients/42`, { headers: { te: 'trailers' } })
  t.equal(answer.body, seenByDesk)
  t.notOk(answer.headers.trailer)
})

t.test('a change on a condition about the whole record is refused, and the CRM saw nothing', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  const before = clinic.asked().length
  const answer = await desk.fetch(`${clinic.journey.url}/patients/42`, { method: 'PUT', body: '{"name":"Ann"}', headers: { 'content-type': 'application/json', 'if-match': '"v1"', origin: clinic.journey.url } })
  t.match(answer, { status: 412 })
  t.match(JSON.parse(answer.body), { code: 'masking.condition' })
  t.match(await clinic.last('request.denied'), { decision: { reason: 'masking.condition' }, what: { record: { type: 'patient', id: '42' } } })
  t.equal(clinic.asked().length, before)
})

t.test('an opaque route passes as it is, a record without masks too', async t => {
  const clinic = await startMaskedClinic(t, { masking: { opaque: ['GET /patients/*/photo'] } })
  const desk = await clinic.browser()
  clinic.answers('picture', { type: 'image/png' })
  t.equal((await desk.fetch(`${clinic.journey.url}/patients/42/photo`)).body, 'picture')
  t.equal((await desk.fetch(`${clinic.journey.url}/home`)).body, 'picture')
  t.equal((await desk.fetch(`${clinic.journey.url}/patients/42/scan`)).status, 502)
})

t.test('JSON Lines are masked line by line, and an empty answer stays empty', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser(frontDesk)
  clinic.answers(`${patient}\n${patient}\n`, { type: 'application/x-ndjson' })
  t.equal((await desk.fetch(`${clinic.journey.url}/patients`)).body, `${seenByDesk}\n${seenByDesk}\n`)
  clinic.answers('', { type: 'text/plain' })
  t.match(await desk.fetch(`${clinic.journey.url}/patients`), { status: 200, body: '' })
})
