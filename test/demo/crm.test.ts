// The sample CRM must be as awkward and as honest as a real one, because every journey stands on it.
import { once } from 'node:events'
import { request as rawRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { createHash } from 'node:crypto'
import t from 'tap'
import { WebSocket } from 'ws'
import { startCrm, type Crm } from '../../scripts/demo/crm/crm.ts'
import { digestOfFile } from '../../scripts/demo/crm/file-routes.ts'

const nurse = { 'x-forwarded-user': 'nurse@harbor.example', 'x-forwarded-email': 'nurse@harbor.example', 'x-forwarded-groups': 'clinic-nurses,clinic-all' }
const asNurse = (init: RequestInit = {}): RequestInit => ({ redirect: 'manual', ...init, headers: { ...nurse, ...init.headers as Record<string, string> } })

async function withCrm (run: (crm: Crm) => Promise<void>, options: Parameters<typeof startCrm>[0] = {}): Promise<void> {
  const crm = await startCrm(options)
  try { await run(crm) } finally { await crm.close() }
}

t.test('nobody named, nothing shown: a page for people, JSON for programs', async t => {
  await withCrm(async crm => {
    const page = await fetch(`${crm.url}/patients`)
    t.equal(page.status, 401)
    const text = await page.text()
    t.match(text, /Not signed in/)
    t.notMatch(text, /Exampleton/)
    const api = await fetch(`${crm.url}/api/patients`)
    t.equal(api.status, 401)
    t.match(await api.json(), { error: 'Not signed in' })
  })
})

t.test('shows every section to whom the headers name', async t => {
  await withCrm(async crm => {
    for (const [path, expected] of [['/', 'Next visits'], ['/leads', 'Sky Prospect'], ['/patients', 'Fern Exampleton'], ['/patients/p-1001', '000-41-7203'],
      ['/patients/p-1001/edit', 'name="memberNumber"'], ['/recordings', '<audio controls'], ['/attachments', 'type="file"'], ['/search?q=fern', '/patients/p-1001']] as const) {
      const answer = await fetch(crm.url + path, asNurse())
      const text = await answer.text()
      t.equal(answer.status, 200, path)
      t.ok(text.includes(expected), `${path} has ${expected}`)
      t.ok(text.includes('nurse@harbor.example'), 'says who is signed in')
    }
  })
})

t.test('the invented people can be nobody: numbers that are never issued, reserved telephones and domains', async t => {
  await withCrm(async crm => {
    const { patients } = await (await fetch(`${crm.url}/api/patients`, asNurse())).json() as { patients: { id: string }[] }
    t.ok(patients.length >= 10)
    for (const { id } of patients) {
      const patient = await (await fetch(`${crm.url}/api/patients/${id}`, asNurse())).json() as Record<string, string>
      t.match(patient['ssn'], /^(000|666|9\d\d)-\d\d-\d{4}$/)
      t.match(patient['phone'], /^\(202\) 555-01\d\d$/)
      t.match(patient['email'], /\.example$/)
    }
  })
})

t.test('has a session cookie of its own, which remembers what was opened', async t => {
  await withCrm(async crm => {
    const first = await fetch(`${crm.url}/patients/p-1004`, asNurse())
    const cookie = first.headers.getSetCookie()[0] ?? ''
    t.match(cookie, /^crm_session=[\w-]{20,}; Path=\/; HttpOnly; SameSite=Lax$/)
    const pair = cookie.split(';')[0] ?? ''
    const home = await fetch(crm.url, asNurse({ headers: { cookie: `other=1; ${pair}` } }))
    t.equal(home.headers.getSetCookie().length, 0, 'the session goes on')
    t.match(await home.text(), /href="\/patients\/p-1004">Basil Fictional<\/a><small>/)
    const somebodyElse = await fetch(crm.url, asNurse({ headers: { cookie: pair, 'x-forwarded-user': 'front-desk@harbor.example' } }))
    t.equal(somebodyElse.headers.getSetCookie().length, 1, 'a cookie of another person begins anew')
    const out = await fetch(`${crm.url}/logout`, asNurse({ headers: { cookie: pair } }))
    t.equal(out.status, 302)
    t.match(out.headers.getSetCookie()[0], /Max-Age=0/)
    t.equal((await fetch(crm.url, asNurse({ headers: { cookie: pair } }))).headers.getSetCookie().length, 1, 'the old cookie is dead')
  })
})

t.test('sends people after its sign-out where its administrator says', async t => {
  await withCrm(async crm => {
    const out = await fetch(`${crm.url}/logout`, asNurse())
    t.equal(out.headers.get('location'), `${crm.url}/elsewhere/sign-out`)
  }, { afterSignOut: '/elsewhere/sign-out' })
})

t.test('edits by form: 303 to an absolute address made from Host, and the change is there', async t => {
  await withCrm(async crm => {
    const change = new URLSearchParams({ allergies: '<b>Strawberries</b>', status: 'recall' })
    const url = new URL(`${crm.url}/patients/p-1001`)
    const sent = rawRequest(url, { method: 'POST', headers: { ...nurse, host: 'crm.clinic.example', 'x-forwarded-proto': 'https', 'content-type': 'application/x-www-form-urlencoded' } })
    sent.end(change.toString())
    const [answer] = await once(sent, 'response') as [IncomingMessage]
    answer.resume()
    t.equal(answer.statusCode, 303)
    t.equal(answer.headers.location, 'https://crm.clinic.example/patients/p-1001')
    const page = await (await fetch(url, asNurse())).text()
    t.ok(page.includes('&lt;b&gt;Strawberries&lt;/b&gt;'), 'what was typed is escaped')
    const bad = await fetch(url, asNurse({ method: 'POST', body: new URLSearchParams({ status: 'vanished' }) }))
    t.equal(bad.status, 400)
    t.match(await bad.text(), /A field is missing or not as it should be/)
  })
})

t.test('short links are made from its own address, as an old installation does', async t => {
  await withCrm(async crm => {
    const answer = await fetch(`${crm.url}/go/p-1002`, asNurse({ headers: { 'x-forwarded-proto': 'https' } }))
    t.equal(answer.headers.get('location'), `${crm.url}/patients/p-1002`)
  })
})

t.test('JSON API: leads come, go and are found; a record is changed; unknown fields are refused', async t => {
  await withCrm(async crm => {
    const json = { 'content-type': 'application/json' }
    const lead = { name: 'Willow Supposed', phone: '(202) 555-0188', email: 'willow@leads.example', interest: 'Checkup', source: 'Web form' }
    const made = await fetch(`${crm.url}/api/leads`, asNurse({ method: 'POST', headers: json, body: JSON.stringify(lead) }))
    t.equal(made.status, 201)
    const { id } = await made.json() as { id: string }
    t.equal(made.headers.get('location'), `${crm.url}/api/leads/${id}`)
    t.match(await (await fetch(`${crm.url}/api/search?q=willow`, asNurse())).json(), { results: [{ kind: 'lead', id }] })
    t.equal((await fetch(`${crm.url}/api/leads/${id}`, asNurse({ method: 'DELETE' }))).status, 204)
    t.equal((await fetch(`${crm.url}/api/leads/${id}`, asNurse())).status, 404)
    const put = await fetch(`${crm.url}/api/patients/p-1003`, asNurse({ method: 'PUT', headers: json, body: JSON.stringify({ physician: 'Dr. C. Nobody' }) }))
    t.match(await put.json(), { id: 'p-1003', physician: 'Dr. C. Nobody' })
    const half = await fetch(`${crm.url}/api/leads`, asNurse({ method: 'POST', headers: json, body: '{"name":' }))
    t.equal(half.status, 400)
    t.match(await half.json(), { error: 'That did not work' })
  })
})

t.test('the exported CSV runs nothing in a spreadsheet', async t => {
  await withCrm(async crm => {
    const lead = new URLSearchParams({ name: '=1+1', phone: '(202) 555-0188', email: 'x@leads.example', interest: 'a "quote"', source: 'E-mail' })
    await fetch(`${crm.url}/leads`, asNurse({ method: 'POST', body: lead }))
    const csv = await (await fetch(`${crm.url}/leads/export.csv`, asNurse())).text()
    t.match(csv.split('\r\n')[1], /,|"'=1\+1"/)
    t.ok(csv.includes('"\'=1+1","(202) 555-0188","x@leads.example","a ""quote""","new"'))
  })
})

t.test('recordings are real WAV files and can be asked for in ranges', async t => {
  await withCrm(async crm => {
    const url = `${crm.url}/recordings/r-3001/audio`
    const whole = Buffer.from(await (await fetch(url, asNurse())).arrayBuffer())
    t.equal(whole.toString('latin1', 0, 4) + whole.toString('latin1', 8, 12), 'RIFFWAVE')
    t.equal(whole.length, 44 + 6 * 8000)
    t.equal(whole.readUInt32LE(4), whole.length - 8)
    const part = await fetch(url, asNurse({ headers: { range: 'bytes=10-19' } }))
    t.equal(part.status, 206)
    t.equal(part.headers.get('content-range'), `bytes 10-19/${whole.length}`)
    t.same(Buffer.from(await part.arrayBuffer()), whole.subarray(10, 20))
    const tail = await fetch(url, asNurse({ headers: { range: 'bytes=-4' } }))
    t.same(Buffer.from(await tail.arrayBuffer()), whole.subarray(-4))
    t.equal((await fetch(url, asNurse({ headers: { range: `bytes=${whole.length}-` } }))).status, 416)
  })
})

t.test('attachments: an upload comes back byte by byte under its name, and is gone when removed', async t => {
  await withCrm(async crm => {
    const content = Buffer.alloc(3 * 1024 ** 2 + 17, 'sally')
    const form = new FormData()
    form.set('patient', 'p-1002')
    form.set('file', new Blob([content], { type: 'application/pdf' }), 'Läbor (result).pdf')
    const made = await fetch(`${crm.url}/attachments`, asNurse({ method: 'POST', body: form, headers: { accept: 'application/json' } }))
    t.equal(made.status, 201)
    const attachment = await made.json() as { id: string, bytes: number, sha256: string, patientId: string }
    t.match(attachment, { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), patientId: 'p-1002' })
    const back = await fetch(`${crm.url}/attachments/${attachment.id}`, asNurse())
    t.match(back.headers.get('content-disposition'), /^attachment; filename="L_bor _result_\.pdf"; filename\*=UTF-8''L%C3%A4bor%20%28result%29\.pdf$/)
    t.ok(Buffer.from(await back.arrayBuffer()).equals(content))
    t.equal((await fetch(`${crm.url}/attachments/${attachment.id}`, asNurse({ method: 'DELETE' }))).status, 204)
    t.equal((await fetch(`${crm.url}/attachments/${attachment.id}`, asNurse())).status, 404)
  })
})

