// Checkpoints in an object store: one object for each epoch, replaced as it goes on, and read back for a verification.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readStoredCheckpoints } from '../../../src/audit/audit.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { SecretValue } from '../../../src/shared/schema.ts'
import type { S3Config } from '../../../src/shared/s3-config.ts'
import { admitted, createDirectory, gateway, openTrail, until } from '../../support/audit.ts'
import { createMovableClock } from '../../support/clock.ts'
import { accessKeyId, bucket, secretKey, startObjectStore } from '../../support/object-store.ts'

t.test('kept at the start, every minute, and at the end; a store that is away is told', async t => {
  const server = await startObjectStore(t)
  const place = createDirectory()
  t.teardown(place.remove)
  const secretAccessKeyFile = join(place.directory, 's3.secret')
  const config: S3Config = { endpoint: server.endpoint, region: 'us-east-1', bucket, prefix: 'witness/', accessKeyId, secretAccessKeyFile }
  writeFileSync(secretAccessKeyFile, `${secretKey}\n`)
  const clock = createMovableClock(Date.now())
  const { trail } = await openTrail(t, {
    config: { checkpoints: { every: '1m', records: 10_000, directories: [], witnesses: [], objectStores: [config, { ...config, secretAccessKeyFile: join(place.directory, 'not-there') }] } },
    deps: { clock, checkpointDirectory: join(place.directory, 'checkpoints') },
  })
  const read = () => readStoredCheckpoints(config, { gateway, clock: createSystemClock(), secretAccessKey: new SecretValue(secretKey) })
  await until(() => server.objects.size === 1)
  await until(() => trail.checkpoints().failing.length === 1)
  const first = (await read())[0]?.checkpoint
  t.match(first, { seq: 1, isLast: false, gateway })
  await trail.record(admitted('one'))
  const puts = () => server.calls.filter(call => call.startsWith('PUT witness/')).length
  await until(() => puts() === 1)
  await clock.advance(60_000)
  await until(() => puts() === 2)
  t.match((await read())[0]?.checkpoint, { isLast: false })
  await trail.close()
  const found = await read()
  t.match(found, [{ checkpoint: { isLast: true } }])
  t.match(found[0]?.file, new RegExp(`^${server.endpoint}/trail/witness/${gateway}-.*\\.checkpoint$`))
  t.equal(server.objects.size, 1, 'one object for the epoch')
})

t.test('what is no checkpoint is told', async t => {
  const server = await startObjectStore(t)
  const config: S3Config = { endpoint: server.endpoint, region: 'us-east-1', bucket, prefix: '', accessKeyId, secretAccessKeyFile: '' }
  server.objects.set(`${gateway}-x.checkpoint`, { bytes: Buffer.from('nothing of the kind'), version: '1', until: 0, mode: '' })
  server.objects.set('other-x.checkpoint', { bytes: Buffer.from('somebody else\'s'), version: '1', until: 0, mode: '' })
  const found = await readStoredCheckpoints(config, { gateway, clock: createSystemClock(), secretAccessKey: new SecretValue(secretKey) })
  t.match(found, [{ file: `${server.endpoint}/trail/${gateway}-x.checkpoint`, checkpoint: undefined }])
  t.equal(found.length, 1)
})
