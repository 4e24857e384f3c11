// Legal holds: ranges of time of which nothing is removed from the archive, and nothing is shredded. They stand in the archive itself, signed; each is written once,
// and so is its end.
import { canonicalJson } from '../canonical-json.ts'
import type { ArchiveKeys } from '../archive/archive-keys.ts'
import { StoreError, type ArchiveStore } from '../archive/store.ts'

export interface Hold {
  /** Lower-case letters, digits and hyphens. */
  readonly name: string
  /** The range, milliseconds since the epoch; `to` is the first moment after it. */
  readonly from: number
  readonly to: number
  readonly reason: string
  /** Who set it, and when. */
  readonly by: string
  readonly at: number
}

export interface HoldsPlace {
  readonly store: ArchiveStore
  readonly keys: ArchiveKeys
  readonly gateway: string
}

export const holdName = /^[a-z0-9][a-z0-9-]{0,62}$/

const pathOf = (gateway: string, name: string, end: 'hold' | 'end') => `${gateway}/holds/${name}.${end}`

/** Throws a StoreError, also when there was one of this name. */
export async function setHold (hold: Hold, { store, keys, gateway }: HoldsPlace): Promise<void> {
  if (await store.get(pathOf(gateway, hold.name, 'hold')) !== undefined) throw new StoreError(`There is or was a hold ${hold.name}, and a name is used once. Choose another: ${hold.name}-2.`)
  await store.put(pathOf(gateway, hold.name, 'hold'), signText({ v: 1, gateway, ...hold }, keys))
}

/** Throws a StoreError, also when there is none of this name that has not ended. */
export async function endHold (name: string, end: Pick<Hold, 'reason' | 'by' | 'at'>, place: HoldsPlace): Promise<void> {
  const { store, keys, gateway } = place
  if (!(await listHolds(place)).some(hold => hold.name === name)) throw new StoreError(`There is no hold ${name} in force. sallyport audit holds lists them.`)
  await store.put(pathOf(gateway, name, 'end'), signText({ v: 1, gateway, ended: name, ...end }, keys))
}

/** Those in force. One that is not genuine holds everything: whoever changed it is not to profit from it. */
export async function listHolds ({ store, keys, gateway }: HoldsPlace): Promise<readonly Hold[]> {
  const names = await store.list(`${gateway}/holds/`)
  const found: Hold[] = []
  for (const name of names.filter(each => each.endsWith('.hold'))) {
    const own = name.slice(`${gateway}/holds/`.length, -'.hold'.length)
    const end = names.includes(pathOf(gateway, own, 'end')) ? readSigned(await store.get(pathOf(gateway, own, 'end')), keys) : undefined
    if (end?.['ended'] === own && end['gateway'] === gateway) continue
    const hold = readSigned(await store.get(name), keys)
    const isGenuine = hold?.['name'] === own && hold['gateway'] === gateway
    found.push(isGenuine ? hold as unknown as Hold : { name: own, from: 0, to: Number.MAX_SAFE_INTEGER, reason: 'its file was changed: it holds everything until somebody looked at it', by: 'unknown', at: 0 })
  }
  return found
}

/** The first hold that a range of time touches; both ends belong to it. */
export function findHold (holds: readonly Hold[], { from, to }: { readonly from: number, readonly to: number }): Hold | undefined {
  return holds.find(hold => from < hold.to && to >= hold.from)
}

function signText (content: object, keys: ArchiveKeys): Buffer {
  const line = Buffer.from(`${canonicalJson(content)}\n`)
  return Buffer.concat([line, Buffer.from(`${keys.sign(line)}\n`)])
}

function readSigned (bytes: Buffer | undefined, keys: ArchiveKeys): Readonly<Record<string, unknown>> | undefined {
  const end = bytes?.indexOf('\n') ?? -1
  if (bytes === undefined || end < 0) return undefined
  const line = bytes.subarray(0, end + 1)
  return keys.isGenuine(line, bytes.toString('latin1', end + 1).trimEnd()) ? JSON.parse(line.toString()) as Record<string, unknown> : undefined
}