t.test('bodies of any size: generated ones are always the same, sent ones are counted', async t => {
  await withCrm(async crm => {
    const size = 5 * 1024 ** 2 + 3
    const hash = createHash('sha256')
    const down = await fetch(`${crm.url}/api/files/${size}`)
    t.equal(down.headers.get('content-length'), String(size))
    for await (const piece of down.body ?? []) hash.update(piece)
    t.equal(hash.digest('hex'), digestOfFile(size))
    t.equal((await fetch(`${crm.url}/api/files/lots`)).status, 400)
    const up = await fetch(`${crm.url}/api/files`, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: Readable.toWeb(Readable.from([Buffer.alloc(2_000_000, 1), Buffer.alloc(9, 2)])), duplex: 'half' } as RequestInit)
    t.match(await up.json(), { bytes: 2_000_009 })
    t.match(await (await fetch(`${crm.url}/api/files`, { method: 'POST' })).json(), { bytes: 0 })
  })
})

t.test('error pages: 404 and 500, without the cause', async t => {
  await withCrm(async crm => {
    const missing = await fetch(`${crm.url}/patients/p-9`, asNurse())
    t.equal(missing.status, 404)
    t.match(await missing.text(), /Nothing here/)
    const broken = await fetch(`${crm.url}/reports/monthly`, asNurse())
    t.equal(broken.status, 500)
    t.notMatch(await broken.text(), /table is missing/)
  })
})

