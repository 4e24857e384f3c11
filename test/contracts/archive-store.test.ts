// One suite for a place that keeps an archive: a directory, an S3 server from npm, and a store that is strict about signatures, pages, names and locks.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createDirectoryStore, createS3Store, StoreError, type ArchiveStore } from '../../src/audit/audit.ts'
import { createSystemClock, type Clock } from '../../src/shared/clock.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import type { S3Config } from '../../src/shared/s3-config.ts'
import { accessKeyId, bucket, secretKey, startObjectStore, type ObjectStore } from '../support/object-store.ts'
import { startS3rver } from '../support/s3rver.ts'

type Test = { teardown (action: () => unknown): void }

/** Pauses are noted, not waited for. */
const pauses: number[] = []
const clock: Clock = { ...createSystemClock(), after (ms, run) { pauses.push(ms); return createSystemClock().after(0, run) } }
const settings = (endpoint: string, more: Partial<S3Config> = {}): S3Config => ({ endpoint, region: 'eu-central-1', bucket, prefix: '', accessKeyId, secretAccessKeyFile: '', ...more })
const openStrict = ({ endpoint }: ObjectStore, more: Partial<S3Config> = {}, lock?: { readonly mode: 'COMPLIANCE' | 'GOVERNANCE', readonly years: number }) =>
  createS3Store(settings(endpoint, more), { clock, secretAccessKey: new SecretValue(secretKey), lock })

const places: Readonly<Record<string, (t: Test) => Promise<ArchiveStore>>> = {
  async directory (t) {
    const root = mkdtempSync(join(tmpdir(), 'sallyport-store-'))
    t.teardown(() => { rmSync(root, { recursive: true, force: true }) })
    return createDirectoryStore(join(root, 'archive'))
  },
  async s3rver (t) {
    const endpoint = await startS3rver(t, bucket)
    return createS3Store(settings(endpoint, { accessKeyId: 'S3RVER' }), { clock, secretAccessKey: new SecretValue('S3RVER') })
  },
  'a strict store': async t => openStrict(await startObjectStore(t)),
  'a strict store, below a prefix': async t => openStrict(await startObjectStore(t), { prefix: 'clinic/trail/' }),
}

for (const [name, open] of Object.entries(places)) {
  t.test(name, async t => {
    const store = await open(t)
    t.same(await store.list(''), [])
    t.equal(await store.get('gate/w/000000000001/one.segment'), undefined)
    const names = Array.from({ length: 8 }, (_, n) => `gate/w/00000000000${n % 3}/part-${n}.segment`)
    for (const each of names) await store.put(each, Buffer.from(`content of ${each} \u0000\u00ff`, 'latin1'))
    for (const each of names) t.equal((await store.get(each))?.toString('latin1'), `content of ${each} \u0000\u00ff`)
    t.same(await store.list(''), [...names].sort())
    t.same(await store.list('gate/w/000000000001/'), names.filter(each => each.includes('/000000000001/')).sort())
    t.same(await store.list('gate/w/000000000001/part-4'), ['gate/w/000000000001/part-4.segment'])
    t.same(await store.list('gate/v'), [])
    await t.rejects(store.put(names[0] as string, Buffer.from('other')), { name: 'StoreError', message: /nothing in it is overwritten/ })
    t.match(String(await store.get(names[0] as string)), /^content of/)
    await store.remove(names[0] as string)
    t.equal(await store.get(names[0] as string), undefined)
    t.same(await store.list(''), names.slice(1).sort())
    await store.remove(names[0] as string)
    const large = Buffer.alloc(3 * 1024 * 1024, 'a piece of a segment, ')
    await store.put('gate/large.segment', large)
    t.ok((await store.get('gate/large.segment'))?.equals(large))
    for (const bad of ['../x', '/x', 'a//b', 'a/./b', '']) await t.rejects(store.put(bad, large), TypeError, JSON.stringify(bad))
  })
}

