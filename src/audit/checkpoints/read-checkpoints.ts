// Reads the checkpoints of a directory. What is there and is none is told, never passed over.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCheckpoint, type Checkpoint } from './note.ts'

export interface FoundCheckpoint {
  /** Path of its file. */
  readonly file: string
  /** Undefined when the text is not a checkpoint. */
  readonly checkpoint: Checkpoint | undefined
  isGenuine (publicKeyPem: string): boolean
}

const largestNote = 4096

/** Those of one gateway, in the order of their names. A directory that is not there has none. Throws what the system says when it cannot be read. */
export async function readCheckpoints (directory: string, gateway: string): Promise<readonly FoundCheckpoint[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found: FoundCheckpoint[] = []
  for (const name of names.filter(each => each.startsWith(`${gateway}-`) && each.endsWith('.checkpoint')).sort()) {
    const file = join(directory, name)
    const text = await readFile(file, 'utf8')
    const parsed = text.length > largestNote ? undefined : parseCheckpoint(text)
    // Gateways whose names begin alike may share a directory.
    if (parsed !== undefined && parsed.checkpoint.gateway !== gateway) continue
    found.push({ file, checkpoint: parsed?.checkpoint, isGenuine: publicKey => parsed?.isGenuine(publicKey) ?? false })
  }
  return found
}
