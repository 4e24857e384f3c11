// What a drill proves of a day that was restored: every segment genuine, every record in its chain and as it was sealed, segments that follow each other, and the checkpoints
// that fall into it.
import type { ArchiveAccess } from '../archive/archive-reader.ts'
import { readWholeSegment } from '../archive/archive-reader.ts'
import type { Manifest } from '../archive/segment-codec.ts'
import type { Checkpoint } from '../checkpoints/note.ts'
import type { TrailEntry } from '../reader.ts'
import { createDeepCheck } from '../verify/deep-check.ts'

export interface ProvenDay {
  readonly records: number
  /** Checkpoints that name a record of the day, all of them rightly. */
  readonly checkpoints: number
  /** Sentences; empty when all is well. */
  readonly problems: readonly string[]
  readonly entries: readonly TrailEntry[]
}

export interface DayToProve {
  /** Segments in their order. */
  readonly names: readonly string[]
  /** Genuine ones. */
  readonly checkpoints: readonly Checkpoint[]
}

/** Throws a StoreError. */
export async function proveDay (access: ArchiveAccess, { names, checkpoints }: DayToProve): Promise<ProvenDay> {
  const problems: string[] = []
  const entries: TrailEntry[] = []
  const deep = createDeepCheck(access.auditKeys)
  let before: Manifest | undefined
  for (const name of names) {
    const { manifest, entries: found } = await readWholeSegment(access, name)
    if (manifest === undefined) { problems.push(`${name} is missing, or is not what was archived`); continue }
    if (!isNext(before, manifest)) problems.push(`${name} does not follow from the segment before it`)
    if (found.at(-1)?.record?.hash !== manifest.after) problems.push(`${name} does not end as its manifest says`)
    for (const entry of found) problems.push(...problemsOf(entry, deep.take(entry).map(({ detail }) => detail)))
    entries.push(...found)
    before = manifest
  }
  const hashes = new Map(entries.map(({ writer, epoch, seq, record }) => [`${writer} ${epoch} ${seq}`, record?.hash]))
  const within = checkpoints.filter(({ writer, epoch, seq }) => hashes.has(`${writer} ${epoch} ${seq}`))
  for (const { writer, epoch, seq, head } of within) if (hashes.get(`${writer} ${epoch} ${seq}`) !== head) problems.push(`a checkpoint says that record ${seq} of epoch ${epoch} was another one`)
  return { records: entries.length, checkpoints: within.length, problems, entries }
}

function isNext (before: Manifest | undefined, next: Manifest): boolean {
  if (before === undefined || before.writer !== next.writer) return true
  return before.epoch === next.epoch ? next.first === before.last + 1 && next.before === before.after : next.first === 1 && next.epoch > before.epoch
}

function problemsOf ({ epoch, seq, problems }: TrailEntry, deep: readonly string[]): readonly string[] {
  const found = [...problems.filter(problem => problem !== 'shredded'), ...deep]
  return found.map(problem => `record ${seq} of epoch ${epoch}: ${problem}`)
}
