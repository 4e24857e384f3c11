// Legal holds: what is under one is neither removed from the archive nor shredded. Setting and ending one is on record.
import { endHold, holdOperations, listHolds, setHold, type Hold } from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { createDeps } from './ask-trail.ts'
import { explainStore, openArchive, type OpenArchive } from './open-archive.ts'
import { OperationError } from './operation-error.ts'
import { readAccount, runInSteps } from './record-operation.ts'

export { holdName, type Hold } from '../audit/audit.ts'

export interface HoldRequest {
  readonly configFile: string
  readonly name: string
  readonly reason: string
}

/** `from`, `to`: milliseconds since the epoch; without them everything is held. Throws a ConfigurationError or an OperationError. */
export async function setLegalHold ({ configFile, name, reason, from, to }: HoldRequest & { readonly from: number | undefined, readonly to: number | undefined }): Promise<Hold> {
  return await withArchive(configFile, async (config, archive) => {
    const deps = createDeps(config)
    const hold: Hold = { name, reason, from: from ?? 0, to: to ?? Number.MAX_SAFE_INTEGER, by: readAccount(), at: deps.clock.now() }
    const facts = { reason, hold: name, ...(from === undefined ? {} : { from: new Date(from).toISOString() }), ...(to === undefined ? {} : { to: new Date(to).toISOString() }) }
    await runInSteps(config, { name: holdOperations.set, facts }, { ...deps, run: async () => { await setHold(hold, archive); return {} } })
    return hold
  })
}

/** Throws a ConfigurationError or an OperationError. */
export async function endLegalHold ({ configFile, name, reason }: HoldRequest): Promise<void> {
  await withArchive(configFile, async (config, archive) => {
    const deps = createDeps(config)
    const run = async () => { await endHold(name, { reason, by: readAccount(), at: deps.clock.now() }, archive); return {} }
    await runInSteps(config, { name: holdOperations.end, facts: { reason, hold: name } }, { ...deps, run })
  })
}

/** Those in force. Throws a ConfigurationError or an OperationError. */
export async function listLegalHolds (configFile: string): Promise<readonly Hold[]> {
  return await withArchive(configFile, async (_config, archive) => await listHolds(archive))
}

async function withArchive<T> (configFile: string, use: (config: GatewayConfig, archive: OpenArchive) => Promise<T>): Promise<T> {
  const { config } = await loadConfigToAsk(configFile)
  const archive = await openArchive(config)
  if (archive === undefined) throw new OperationError('Legal holds stand in the archive, and the configuration has none: add audit.archive first (docs/archive.md).')
  try { return await use(config, archive) } catch (error) { throw explainStore(error) } finally { archive.index.close() }
}
