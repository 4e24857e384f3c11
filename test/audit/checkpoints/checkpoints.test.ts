// When checkpoints are made and where they go: also when nothing happens, never in the way of a record, and with a voice when a place does not keep them.
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseCheckpoint } from '../../../src/audit/checkpoints/note.ts'
import type { CheckpointsConfig } from '../../../src/audit/checkpoints/checkpoints-config.ts'
import { readCheckpoints } from '../../../src/audit/audit.ts'
import { SecretValue } from '../../../src/shared/schema.ts'
import { admitted, createDirectory, createFaultyDisk, openTrail, systemError, until } from '../../support/audit.ts'
import { createTestAuthority } from '../../support/certificates.ts'
import { createMovableClock } from '../../support/clock.ts'
import { readTrail } from '../../support/trail.ts'

const minute = 60_000

async function open (t: Test, copies: Partial<CheckpointsConfig> = {}, records = 10_000) {
  const place = createDirectory()
  t.teardown(place.remove)
  const clock = createMovableClock(Date.now())
  const own = join(place.directory, 'checkpoints')
  const config = { checkpoints: { every: '1m', records, directories: [], objectStores: [], witnesses: [], ...copies } }
  const trail = await openTrail(t, { config, deps: { clock, checkpointDirectory: own } })
  const read = (directory = own) => {
    const [name] = existsSync(directory) ? readdirSync(directory).filter(each => each.endsWith('.checkpoint')) : []
    return name === undefined ? undefined : parseCheckpoint(readFileSync(join(directory, name), 'utf8'))?.checkpoint
  }
  return { ...trail, clock, own, read, root: place.directory }
}

t.test('at once, every minute, also when nothing happened since, and one at the end that says so', async t => {
  const { trail, clock, read } = await open(t)
  await until(() => read() !== undefined)
  const first = read()
  t.match(first, { seq: 1, isLast: false, gateway: 'test-gateway' })
  await clock.advance(minute)
  await until(() => read()?.time !== first?.time)
  t.equal(read()?.seq, 1, 'nothing happened, and that is signed')
  t.equal(read()?.time, (first?.time ?? 0) + minute)
  await trail.record(admitted('one'))
  await clock.advance(minute)
  await until(() => read()?.seq === 2)
  await until(() => trail.checkpoints().keptAt === clock.now())
  await trail.close()
  t.match(read(), { seq: 3, isLast: true })
})

t.test('after so many records, without waiting for the minute', async t => {
  const { trail, read } = await open(t, {}, 10)
  for (let n = 0; n < 12; n += 1) await trail.record(admitted(`request-${n}`))
  await until(() => (read()?.seq ?? 0) >= 10)
})

t.test('what could not be written at the end is not signed as the end', async t => {
  const disk = createFaultyDisk()
  const place = createDirectory()
  t.teardown(place.remove)
  const own = join(place.directory, 'checkpoints')
  const { trail } = await openTrail(t, { deps: { disk, checkpointDirectory: own } })
  await trail.record(admitted('one'))
  disk.faults.append = async () => { throw systemError('EIO') }
  await trail.close()
  const [name = ''] = readdirSync(own)
  t.match(parseCheckpoint(readFileSync(join(own, name), 'utf8'))?.checkpoint, { seq: 2, isLast: false })
})

