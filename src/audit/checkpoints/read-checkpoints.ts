// Reads the checkpoints of a directory or an object store. What is there and is none is told, never passed over.
import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createS3Client, type S3Access } from '../../shared/s3.ts'
import type { S3Config } from '../../shared/s3-config.ts'
import { parseCheckpoint, type Checkpoint } from './note.ts'

export interface FoundCheckpoint {
  /** Path of its file. */
  readonly file: string
  /** Undefined when the text is not a checkpoint. */
  readonly checkpoint: Checkpoint | undefined
  isGenuine (publicKeyPem: string): boolean
}

interface Shelf {
  readonly names: readonly string[]
  readonly read: (name: string) => Promise<{ readonly file: string, readonly text: string }>
}

const largestNote = 4096

/** Those of one gateway, in the order of their names. A directory that is not there has none. Throws what the system says when it cannot be read. */
export async function readCheckpoints (directory: string, gateway: string): Promise<readonly FoundCheckpoint[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return await readShelf({
    names,
    async read (name) {
      const file = join(directory, name)
      return { file, text: await readNote(file) }
    },
  }, gateway)
}

/** As much as a checkpoint can have and a byte more; nothing of what is no file. */
async function readNote (path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) return ''
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(largestNote + 1), 0, largestNote + 1, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally { await handle.close() }
}

/** The same of an object store. Throws an S3Error. */
export async function readStoredCheckpoints (config: S3Config, { gateway, ...access }: S3Access & { readonly gateway: string }): Promise<readonly FoundCheckpoint[]> {
  const client = createS3Client(config, access)
  try {
    const read = async (name: string) => ({ file: `${config.endpoint}/${config.bucket}/${config.prefix}${name}`, text: String(await client.get(name) ?? '') })
    return await readShelf({ names: await client.list(`${gateway}-`), read }, gateway)
  } finally { await client.close() }
}

async function readShelf ({ names, read }: Shelf, gateway: string): Promise<readonly FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = []
  for (const name of names.filter(each => each.startsWith(`${gateway}-`) && each.endsWith('.checkpoint')).sort()) {
    const { file, text } = await read(name)
    const parsed = text.length > largestNote ? undefined : parseCheckpoint(text)
    // Gateways whose names begin alike may share a directory.
    if (parsed !== undefined && parsed.checkpoint.gateway !== gateway) continue
    found.push({ file, checkpoint: parsed?.checkpoint, isGenuine: publicKey => parsed?.isGenuine(publicKey) ?? false })
  }
  return found
}
