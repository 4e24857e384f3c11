// Messages that wait, one sealed file each, beside the spool and under keys from the same ring: whole or not at all, durable when written, unreadable without audit.key.
// A name is clear and says nothing; what is inside is bound to it and to what the directory is for.
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { SecretValue } from '../shared/schema.ts'
import { createDisk, type Disk } from './disk.ts'
import { openBytes, sealBytes } from './seal-bytes.ts'
import { deriveSealingKeys } from './sealing-keys.ts'

export interface SealedFile {
  readonly name: string
  /** Bytes on disk. */
  readonly size: number
}

export interface SealedFiles {
  /** Resolves when it survives a loss of power. Replaces a file of this name. */
  put (name: string, plain: Buffer): Promise<void>
  /** Undefined when there is none. Throws a SealedFileError when it is not as it was written, or the key is another. */
  read (name: string): Promise<Buffer | undefined>
  /** In the order of their names. */
  list (): Promise<readonly SealedFile[]>
  remove (name: string): Promise<void>
  /** Takes away what a crash left half written. Only the one process that writes there may call it. */
  clearUnfinished (): Promise<void>
}

/** A file that cannot be opened: changed, damaged or sealed with a key that is not there. */
export class SealedFileError extends Error {
  override readonly name = 'SealedFileError'
}

const magic = 'sallyport sealed 1 '
const ending = '.sealed'
const nameShape = /^[A-Za-z0-9_-]{1,80}$/

/** `purpose`: what the directory is for; another purpose has other keys. */
export async function openSealedFiles (directory: string, options: { readonly disk?: Disk, readonly key: SecretValue, readonly purpose: string }): Promise<SealedFiles> {
  const { disk = createDisk(), key, purpose } = options
  const ring = deriveSealingKeys(key, purpose)
  const current = ring[0] as (typeof ring)[number]
  const pathOf = (name: string) => {
    if (!nameShape.test(name)) throw new TypeError('not a name for a sealed file')
    return join(directory, `${name}${ending}`)
  }
  const placeOf = (name: string) => JSON.stringify([purpose, name])
  await disk.makeDirectory(directory)
  await disk.syncDirectory(dirname(directory))
  return {
    async put (name, plain) {
      const path = pathOf(name)
      const next = `${path}.${randomBytes(6).toString('hex')}.new`
      const file = await disk.create(next)
      try {
        try { await file.append(Buffer.concat([Buffer.from(`${magic}${current.id}\n`), sealBytes(plain, current.seal, placeOf(name))])) } finally { await file.close() }
        await disk.rename(next, path)
      } catch (error) {
        await disk.remove(next).catch(() => undefined)
        throw error
      }
      await disk.syncDirectory(directory)
    },
    async read (name) {
      const file = await disk.openToRead(pathOf(name)).catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') return undefined; throw error })
      if (file === undefined) return undefined
      let bytes: Buffer
      try { bytes = await file.read(0, (await file.identify()).size) } finally { await file.close() }
      const end = bytes.indexOf(0x0a)
      const id = end > 0 && bytes.subarray(0, magic.length).toString('latin1') === magic ? bytes.subarray(magic.length, end).toString('latin1') : undefined
      const owner = ring.find(one => one.id === id)
      const plain = owner === undefined ? undefined : openBytes(bytes.subarray(end + 1), owner.seal, placeOf(name))
      if (plain === undefined) throw new SealedFileError(owner === undefined ? 'it was sealed with another key' : 'it is not as it was written')
      return plain
    },
    async list () {
      const found: SealedFile[] = []
      for (const entry of [...await disk.list(directory)].sort()) {
        const name = entry.endsWith(ending) ? entry.slice(0, -ending.length) : ''
        if (!nameShape.test(name)) continue
        const identity = await disk.identify(join(directory, entry))
        if (identity !== undefined) found.push({ name, size: identity.size })
      }
      return found
    },
    async remove (name) {
      await disk.remove(pathOf(name))
      await disk.syncDirectory(directory)
    },
    async clearUnfinished () {
      for (const entry of await disk.list(directory)) if (/\.sealed\.[0-9a-f]{12}\.new$/.test(entry)) await disk.remove(join(directory, entry))
    },
  }
}
