// Two processes on one SQLite file, for instance while one replaces the other: nobody is refused, no name is given twice, no move is lost.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { createEmbeddedStore } from '../../../src/inbound/session/embedded-store.ts'
import { makeDirectory } from './build-room.ts'
import { hammer, rounds } from './hammer-store.ts'

t.test('two processes at once', async t => {
  const directory = makeDirectory(t)
  const store = createEmbeddedStore(directory)
  t.teardown(() => store.close())
  const key = 'shared'.padEnd(43, '_')
  await store.add({ key, sealed: 's', person: 'p', nameId: 'n', index: 'i', beganAt: 0, lastActiveAt: 0, endsAt: 1_000_000, form: 1, place: '' })
  const child = spawn(process.execPath, [fileURLToPath(new URL('hammer-store.ts', import.meta.url)), directory, key], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  const ended = once(child, 'close')
  // Begins when the other one has begun, so that they meet.
  while (await store.peek('name-1', 1) === undefined && child.exitCode === null) await new Promise<void>(resolve => { setImmediate(resolve) })
  const mine = await hammer(directory, key)
  const [code] = await ended as [number]
  t.equal(code, 0, 'the other was not refused')
  t.equal(mine + Number(printed), rounds, 'each name has one first')
  t.match(await store.visit(key, { now: 1, idleMs: 1_000_000, moves: false }), { state: 'live', session: { lastActiveAt: rounds } })
})
