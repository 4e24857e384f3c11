// Thousands of short lives of one writer, each ended by a power cut at a random moment: nothing of it reaches the disk after that, and of the write under way only
// a random beginning. Between them the trail is archived, which is cut short as well, and pruned. In the end the archive must have every acknowledged record, once.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  archiveSpool, createArchiveWitness, createAuditTrail, createDirectoryStore, deriveArchiveKeys, deriveAuditKeys, openArchiveIndex, pruneSpool, readArchive, StoreError,
  type ArchiveStore,
} from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { admitted, completed, createConfig, createFaultyDisk, createTestLog, gateway, systemError } from './audit.ts'
import { createDice, type Dice } from './spool-edits.ts'
import { createRoot } from './verified-trail.ts'

const livesBetweenArchiving = 50
const writers = 10
const log = createTestLog()

/** Ten writers beside each other, each with so many lives. */
export async function liveAndDie (t: Test, { lives, seed }: { readonly lives: number, readonly seed: number }): Promise<void> {
  await Promise.all(Array.from({ length: writers }, (_, at) => liveInOnePlace(t, { lives, seed: seed * 1000 + at })))
}

async function liveInOnePlace (t: Test, { lives, seed }: { readonly lives: number, readonly seed: number }): Promise<void> {
  const dice = createDice(seed)
  const root = createRoot(t)
  const directory = join(root, 'audit')
  const config = createConfig({ deadline: '40ms', segmentSize: '3KiB' })
  const index = await openArchiveIndex(join(root, 'index'))
  t.teardown(() => { index.close() })
  const keys = deriveArchiveKeys(randomBytes(32).toString('base64'))
  const access = { store: createDirectoryStore(join(root, 'archive')), gateway, keys, auditKeys: deriveAuditKeys(config.key, gateway) }
  // Each start is a second after the one before: an epoch is named by it.
  let now = Date.UTC(2026, 0, 1)
  const clock = { ...createSystemClock(), now: () => now }
  const archive = (store: ArchiveStore) => archiveSpool({ ...access, store, index, directory, auditKey: config.key, segmentRecords: 7 })
  const alive = setInterval(() => undefined, 1000) // the clock's own timers do not keep a process alive
  t.teardown(() => { clearInterval(alive) })
  const acknowledged = new Set<string>()
  const counts = { archiveCuts: 0, pruned: 0 }
  for (let life = 0; life < lives; life += 1) {
    now += 1000
    await liveOnce({ life, dice, acknowledged, open: disk => createAuditTrail(config, { clock, log, directory, gateway, disk }) })
    if (life % livesBetweenArchiving !== livesBetweenArchiving - 1) continue
    await archive(cutShort(access.store, dice)).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error
      counts.archiveCuts += 1
    })
    await archive(access.store)
    const witness = createArchiveWitness(access)
    const gone = await pruneSpool({ directory, gateway, auditKey: config.key, keys: access.auditKeys, witness, before: Date.now() + 60_000, isCarried: async () => true })
    counts.pruned += gone.files
  }
  now += 1000
  const last = await createAuditTrail({ ...config, deadline: '10s' }, { clock, log, directory, gateway })
  await last.close()
  await archive(access.store)
  const found = new Map<string, number>()
  const problems: string[] = []
  for await (const { event, problems: wrong } of readArchive(access, {})) {
    problems.push(...wrong)
    if (event?.kind === 'request.admitted') found.set(event.id, (found.get(event.id) ?? 0) + 1)
  }
  t.same(problems, [], 'the archive is whole')
  t.same([...acknowledged].filter(id => !found.has(id)), [], 'nothing that was acknowledged is lost')
  t.same([...found].filter(([, count]) => count !== 1), [], 'nothing is there twice')
  const told = JSON.stringify({ acknowledged: acknowledged.size, found: found.size, ...counts })
  t.ok(acknowledged.size > lives && counts.archiveCuts > 0 && counts.pruned > lives / 2, told)
}

interface Life {
  readonly life: number
  readonly dice: Dice
  readonly acknowledged: Set<string>
  readonly open: (disk: ReturnType<typeof createFaultyDisk>) => ReturnType<typeof createAuditTrail>
}

async function liveOnce ({ life, dice, acknowledged, open }: Life): Promise<void> {
  const disk = createFaultyDisk()
  // 0 and 1 are the header and the first record of the epoch.
  const state = { left: dice.roll(9), isDead: false }
  const underWay = new Set<Promise<void>>()
  const die = async (data: Uint8Array, write: (data: Uint8Array) => Promise<void>) => {
    if (state.isDead) throw systemError('EIO')
    if (state.left > 0) { state.left -= 1; await write(data); return }
    state.isDead = true
    // All of it may be there, and nobody was told.
    const part = dice.roll(3) === 0 ? data.length : dice.roll(data.length + 1)
    if (part > 0) await write(data.subarray(0, part))
    throw systemError('EIO')
  }
  disk.faults = {
    append: async (_path, data, write) => {
      const writing = die(data, write)
      underWay.add(writing)
      await writing
    },
    create: async () => { if (state.isDead) throw systemError('EIO') },
  }
  // A trail that is closed does not wait for a slow disk; a dead process writes nothing any more.
  const settle = () => Promise.allSettled(underWay)
  const trail = await open(disk).catch(() => undefined)
  if (trail === undefined) { await settle(); return }
  const lanes = 1 + dice.roll(4)
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    for (let n = 0; !state.isDead; n += 1) {
      const id = `${life}-${lane}-${n}`
      try {
        await trail.record(admitted(id))
        acknowledged.add(id)
        trail.note(completed(id))
      } catch { return }
    }
  }))
  await trail.close()
  await settle()
}

/** A store that breaks off at a random object: before it is written, or after it. */
function cutShort (store: ArchiveStore, dice: Dice): ArchiveStore {
  let left = dice.roll(60)
  return {
    ...store,
    async put (name, bytes) {
      left -= 1
      if (left > 0) { await store.put(name, bytes); return }
      if (dice.roll(2) === 0) await store.put(name, bytes)
      throw new StoreError('The archive was cut off.')
    },
  }
}
