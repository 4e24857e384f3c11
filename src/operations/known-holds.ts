// The legal holds that count before anything is removed: those in the archive, and those that are on record as set though their file is gone. A record that
// is damaged could have set one: nothing is removed then, unless somebody takes that upon them.
import { askSources, createQuestionTokenisers, HoldsOnRecord, listHolds, type Hold, type Summary } from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import type { OpenArchive } from './open-archive.ts'
import { OperationError } from './operation-error.ts'
import { openSources } from './trail-sources.ts'

interface Asking {
  readonly archive: OpenArchive | undefined
  readonly clock: Clock
  /** Somebody answers for holds that damaged records may have set. */
  readonly isDespiteDamage: boolean
}

/** Throws an OperationError when the trail cannot be asked or is damaged, a StoreError when the archive cannot. */
export async function findKnownHolds (config: GatewayConfig, { archive, ...asking }: Asking): Promise<readonly Hold[]> {
  const held = archive === undefined ? [] : await listHolds(archive)
  const names = new Set(held.map(({ name }) => name))
  return [...held, ...(await readHoldsOnRecord(config, asking)).filter(({ name }) => !names.has(name))]
}

async function readHoldsOnRecord (config: GatewayConfig, { clock, isDespiteDamage }: Omit<Asking, 'archive'>): Promise<readonly Hold[]> {
  const opened = await openSources(config, { clock })
  try {
    const onRecord = new HoldsOnRecord()
    const tokenisers = createQuestionTokenisers(config.audit.key, config.gateway.name)
    const answer = askSources({ kind: 'operation.run' }, { sources: opened.sources, tokenisers })
    for await (const { event } of answer.found) onRecord.note(event)
    if (!isDespiteDamage) requireWhole(answer.summary(), opened.missing)
    return onRecord.inForce()
  } finally { opened.close() }
}

function requireWhole ({ damaged, damage }: Summary, missing: readonly string[]): void {
  const [first] = damage
  const what = first === undefined ? missing[0] : `${first.source}: writer ${first.writer}, epoch ${first.epoch}, record ${first.seq}: ${first.problems.join(', ')}${damaged > 1 ? `, and ${damaged - 1} more` : ''}.`
  if (what === undefined) return
  throw new OperationError(`The trail is damaged or not all there, so a legal hold may be on record that cannot be read, and nothing was removed. ${what} Look at it with sallyport audit verify. To remove all the same, on your word and on record: --despite-damage.`)
}
