// One-time values in the SQLite file. Each step is one statement, so that of two takers one gets the value.
import type { DatabaseSync } from 'node:sqlite'
import type { EmbeddedFile } from './embedded-schema.ts'

export function createEmbeddedOnce ({ durable: database, quick }: Pick<EmbeddedFile, 'durable' | 'quick'>) {
  const put = preparePut(database)
  // A sync of the disk for each sign-in that somebody begins would let anybody slow the whole gateway down.
  const putQuickly = preparePut(quick)
  const take = database.prepare('DELETE FROM once WHERE name = ? RETURNING value, expires_at')
  const peek = database.prepare('SELECT value, expires_at FROM once WHERE name = ?')
  const purge = database.prepare('DELETE FROM once WHERE expires_at <= ?')
  const unlessOver = (row: Record<string, unknown> | undefined, now: number) => row === undefined || (row['expires_at'] as number) <= now ? undefined : row['value'] as string
  return {
    put (name: string, value: string, { now, ttlMs, mayBeLost = false }: { readonly now: number, readonly ttlMs: number, readonly mayBeLost?: boolean }) {
      return (mayBeLost ? putQuickly : put).run(name, value, now + ttlMs, now).changes === 1
    },
    take: (name: string, now: number) => unlessOver(take.get(name), now),
    peek: (name: string, now: number) => unlessOver(peek.get(name), now),
    purge (now: number) { purge.run(now) },
  }
}

/** A value whose time is over counts as none. */
function preparePut (database: DatabaseSync) {
  return database.prepare(`INSERT INTO once VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at WHERE once.expires_at <= ?`)
}
