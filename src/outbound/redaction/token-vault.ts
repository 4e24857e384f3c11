// Random tokens and what they stand for: as keyed digests, so that a value has the same token after a restart and nobody can tell the value from the file; and, where that is
// configured, as sealed values for as long as they are kept. The gateway itself never opens one.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { KeepValue, TokenVault } from '../../phi/phi.ts'

/** Several processes' threads may have the file open; who comes second waits this long. */
const busyMs = 5000
const dayMs = 86_400_000
const [nonceBytes, tagBytes] = [12, 16]
const cipher = 'aes-256-gcm'

/** What the key that seals values is derived for. */
export const tokenVaultPurpose = 'outbound token values'

export interface VaultKey { readonly id: string, readonly seal: Uint8Array }

export interface StoredVault extends TokenVault {
  readonly keep: KeepValue
}

export interface VaultOptions {
  /** Undefined: no values are kept. */
  readonly sealing: VaultKey | undefined
  now (): number
}

export interface TokenValue { readonly kind: string, readonly value: string }

function open (file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyMs })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; ' +
    'CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, token TEXT NOT NULL) WITHOUT ROWID; ' +
    'CREATE TABLE IF NOT EXISTS value (token TEXT PRIMARY KEY, key TEXT NOT NULL, sealed BLOB NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID')
  return database
}

/** Bound to its token: the value of one cannot be put in another's place. */
function seal (key: VaultKey, token: string, value: TokenValue): Buffer {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key.seal, nonce).setAAD(Buffer.from(token))
  return Buffer.concat([nonce, sealing.update(JSON.stringify(value)), sealing.final(), sealing.getAuthTag()])
}

function unseal (key: VaultKey, token: string, sealed: Buffer): TokenValue | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  try {
    const opening = createDecipheriv(cipher, key.seal, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    opening.setAAD(Buffer.from(token)).setAuthTag(sealed.subarray(-tagBytes))
    return JSON.parse(Buffer.concat([opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()]).toString()) as TokenValue
  } catch { return undefined }
}

export function openTokenVault (file: string, { sealing, now }: VaultOptions): StoredVault {
  const database = open(file)
  const find = database.prepare('SELECT token FROM token WHERE digest = ?')
  const add = database.prepare('INSERT OR IGNORE INTO token (digest, token) VALUES (?, ?)')
  const touch = database.prepare('UPDATE value SET day = max(day, ?) WHERE token = ?')
  const since = database.prepare('SELECT day FROM value WHERE token = ?')
  const keep = database.prepare('INSERT INTO value (token, key, sealed, day) VALUES (?, ?, ?, ?) ON CONFLICT (token) DO NOTHING')
  return {
    get: digest => (find.get(digest) as { readonly token: string } | undefined)?.token,
    set (digest, token) { add.run(digest, token) },
    keep (token, value) {
      if (sealing === undefined) return
      const day = Math.floor(now() / dayMs)
      const known = since.get(token) as { readonly day: number } | undefined
      if (known === undefined) keep.run(token, sealing.id, seal(sealing, token, value), day)
      else if (known.day < day) touch.run(day, token)
    },
  }
}

/** What a token stands for; `missing` when it is not kept (any more), `sealed` when none of the keys opens it. */
export function readTokenValue (file: string, token: string, keys: readonly VaultKey[]): TokenValue | 'missing' | 'sealed' {
  if (!existsSync(file)) return 'missing'
  const database = open(file)
  try {
    const row = database.prepare('SELECT key, sealed FROM value WHERE token = ?').get(token) as { readonly key: string, readonly sealed: Uint8Array } | undefined
    if (row === undefined) return 'missing'
    const key = keys.find(({ id }) => id === row.key)
    return (key === undefined ? undefined : unseal(key, token, Buffer.from(row.sealed))) ?? 'sealed'
  } finally { database.close() }
}

/** Takes away values whose tokens were last given out before `time`, milliseconds since the epoch; all of them with Infinity. */
export function pruneTokenValues (file: string, time: number): number {
  if (!existsSync(file)) return 0
  const database = open(file)
  try {
    const all = time === Infinity
    const { changes } = all ? database.prepare('DELETE FROM value').run() : database.prepare('DELETE FROM value WHERE day < ?').run(Math.floor(time / dayMs))
    // What was deleted stands in the log of the database until it is written back.
    if (changes > 0) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return Number(changes)
  } finally { database.close() }
}

/** The file as it is at one moment, also while the gateway writes to it; undefined when there is none. */
export function copyTokenVault (file: string): Buffer | undefined {
  if (!existsSync(file)) return undefined
  const directory = mkdtempSync(join(dirname(file), 'outbound-tokens-copy-'))
  const database = open(file)
  try {
    const copy = join(directory, 'copy')
    database.prepare('VACUUM INTO ?').run(copy)
    return readFileSync(copy)
  } finally {
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
