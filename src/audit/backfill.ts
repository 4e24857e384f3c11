// Brings back into the spool what Redis acknowledged and this disk does not have: a machine that lost power with `audit.durability: redis`, or a spool
// restored from an older copy. Only records that are genuine and continue the chain are taken; at the first that is not, it stops.
import { join } from 'node:path'
import type { Disk, SpoolFile } from './disk.ts'
import type { AuditKeys } from './keys.ts'
import { createOpenExchanges, type OpenExchanges } from './open-exchanges.ts'
import { createReaderState, readRecord, type ReaderState } from './reader.ts'
import { formatRecord, type AuditRecord } from './record-form.ts'
import type { Recovered } from './recover.ts'
import { nameRegistry, nameStream, parseEntry, parseRegistryName, readEntries, type StreamClient } from './redis-stream.ts'
import { formatHeader, listSegments, nameSegment, placeText, startOf, type SegmentPlace } from './segment.ts'

export interface BackfillOptions {
  readonly client: StreamClient
  readonly disk: Disk
  readonly directory: string
  readonly gateway: string
  readonly keys: AuditKeys
}

const pageEntries = 512

/** How many records were brought back. Throws a RedisError or the disk's own error. */
export async function backfillSpool (options: BackfillOptions, recovered: Recovered): Promise<number> {
  const { client, gateway } = options
  const names = await client.call('HKEYS', nameRegistry(gateway)) as string[]
  const places = names.map(name => parseRegistryName(gateway, name)).filter(place => place !== undefined)
    .filter(place => place.writer === recovered.writer && place.epoch >= (recovered.previous?.epoch ?? 0))
    .sort((a, b) => a.epoch - b.epoch)
  const exchanges = createOpenExchanges(recovered.open)
  let count = 0
  for (const place of places) {
    const isKnown = place.epoch === recovered.previous?.epoch
    const position = isKnown && recovered.previous !== undefined
      ? { seq: recovered.previous.seq, head: recovered.previous.hash }
      : { seq: 0, head: startOf(place) }
    const state: ReaderState = { ...createReaderState(), ...place, keys: options.keys.forEpoch(place.writer, place.epoch), place: placeText(place), position }
    count += await backfillEpoch(options, { place, state, exchanges })
  }
  return count
}

async function backfillEpoch (options: BackfillOptions, epoch: { readonly place: SegmentPlace, readonly state: ReaderState, readonly exchanges: OpenExchanges }): Promise<number> {
  const { place, state, exchanges } = epoch
  const first = state.position.seq + 1
  let file: SpoolFile | undefined
  let last: AuditRecord | undefined
  try {
    for (let isGenuine = true; isGenuine;) {
      const page = await readEntries(options.client, nameStream(place), { from: `(${state.position.seq}-0`, count: pageEntries })
      const before = { seq: state.position.seq, hash: state.position.head }
      const open = exchanges.list()
      let text = ''
      for (const each of page) {
        const parsed = parseEntry(each)
        const entry = parsed === undefined ? undefined : readRecord(parsed, state)
        isGenuine = entry?.event !== undefined && entry.problems.length === 0
        if (!isGenuine || parsed === undefined || entry?.event === undefined) break
        exchanges.apply(entry.event)
        last = parsed.record
        text += `${formatRecord(last)}\n`
      }
      if (text === '') break
      file ??= await createSegment(options, { place, open, before })
      await file.append(Buffer.from(text, 'latin1'))
    }
    return last === undefined ? 0 : last.seq + 1 - first
  } finally { await file?.close() }
}

async function createSegment (options: BackfillOptions, { place, open, before }: {
  readonly place: SegmentPlace, readonly open: readonly string[], readonly before: { readonly seq: number, readonly hash: string },
}): Promise<SpoolFile> {
  const { disk, directory, keys } = options
  const known = listSegments(await disk.list(directory)).filter(segment => segment.epoch === place.epoch)
  const index = (known.at(-1)?.index ?? -1) + 1
  const header = { ...place, index, first: before.seq + 1, before: before.hash, keyId: keys.of(place.epoch).id }
  const file = await disk.create(join(directory, nameSegment(place.epoch, index)))
  await file.append(Buffer.from(`${formatHeader(header, open, keys.forEpoch(place.writer, place.epoch))}\n`, 'latin1'))
  await disk.syncDirectory(directory)
  return file
}
