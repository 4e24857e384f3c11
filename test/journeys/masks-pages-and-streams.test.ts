import { once } from 'node:events'
import { request } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { deskRules, nurse, startMaskedClinic, type MaskedClinic } from '../support/masking.ts'
import type { Browser } from '../support/browser.ts'

const selectors = ['.ssn', '.diagnosis', '.birthday']
const withSelectors = deskRules.map((rule, at) => ({ ...rule, selectors: [selectors[at]] }))

t.test('a page is masked by selectors and still gets the idle script; a CSV export is masked by columns', async t => {
  const clinic = await startMaskedClinic(t, { masking: { rules: withSelectors } })
  const desk = await clinic.browser()
  clinic.answers('<!doctype html><html><head><title>Ann 900-12-3456</title></head><body><b class="ssn">900-12-3456</b></body></html>', { type: 'text/html; charset=utf-8' })
  const page = await desk.open(`${clinic.journey.url}/patients/42`)
  t.match(page.body, /^<!doctype html><html><head>.*<script src="\/_sallyport\/idle-.*<title>Ann \[ssn\]<\/title><\/head><body><b class="ssn">\*\*\*3456<\/b><\/body><\/html>$/s)
  t.match(page.headers, { 'cache-control': 'no-store' })
  t.match(await clinic.last('request.completed'), { facts: { masked: '.ssn last4 1' } })
  clinic.answers('id,ssn\r\n1,900-12-3456\r\n', { type: 'text/csv', headers: { 'content-disposition': 'attachment; filename=patients.csv' } })
  const table = await desk.fetch(`${clinic.journey.url}/patients`)
  t.equal(table.body, 'id,ssn\r\n1,***3456\r\n')
  t.equal(table.headers['content-disposition'], 'attachment; filename=patients.csv')
})

t.test('a live connection to a record with masked fields is refused, and the CRM saw nothing; on an opaque route it opens', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  const before = clinic.crm.received.length
  const refused = clinic.journey.webSocket(desk)
  const [, answer] = await once(refused, 'unexpected-response') as [unknown, IncomingMessage]
  t.equal(answer.statusCode, 403)
  refused.on('error', () => undefined)
  refused.terminate()
  t.match(await clinic.last('request.denied'), { decision: { reason: 'masking.liveConnection' } })
  t.equal(clinic.crm.received.length, before)
  const ward = clinic.journey.webSocket(await clinic.browser(nurse))
  await once(ward, 'open')
  ward.terminate()

  const open = await startMaskedClinic(t, { masking: { opaque: ['GET /live'] } })
  const socket = open.journey.webSocket(await open.browser())
  await once(socket, 'open')
  socket.terminate()
})

/** Reads an event stream with the browser's cookies. */
async function listen (clinic: MaskedClinic, browser: Browser): Promise<{ readonly closed: Promise<void>, text (): string }> {
  const { journey } = clinic
  const outgoing = request({
    host: '127.0.0.1',
    port: journey.port,
    path: '/patients/42/events',
    ca: journey.authority.caPem,
    servername: 'crm.clinic.test',
    agent: false,
    headers: { host: journey.host, cookie: browser.cookies('crm.clinic.test'), accept: 'text/event-stream' }
  })
  outgoing.end()
  const [incoming] = await once(outgoing, 'response') as [IncomingMessage]
  let text = ''
  incoming.on('data', (chunk: Buffer) => { text += chunk.toString() }).on('error', () => undefined)
  const closed = new Promise<void>(resolve => { incoming.once('close', () => { resolve() }) })
  return { closed, text: () => text }
}

async function until (isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isSo(); turn += 1) await wait(10)
  if (!isSo()) throw new Error('it did not happen within five seconds')
}

t.test('events are masked as they come; data that is no JSON ends the stream before it goes out', async t => {
  const clinic = await startMaskedClinic(t)
  const desk = await clinic.browser()
  const streams: ServerResponse[] = []
  clinic.crm.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    streams.push(response)
  })
  const heard = await listen(clinic, desk)
  const stream = streams.at(-1) as ServerResponse
  stream.write(': ping 900-12-3456\n\nevent: changed\nid: 7\ndata: {"id":42,\ndata: "ssn":"900-12-3456"}\n')
  await until(() => heard.text().includes(':\n\n'))
  t.equal(heard.text(), ':\n\n', 'an event waits until it is whole')
  stream.write('\n')
  await until(() => heard.text().includes('id: 7'))
  t.equal(heard.text(), ':\n\nevent: changed\nid: 7\ndata: {"id":42,\ndata: "ssn":"***3456"}\n\n')
  stream.write('data: {"ssn":"900-12-3457","diagnosis":"F32"}\r\n\r\ndata: Ann has 900-12-3458\r\n\r\n')
  await heard.closed
  t.equal(heard.text().slice(heard.text().indexOf('id: 7')), 'id: 7\ndata: {"id":42,\ndata: "ssn":"***3456"}\n\ndata: {"ssn":"***3457"}\n\n')
  t.notMatch(heard.text(), /900-12/)
  t.match(await clinic.last('request.failed'), { outcome: { reason: 'masking.unreadable' }, facts: { masked: '**.ssn last4 2; **.diagnosis hide 1' } })
})