t.test('server-sent events tell what happens, while it happens', async t => {
  await withCrm(async crm => {
    const stream = await fetch(`${crm.url}/events`, asNurse())
    t.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const readUntil = async (part: string) => { while (!text.includes(part)) text += (await reader?.read())?.value ?? '' }
    await readUntil('event: hello')
    await fetch(`${crm.url}/patients/p-1005/notes`, asNurse({ method: 'POST', body: new URLSearchParams({ text: 'Called back.' }) }))
    await readUntil('wrote a note in HC-204168')
    t.match(text, /event: activity\ndata: \{"at":/)
    await reader?.cancel()
  })
})

t.test('the WebSocket knows who is there, carries messages and echoes bytes', async t => {
  await withCrm(async crm => {
    const url = `${crm.url.replace('http', 'ws')}/live`
    const socket = new WebSocket(url, { headers: nurse })
    const [presence] = await once(socket, 'message') as [Buffer]
    t.same(JSON.parse(String(presence)), { type: 'presence', people: ['nurse@harbor.example'] })
    socket.send('good morning')
    t.match(JSON.parse(String((await once(socket, 'message') as [Buffer])[0])), { type: 'message', from: 'nurse@harbor.example', text: 'good morning' })
    socket.send(Buffer.from([0, 255, 128]))
    t.same((await once(socket, 'message') as [Buffer])[0], Buffer.from([0, 255, 128]))
    socket.close()
    await once(socket, 'close')
    const nameless = new WebSocket(url)
    const [error] = await once(nameless, 'error') as [Error]
    t.match(error.message, /401/)
  })
})

t.test('remembers every request it got, upgrades and raw headers included', async t => {
  await withCrm(async crm => {
    t.same(crm.seen(), [])
    const socket = connect(Number(new URL(crm.url).port), '127.0.0.1')
    socket.write('GET /api/me?x=%41 HTTP/1.1\r\nHost: h.example\r\nX-One: 1\r\nX-One: 2\r\nX_Forwarded_User: evil\r\nConnection: close\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
    t.match(crm.seen(), [{ method: 'GET', url: '/api/me?x=%41', rawHeaders: ['Host', 'h.example', 'X-One', '1', 'X-One', '2', 'X_Forwarded_User', 'evil', 'Connection', 'close'] }])
    crm.forget()
    t.same(crm.seen(), [])
    const refused = new WebSocket(`${crm.url.replace('http', 'ws')}/nowhere`)
    await once(refused, 'error')
    t.match(crm.seen(), [{ method: 'GET', url: '/nowhere' }])
  })
})
