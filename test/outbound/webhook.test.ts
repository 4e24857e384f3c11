// What is read of a webhook before anybody looks into it: its destination, its media type, whose record it is about.
import t from 'tap'
import { createRecordSearch, mostPatients } from '../../src/outbound/webhook/find-patients.ts'
import { createWebhookRoom } from '../../src/outbound/webhook/webhook.ts'
import { Denial } from '../../src/shared/errors.ts'

const room = createWebhookRoom([{ name: 'leads', paths: ['new', 'calls/missed'], patient: 'rows[].patient' }, { name: 'chat', paths: [], patient: undefined }])
const code = (run: () => unknown) => {
  try { return run() } catch (error) {
    if (!(error instanceof Denial)) throw error
    return error.code
  }
}

t.test('a destination and the paths that are configured, in one spelling', async t => {
  const ask = (target: string, method = 'POST') => code(() => room.requireTarget(method, target))
  t.same(ask('/leads'), { destination: 'leads', path: '' })
  t.same(ask('/leads/'), { destination: 'leads', path: '' })
  t.same(ask('/leads/calls/missed?x=p-4711'), { destination: 'leads', path: 'calls/missed' })
  for (const target of ['/', '', '/other', '/LEADS', '/leads/p-4711', '/leads/../chat', '/leads//new', '/%6Ceads', '//leads', '/chat/new', '/leads/new/..', 'http://x/leads', '*', '/__proto__', '/leads/new//']) {
    t.equal(ask(target), 'webhook.noDestination', target)
  }
  t.equal(ask('/leads', 'GET'), 'webhook.method')
})

t.test('a media type that can be read in one way', async t => {
  const ask = (...types: readonly string[]) => code(() => room.requireType({ 'content-type': types }))
  t.equal(ask('application/json'), 'application/json')
  t.equal(ask('Application/JSON ; Charset="UTF-8"; note=Zyxwina'), 'application/json; charset=UTF-8', 'what is not needed to read it goes')
  t.equal(ask('multipart/form-data; boundary=abc'), 'multipart/form-data; boundary="abc"')
  for (const bad of ['', 'json', 'application/json; charset', 'application/json; charset=a; charset=b', 'text/plain; charset=\u00fc', 'a/b\r\nx: y', 'multipart/form-data; boundary="a\\"b"']) t.equal(ask(bad), 'webhook.contentType', bad)
  t.equal(ask(), 'webhook.contentType')
  t.equal(ask('application/json', 'text/plain'), 'webhook.contentType')
  t.equal(code(() => room.requireType({ 'content-type': ['application/json'], 'content-encoding': ['gzip'] })), 'webhook.encoded')
  t.equal(code(() => room.requireType({ 'content-type': ['application/json'], 'content-encoding': ['identity'] })), 'application/json')
})

t.test('whose record it is', async t => {
  const find = (place: string, value: unknown) => createRecordSearch(place)('application/json', Buffer.from(JSON.stringify(value)))
  t.same(find('contact.id', { contact: { id: 4711 } }), ['4711'])
  t.same(find('rows[].patient', { rows: [{ patient: 'a' }, { patient: 'b' }, { patient: 'a' }, {}, null] }), ['a', 'b'])
  t.same(find('constructor', {}), [])
  t.same(find('a', { a: { b: 1 } }), [], 'a container is no id')
  t.equal(find('rows[].id', { rows: Array.from({ length: 2000 }, (_, id) => ({ id })) }).length, mostPatients)
  t.same(createRecordSearch('a')('application/json', Buffer.from('{"a"')), [])
  t.same(createRecordSearch('lead.id')('application/x-www-form-urlencoded', Buffer.from('lead[id]=7&x=1')), ['7'])
  t.same(createRecordSearch('ids[]')('application/x-www-form-urlencoded; charset=utf-8', Buffer.from('ids[]=7&ids[]=8')), ['7', '8'])
  t.same(room.findPatients('chat', 'application/json', Buffer.from('{}')), [])
})
