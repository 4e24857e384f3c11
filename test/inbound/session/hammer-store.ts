// A process of its own over one SQLite file, for two-processes.test.ts: puts names and moves a session's clock as fast as it can.
// Arguments: directory, key of a live session. Prints how many names it was the first to put.
import { createEmbeddedStore } from '../../../src/inbound/session/embedded-store.ts'

export const rounds = 300

/** Throws when the store refuses anything. */
export async function hammer (directory: string, key: string): Promise<number> {
  const store = createEmbeddedStore(directory)
  let first = 0
  for (let round = 1; round <= rounds; round += 1) {
    const visit = await store.visit(key, { now: round, idleMs: 1_000_000, moves: true })
    if (visit.state !== 'live' || visit.session.lastActiveAt < round) throw new Error('a move was lost')
    if (await store.putOnce(`name-${round}`, 'value', { now: 1, ttlMs: 1_000_000 })) first += 1
    // Gives the event loop of the test a turn, so that the two processes really alternate.
    await new Promise<void>(resolve => { setImmediate(resolve) })
  }
  await store.close()
  return first
}

const [directory, key] = process.argv.slice(2)
if (import.meta.main && directory !== undefined && key !== undefined) process.stdout.write(`${await hammer(directory, key)}\n`)
