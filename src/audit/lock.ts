// One process to one spool directory. The lock is SQLite's own (POSIX record locks): the kernel frees it when the process dies, however it dies,
// so it is never stale and no process id is guessed at.
import { DatabaseSync } from 'node:sqlite'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuditSetupError } from './setup-error.ts'

export interface SpoolLock {
  release (): void
}

/** Throws an AuditSetupError `audit.spoolLocked` when another process (or another trail in this one) has the directory. */
export function lockSpool (directory: string): SpoolLock {
  const path = join(directory, 'lock')
  const holderPath = join(directory, 'lock.holder')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    throw new AuditSetupError('audit.spoolLocked', `The audit spool ${directory} is in use by process ${readHolder(holderPath)}. ` +
      'Stop that gateway, or give this one a gateway.dataDirectory of its own.', { cause: error })
  }
  writeFileSync(holderPath, `${process.pid}\n`, { mode: 0o600 })
  return { release: () => { if (database.isOpen) database.close() } }
}

const sqliteBusy = 5

function isBusy (error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
}

function readHolder (path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return /^\d{1,10}$/.test(text) ? text : '(unknown)'
  } catch { return '(unknown)' }
}
