// The legal holds that count before anything is removed: those in the archive, and those that are on record as set though their file is gone.
import { askSources, createQuestionTokenisers, HoldsOnRecord, listHolds, type Hold } from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import type { OpenArchive } from './open-archive.ts'
import { openSources } from './trail-sources.ts'

/** Throws an OperationError when the trail cannot be asked, a StoreError when the archive cannot. */
export async function findKnownHolds (config: GatewayConfig, { archive, clock }: { readonly archive: OpenArchive | undefined, readonly clock: Clock }): Promise<readonly Hold[]> {
  const held = archive === undefined ? [] : await listHolds(archive)
  const names = new Set(held.map(({ name }) => name))
  return [...held, ...(await readHoldsOnRecord(config, clock)).filter(({ name }) => !names.has(name))]
}

async function readHoldsOnRecord (config: GatewayConfig, clock: Clock): Promise<readonly Hold[]> {
  const opened = await openSources(config, { clock })
  try {
    const onRecord = new HoldsOnRecord()
    const tokenisers = createQuestionTokenisers(config.audit.key, config.gateway.name)
    for await (const { event } of askSources({ kind: 'operation.run' }, { sources: opened.sources, tokenisers }).found) onRecord.note(event)
    return onRecord.inForce()
  } finally { opened.close() }
}
