// The SQLite file of the embedded store: who may read it, what is in it, and how durable its commits are.
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const version = 2

/** How long a statement waits for another process's lock before it lets this process do something else and tries again. */
const lockWaitMs = 25

/** At the start nobody waits for us yet. */
const openWaitMs = 5000

const tables = `
  CREATE TABLE IF NOT EXISTS live (
    key TEXT PRIMARY KEY, sealed TEXT NOT NULL, person TEXT NOT NULL, name_id TEXT NOT NULL, session_index TEXT NOT NULL,
    began_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, form INTEGER NOT NULL DEFAULT 1, place TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS live_person ON live (person);
  CREATE INDEX IF NOT EXISTS live_name_id ON live (name_id);
  CREATE INDEX IF NOT EXISTS live_last_active_at ON live (last_active_at);
  CREATE INDEX IF NOT EXISTS live_ends_at ON live (ends_at);
  CREATE TABLE IF NOT EXISTS ended (
    key TEXT PRIMARY KEY, cause TEXT NOT NULL, ended_at INTEGER NOT NULL, reported INTEGER NOT NULL DEFAULT 0, sealed TEXT NOT NULL,
    began_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, form INTEGER NOT NULL DEFAULT 1, place TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS ended_unreported ON ended (ended_at) WHERE reported = 0;
  CREATE TABLE IF NOT EXISTS once (name TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS once_expires_at ON once (expires_at);
`

/** What each version of the file lacked; nobody has to sign in again for it. */
const changes: Readonly<Record<number, string>> = {
  1: ['live', 'ended'].map(table => `ALTER TABLE ${table} ADD COLUMN form INTEGER NOT NULL DEFAULT 1; ALTER TABLE ${table} ADD COLUMN place TEXT NOT NULL DEFAULT '';`).join(' '),
}

export interface EmbeddedFile {
  /** `synchronous=FULL`: a commit is on disk when it returns. */
  readonly durable: DatabaseSync
  /** `synchronous=NORMAL`: consistent after a power cut, but its last commits may be missing. */
  readonly quick: DatabaseSync
  close(): void
}

/**
 * Opens or makes the file, mode 0600. In WAL mode a power cut can lose the commits since the last sync of a NORMAL connection. A lost sign-out
 * would bring a dead cookie to life and a lost assertion id would let a response in twice, so those are FULL. A lost move of the idle clock
 * only ends a session early, and an idle end that was lost is due again at once: those are NORMAL, and cost no sync for each request.
 */
export function openEmbeddedFile (path: string): EmbeddedFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600) // SQLite gives its -wal and -shm files the mode of the file
  const durable = connect(path, 'FULL')
  try {
    bringUpToDate(durable)
    const quick = connect(path, 'NORMAL')
    for (const database of [durable, quick]) database.exec(`PRAGMA busy_timeout = ${lockWaitMs}`)
    return { durable, quick, close () { quick.close(); durable.close() } }
  } catch (error) {
    durable.close()
    throw error
  }
}

/** Under the write lock from the first look on: two processes may start at once. */
function bringUpToDate (database: DatabaseSync): void {
  inTransaction(database, () => {
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (found === version) return
    if (found !== 0 && changes[found] === undefined) {
      throw new RangeError(`the session file has form ${found}, this version reads form ${version}: move sessions.sqlite away (everybody signs in again) or run the version that wrote it`)
    }
    database.exec(`${changes[found] ?? tables} PRAGMA user_version = ${version};`)
  })
}

function connect (path: string, synchronous: 'FULL' | 'NORMAL'): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: openWaitMs, enableForeignKeyConstraints: false })
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF`)
  return database
}

/** Runs `action` in one transaction that has the write lock from its first look on. */
export function inTransaction<T> (database: DatabaseSync, action: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = action()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
