// Random tokens and what they stand for, as keyed digests, so that a value has the same token after a restart and nobody can tell the value from the file.
import { DatabaseSync } from 'node:sqlite'
import type { TokenVault } from '../../phi/phi.ts'

/** Several processes' threads may have the file open; who comes second waits this long. */
const busyMs = 5000

export function openTokenVault (file: string): TokenVault {
  const database = new DatabaseSync(file, { timeout: busyMs })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, token TEXT NOT NULL) WITHOUT ROWID')
  const find = database.prepare('SELECT token FROM token WHERE digest = ?')
  const add = database.prepare('INSERT OR IGNORE INTO token (digest, token) VALUES (?, ?)')
  return {
    get: digest => (find.get(digest) as { readonly token: string } | undefined)?.token,
    set (digest, token) { add.run(digest, token) },
  }
}
