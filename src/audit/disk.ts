// What the spool asks of a disk. Behind an interface, so that tests can make it full, slow, broken and lying.
import { close, constants, fdatasync, fstat, fsync, open, read, stat, write, type Stats } from 'node:fs'
import { open as openHandle, readdir, rename, rm } from 'node:fs/promises'
import { makeDirectory } from '../shared/make-directory.ts'

export interface FileIdentity {
  /** Device and inode: the same for one file whatever its name. */
  readonly inode: string
  readonly size: number
}

export interface SpoolFile {
  /** Writes all of it at the end. Resolves when it survives a loss of power; throws when anything about that is in doubt. */
  append (data: Uint8Array): Promise<void>
  read (position: number, length: number): Promise<Buffer>
  identify (): Promise<FileIdentity>
  close (): Promise<void>
}

export interface Disk {
  makeDirectory (path: string): Promise<void>
  list (directory: string): Promise<readonly string[]>
  /** A new empty file; throws EEXIST when the name is taken. */
  create (path: string): Promise<SpoolFile>
  openToRead (path: string): Promise<SpoolFile>
  openToAppend (path: string): Promise<SpoolFile>
  /** The file that has this name now, or undefined. */
  identify (path: string): Promise<FileIdentity | undefined>
  /** Shortens a file, durably. */
  cut (path: string, size: number): Promise<void>
  rename (from: string, to: string): Promise<void>
  remove (path: string): Promise<void>
  /** Makes created, renamed and removed names survive a loss of power. */
  syncDirectory (path: string): Promise<void>
}

// Plain descriptors and callbacks: half the cost of FileHandle on the hot path.
const settle = <T>(start: (done: (error: NodeJS.ErrnoException | null, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => { start((error, value) => { if (error === null) resolve(value as T); else reject(error) }) })

// On Linux a write to a file opened with O_DSYNC is a write and an fdatasync in one call (open(2)): half the price of two.
const isWriteThrough = process.platform === 'linux'

const identityOf = (stats: Stats): FileIdentity => ({ inode: `${stats.dev}:${stats.ino}`, size: stats.size })

function wrap (fd: number): SpoolFile {
  return {
    async append (data) {
      for (let done = 0; done < data.length;) {
        const written = await settle<number>(finish => { write(fd, data, done, data.length - done, null, finish) })
        if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' })
        done += written
      }
      if (!isWriteThrough) await settle<void>(finish => { fdatasync(fd, finish) })
    },
    async read (position, length) {
      const buffer = Buffer.alloc(length)
      let filled = 0
      while (filled < length) {
        const count = await settle<number>(finish => { read(fd, buffer, filled, length - filled, position + filled, finish) })
        if (count === 0) break
        filled += count
      }
      return buffer.subarray(0, filled)
    },
    identify: async () => identityOf(await settle<Stats>(finish => { fstat(fd, finish) })),
    close: () => settle<void>(finish => { close(fd, finish) }),
  }
}

export function createDisk (): Disk {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_RDONLY, O_NOFOLLOW } = constants
  const toAppend = O_RDWR | O_APPEND | O_NOFOLLOW | (isWriteThrough ? constants.O_DSYNC : 0)
  return {
    makeDirectory: path => makeDirectory(path),
    list: path => readdir(path),
    create: async path => wrap(await settle<number>(finish => { open(path, toAppend | O_CREAT | O_EXCL, 0o600, finish) })),
    openToRead: async path => wrap(await settle<number>(finish => { open(path, O_RDONLY | O_NOFOLLOW, finish) })),
    openToAppend: async path => wrap(await settle<number>(finish => { open(path, toAppend, finish) })),
    async identify (path) {
      try { return identityOf(await settle<Stats>(finish => { stat(path, finish) })) } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async cut (path, size) {
      const handle = await openHandle(path, 'r+')
      try {
        await handle.truncate(size)
        await handle.sync()
      } finally { await handle.close() }
    },
    rename,
    remove: path => rm(path, { force: true }),
    async syncDirectory (path) {
      const fd = await settle<number>(finish => { open(path, O_RDONLY, finish) })
      try { await settle<void>(finish => { fsync(fd, finish) }) } finally { await settle<void>(finish => { close(fd, finish) }) }
    },
  }
}

/** One sentence for the operator about a disk's error, from its code alone. */
export function describeDiskError (error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z_]{1,39}$/.test(error.code) ? error.code : 'unknown'
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? `The disk of the audit spool is full (${code}).` : `The audit spool cannot be written (${code}).`
}