t.test('a store that does not know If-None-Match is asked before', async t => {
  const server = await startObjectStore(t)
  server.ignoresConditions = true
  const store = openStrict(server)
  await store.put('a', Buffer.from('one'))
  await t.rejects(store.put('a', Buffer.from('two')), { name: 'StoreError', message: /nothing in it is overwritten/ })
  t.equal(String(server.objects.get('a')?.bytes), 'one')
})

t.test('locked until its time is over, with the mode that was asked for, and removed by nobody', async t => {
  const server = await startObjectStore(t)
  const store = openStrict(server, {}, { mode: 'COMPLIANCE', years: 6 })
  await store.put('a', Buffer.from('one'))
  const kept = server.objects.get('a')
  t.equal(kept?.mode, 'COMPLIANCE')
  const years = ((kept?.until ?? 0) - Date.now()) / 86_400_000 / 365.25
  t.ok(years > 5.99 && years < 6.01, String(years))
  await t.rejects(store.remove('a'), { name: 'StoreError', message: /cannot be used \(AccessDenied\): check the keys .* under lock can be removed by nobody until its time is over/ })
  t.ok(server.objects.has('a'))
  server.objects.set('a', { ...kept as NonNullable<typeof kept>, until: Date.now() - 1 })
  await store.remove('a')
  t.notOk(server.objects.has('a'))
})

t.test('a bucket that does not lock is found out', async t => {
  const server = await startObjectStore(t)
  server.hasLock = false
  await t.rejects(openStrict(server, {}, { mode: 'GOVERNANCE', years: 6 }).put('a', Buffer.from('one')), { name: 'StoreError', message: /bucket trail does not lock what is put into it: make it with object lock/ })
})

t.test('what passes is tried again: 503, 429, a cut answer; what was put once is put once', async t => {
  const server = await startObjectStore(t)
  const store = openStrict(server)
  pauses.length = 0
  server.faults.push(503, 429)
  await store.put('a', Buffer.from('one'))
  t.equal(String(server.objects.get('a')?.bytes), 'one')
  t.same(pauses, [200, 800])
  const puts = () => server.calls.filter(call => call === 'PUT b').length
  server.faults.push(404, 'cut')
  await store.put('b', Buffer.from('two'))
  t.equal(String(server.objects.get('b')?.bytes), 'two')
  t.equal(puts(), 2, 'the second was refused, and the first one\'s bytes are there')
  server.faults.push(503, 503, 503)
  await t.rejects(store.get('a'), { name: 'StoreError', message: /cannot be used \(HTTP_503\): look into the log of the store/ })
})

t.test('a wrong key, another bucket, nobody there: one sentence each, without what the store said', async t => {
  const server = await startObjectStore(t)
  const wrongKey = createS3Store(settings(server.endpoint), { clock, secretAccessKey: new SecretValue('another') })
  const cases: ReadonlyArray<readonly [ArchiveStore, RegExp]> = [
    [wrongKey, /\(SignatureDoesNotMatch\): check the keys/],
    [openStrict(server, { bucket: 'other' }), /in the bucket other cannot be used \(NoSuchBucket\): make the bucket/],
    [openStrict({ ...server, endpoint: 'http://127.0.0.1:9' }), /\(ECONNREFUSED\): check audit\.archive\.s3\.endpoint/],
  ]
  for (const [store, message] of cases) {
    for (const act of [() => store.get('a'), () => store.list(''), () => store.put('a', Buffer.from('one'))]) {
      const error = await act().then(() => undefined, (reason: unknown) => reason)
      t.ok(error instanceof StoreError)
      // A HEAD has no body that would name the code.
      t.match(error instanceof Error ? error.message : '', new RegExp(`${message.source}|\\(AccessDenied\\): check the keys|\\(HTTP_404\\)|NoSuchBucket`))
      t.notMatch(error instanceof Error ? error.message : '', /secret-of-the-store/)
    }
  }
})
