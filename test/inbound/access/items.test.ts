import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import type { RecordView } from '../../../src/inbound/access/access.ts'
import { buildAccess, readAccess, targetOf } from './build-access.ts'

const room = buildAccess(readAccess(`
roles: { nurse: { groups: [nurses] } }
records:
  - { route: 'GET /patients', type: patient, kind: list, items: { list: data.rows, id: key.id } }
  - { route: 'GET /notes', type: note, kind: search, items: { list: ., id: id, patient: of } }
  - { route: 'GET /patients/{patient}/notes', type: note, kind: list, items: { list: ., id: id } }
`))

async function itemsOf (path: string, answer: unknown, { type = 'application/json; charset=utf-8', coding = '', bytes = Buffer.from(JSON.stringify(answer)) } = {}) {
  const found = room.classify({ target: targetOf(`GET ${path}`) })
  const record = (found as { readonly record: RecordView }).record
  return (await room.readItems(record, { bytes, type, coding }))?.map(({ type, kind, id, patient }) => ({ type, kind, id, patient }))
}

t.test('ids are taken from where the entry says; a patient is its own patient', async t => {
  t.same(await itemsOf('/patients', { data: { rows: [{ key: { id: 42 } }, { key: { id: ' a7 ' } }] } }), [{ type: 'patient', kind: 'list', id: '42', patient: '42' }, { type: 'patient', kind: 'list', id: 'a7', patient: 'a7' }])
  t.same(await itemsOf('/notes', [{ id: 1, of: 42 }, { id: 2 }]), [{ type: 'note', kind: 'search', id: '1', patient: '42' }, { type: 'note', kind: 'search', id: '2', patient: undefined }])
  t.same(await itemsOf('/patients/42/notes', [{ id: 1 }]), [{ type: 'note', kind: 'list', id: '1', patient: '42' }], 'the path names the patient of all')
  t.same(await itemsOf('/notes', []), [])
})

t.test('compressed answers are read', async t => {
  const plain = Buffer.from('[{"id":1,"of":42}]')
  const packed = [['gzip', gzipSync(plain)], ['x-gzip', gzipSync(plain)], ['BR', brotliCompressSync(plain)], ['zstd', zstdCompressSync(plain)], ['deflate', deflateSync(plain)], ['deflate', deflateRawSync(plain)], ['identity', plain]] as const
  for (const [coding, bytes] of packed) t.equal((await itemsOf('/notes', undefined, { coding, bytes }))?.length, 1, coding)
})

t.test('what cannot be told is not guessed', async t => {
  const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, 0x20))
  const cases: ReadonlyArray<readonly [string, Promise<unknown>]> = [
    ['no list', itemsOf('/patients', { data: {} })], ['an object', itemsOf('/notes', { id: 1 })], ['an item without id', itemsOf('/notes', [{ id: 1 }, {}])], ['an id that is no text', itemsOf('/notes', [{ id: { a: 1 } }])],
    ['an id beyond what numbers hold', itemsOf('/notes', [{ id: 2 ** 60 }])], ['half an answer', itemsOf('/notes', undefined, { bytes: Buffer.from('[{"id":1}') })], ['HTML', itemsOf('/notes', [{ id: 1 }], { type: 'text/html' })],
    ['an unknown coding', itemsOf('/notes', [{ id: 1 }], { coding: 'compress' })], ['a coding that every object has', itemsOf('/notes', [{ id: 1 }], { coding: 'constructor' })], ['a bomb', itemsOf('/notes', undefined, { coding: 'gzip', bytes: bomb })],
  ]
  for (const [name, found] of cases) t.equal(await found, undefined, name)
})
