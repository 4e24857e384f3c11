// How far a feed has been delivered: a small file beside the spool. When it is lost, the feed begins with the running epoch.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FeedPosition { readonly epoch: number, readonly seq: number }

const fileOf = (name: string) => `feed-${name}`

export async function readFeedPosition (directory: string, name: string): Promise<FeedPosition | undefined> {
  const text = await readFile(join(directory, fileOf(name)), 'utf8').catch(() => '')
  const match = /^(\d{1,12}) (\d{1,15})\n$/.exec(text)
  return match === null ? undefined : { epoch: Number(match[1]), seq: Number(match[2]) }
}

export async function writeFeedPosition (directory: string, name: string, { epoch, seq }: FeedPosition): Promise<void> {
  const path = join(directory, fileOf(name))
  await writeFile(`${path}.new`, `${epoch} ${seq}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
}
