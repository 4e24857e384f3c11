// What was done to a message, without any of its values: paths, identifier kinds, actions, counts. It can stand in the trail and in a log.
import type { Kind } from './identifier-kinds.ts'
import { pathOf, type Place } from './place.ts'
import type { Policy } from './policy.ts'

/** What was done: an action of a rule, `broken` for a kept value that broke its constraint, `found` for a finding in prose, `key` for a name that was data. */
export type Deed = 'drop' | 'mask' | 'last4' | 'generalise' | 'token' | 'found' | 'broken' | 'key' | 'markup'

export interface ManifestEntry {
  readonly path: string
  readonly kind: Kind
  readonly deed: Deed
  readonly count: number
}

export interface Manifest {
  readonly policy: string
  readonly version: number
  readonly profile: string
  /** The type of the message, where the policy has rules for it. */
  readonly type?: string
  /** Leaves that were judged, and those of them that changed. */
  readonly leaves: number
  readonly changed: number
  readonly kinds: Readonly<Partial<Record<Kind, number>>>
  /** Identifiers that are still in it, because a rule lets their kind pass: whole, in part or as a keyed token. */
  readonly released: Readonly<Partial<Record<Kind, number>>>
  /** Free texts that are still in it, without what was found in them. */
  readonly prose: number
  readonly entries: readonly ManifestEntry[]
}

export interface ManifestWriter {
  leaf (): void
  change (place: Place, kind: Kind, deed: Deed): void
  /** For a leaf in which several things were found. */
  found (place: Place, kinds: readonly Kind[]): void
  released (kind: Kind): void
  prose (): void
  finish (): Manifest
}

/** One string for each pair, made once: most leaves of a message are counted. */
const keys = new Map<Kind, Map<Deed, string>>()

function keyOf (kind: Kind, deed: Deed): string {
  let ofKind = keys.get(kind)
  if (ofKind === undefined) keys.set(kind, ofKind = new Map())
  let key = ofKind.get(deed)
  if (key === undefined) ofKind.set(deed, key = `${kind} ${deed}`)
  return key
}

/** Different paths that are told one by one; the rest stands together under `…`. */
const mostEntries = 500

export function createManifest ({ name, version, profile }: Policy, type?: string): ManifestWriter {
  let leaves = 0
  let changed = 0
  const byPlace = new Map<Place, Map<string, number>>()
  const kinds: Partial<Record<Kind, number>> = {}
  const released: Partial<Record<Kind, number>> = {}
  let prose = 0
  const count = (place: Place, kind: Kind, deed: Deed): void => {
    kinds[kind] = (kinds[kind] ?? 0) + 1
    let deeds = byPlace.get(place)
    if (deeds === undefined) {
      deeds = new Map()
      byPlace.set(place, deeds)
    }
    const key = keyOf(kind, deed)
    deeds.set(key, (deeds.get(key) ?? 0) + 1)
  }
  return {
    leaf () { leaves += 1 },
    change (place, kind, deed) {
      changed += 1
      count(place, kind, deed)
    },
    found (place, found) {
      changed += 1
      for (const kind of found) count(place, kind, 'found')
    },
    released (kind) { released[kind] = (released[kind] ?? 0) + 1 },
    prose () { prose += 1 },
    finish () {
      const merged = new Map<string, ManifestEntry>()
      for (const [place, deeds] of byPlace) {
        const path = merged.size < mostEntries ? pathOf(place) : '…'
        for (const [key, number] of deeds) {
          const [kind, deed] = key.split(' ') as [Kind, Deed]
          const id = `${path} ${key}`
          merged.set(id, { path, kind, deed, count: number + (merged.get(id)?.count ?? 0) })
        }
      }
      return { policy: name, version, profile, ...(type === undefined ? {} : { type }), leaves, changed, kinds, released, prose, entries: [...merged.values()] }
    },
  }
}
