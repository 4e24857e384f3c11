// The files of a spool with the first record of each, and which of them answers for a record.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readFirst, type TrailEntry } from './reader.ts'
import { listSegments } from './segment.ts'

export interface SpoolFile {
  readonly name: string
  readonly path: string
  readonly epoch: number
  /** Infinity when it has no header that can be read. */
  readonly first: number
}

/** Oldest first. A directory that is not there has none. Throws the system's error. */
export async function listSpoolFiles (directory: string): Promise<readonly SpoolFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files: SpoolFile[] = []
  for (const { name, epoch } of listSegments(names)) {
    const path = join(directory, name)
    files.push({ name, path, epoch, first: await readFirst(path) ?? Infinity })
  }
  return files
}

/** The last file of its epoch that does not begin after it; `from` when there is none later. */
export function findSpoolFile (files: readonly SpoolFile[], { epoch, seq }: Pick<TrailEntry, 'epoch' | 'seq'>, from: number): number {
  return Math.max(from, files.findLastIndex(file => file.epoch === epoch && file.first <= seq))
}