async function startWitness (t: Test) {
  const authority = await createTestAuthority()
  const { certPem, keyPem } = await authority.issue({ names: ['localhost'] })
  const got: Array<{ readonly method: string | undefined, readonly url: string | undefined, readonly token: string | undefined, readonly note: string }> = []
  const state = { status: 204 }
  const server: Server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    void (async () => {
      let note = ''
      for await (const chunk of request) note += String(chunk)
      got.push({ method: request.method, url: request.url, token: request.headers.authorization, note })
      response.writeHead(state.status, state.status === 302 ? { location: 'https://elsewhere.example/' } : {}).end()
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const file = createDirectory()
  t.teardown(file.remove)
  writeFileSync(join(file.directory, 'ca.pem'), authority.caPem)
  return { got, state, url: `https://localhost:${(server.address() as AddressInfo).port}/witness/?of=crm`, authority: join(file.directory, 'ca.pem') }
}

t.test('a witness over https gets each by PUT under its name, with the token; a directory has the same', async t => {
  const witness = await startWitness(t)
  const copy = createDirectory()
  t.teardown(copy.remove)
  const { own, read } = await open(t, {
    witnesses: [{ url: witness.url, authority: witness.authority, token: new SecretValue('invented-token') }], directories: [join(copy.directory, 'deep', 'er')],
  })
  await until(() => witness.got.length === 1 && read(join(copy.directory, 'deep', 'er')) !== undefined)
  const [name] = readdirSync(own).filter(each => each.endsWith('.checkpoint'))
  t.match(witness.got[0], { method: 'PUT', url: `/witness/${name}?of=crm`, token: 'Bearer invented-token', note: readFileSync(join(own, name as string), 'utf8') })
  t.equal(readFileSync(join(copy.directory, 'deep', 'er', name as string), 'utf8'), witness.got[0]?.note)
})

t.test('a witness that refuses, redirects or is not who it should be: told once, on record, and nothing waits for it', async t => {
  const witness = await startWitness(t)
  witness.state.status = 503
  const { trail, clock, log, directory, key, read } = await open(t, {
    witnesses: [witness.url, witness.url.replace('localhost', '127.0.0.1')].map(url => ({ url, authority: witness.authority })),
  })
  await until(() => trail.checkpoints().failing.length === 2)
  witness.state.status = 302
  const before = read()?.time
  await clock.advance(minute)
  await until(() => read()?.time !== before && witness.got.length === 2)
  t.equal(trail.checkpoints().failing.length, 2)
  t.same([...trail.checkpoints().failing].sort(), [new URL(witness.url).origin, new URL(witness.url).origin.replace('localhost', '127.0.0.1')].sort())
  t.equal(trail.checkpoints().keptAt, undefined)
  await trail.record(admitted('while the witness is away'))
  t.match(log.lines.filter(line => line['msg'] === 'audit.checkpointNotKept'), [{ problem: /^(?:answered 503|cannot be used \([A-Z_]+\))$/ }, {}])
  t.equal(log.lines.filter(line => line['msg'] === 'audit.checkpointNotKept').length, 2, 'once for each place')
  witness.state.status = 200
  await clock.advance(minute)
  await until(() => trail.checkpoints().failing.length === 1)
  await trail.close()
  const told = (await readTrail(directory, key)).filter(event => event.kind === 'gateway.checkpoint').map(event => event.facts?.['state'])
  t.same(told, ['failing', 'failing', 'kept'])
})

t.test('a directory that cannot be written is told, and works again', async t => {
  const { trail, clock, own, log, read } = await open(t)
  await until(() => read() !== undefined)
  rmSync(own, { recursive: true })
  writeFileSync(own, 'in the way')
  chmodSync(own, 0o600)
  await clock.advance(minute)
  await until(() => trail.checkpoints().failing.length === 1)
  t.match(log.lines.find(line => line['msg'] === 'audit.checkpointNotKept'), { place: own, problem: /cannot be used \(E[A-Z]+\)/ })
  rmSync(own)
  await clock.advance(minute)
  await until(() => trail.checkpoints().failing.length === 0)
  t.match(read(), { isLast: false })
})

t.test('what lies in the directory and is none is found; another gateway\'s is left alone', async t => {
  const { trail, own } = await open(t)
  await trail.close()
  const [name = ''] = readdirSync(own)
  writeFileSync(join(own, name.replace('test-gateway-', 'test-gateway-other-')), readFileSync(join(own, name), 'utf8').replaceAll('sallyport/test-gateway', 'sallyport/test-gateway-other'))
  writeFileSync(join(own, 'test-gateway-x-000000000001.checkpoint'), 'nonsense')
  writeFileSync(join(own, 'readme.txt'), 'not ours')
  const found = await readCheckpoints(own, 'test-gateway')
  // In the order of their names, and a writer's is drawn at random.
  t.same(new Set(found.map(({ checkpoint }) => checkpoint?.gateway)), new Set(['test-gateway', undefined]))
  t.equal(found.length, 2)
  t.same(await readCheckpoints(join(own, 'none'), 'test-gateway'), [])
})
