// Up to which epoch everything is in Redis: a hint in the spool directory, so that a start does not ask Redis about every epoch there ever was. When it is
// lost, every epoch is compared again.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const name = 'shipped'

/** 0 when nothing is known. */
export async function readShippedMark (directory: string): Promise<number> {
  const text = await readFile(join(directory, name), 'utf8').catch(() => '')
  return /^\d{1,12}\n$/.test(text) ? Number(text) : 0
}

export async function writeShippedMark (directory: string, epoch: number): Promise<void> {
  const path = join(directory, name)
  await writeFile(`${path}.new`, `${epoch}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
