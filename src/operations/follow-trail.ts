// Reads the trail of a gateway from its data directory while it goes on being written: what the gateway recorded, and what administrators did from
// the command line. It opens nothing for writing.
import { access } from 'node:fs/promises'
import { createEntryFilter, createQuestionTokenisers, followTrail as followSpool, type TrailEntry, type TrailQuery } from '../audit/audit.ts'
import { loadConfigToAsk } from '../config/config.ts'
import { createSystemClock } from '../shared/clock.ts'
import { OperationError } from './operation-error.ts'
import { createDeps, describeQuestion } from './ask-trail.ts'
import { recordStep } from './record-operation.ts'
import { gatewaySpools, operationsSpool } from './trail-places.ts'

export { kindWords, outcomeWords, type AuditEvent, type TrailEntry } from '../audit/audit.ts'

export interface FollowOptions {
  readonly configFile: string
  readonly fromStart: boolean
  /** Only what answers it; damaged entries come in any case. An ending answers for itself here, its beginning may be long past. */
  readonly query?: TrailQuery | undefined
  /** Why somebody looks for one person, patient or record: on record before anything is shown. */
  readonly reason?: string | undefined
  readonly signal: AbortSignal
  readonly onEntry: (entry: TrailEntry) => void
}

/** Hands out entries until the signal is aborted. Throws a ConfigurationError or an OperationError. */
export async function followTrail (options: FollowOptions): Promise<void> {
  const { signal, fromStart, onEntry } = options
  const { config } = await loadConfigToAsk(options.configFile)
  const { dataDirectory } = config.gateway
  const [own = '', ...further] = gatewaySpools(dataDirectory).map(({ directory }) => directory)
  await access(own).catch((error: unknown) => {
    throw new OperationError(`There is no trail in ${own} that this account can read: start the gateway once, and run this as its account.`, { cause: error })
  })
  const clock = createSystemClock()
  const { query, reason } = options
  const isWanted = query === undefined ? () => true : createEntryFilter(query, createQuestionTokenisers(config.audit.key, config.gateway.name))
  if (query !== undefined && reason !== undefined) await recordStep(config, { ...describeQuestion({ name: 'audit.tail', query, reason }), step: 'asked' }, createDeps(config))
  // A configuration that cannot be loaded just now is no reason to stop watching.
  const readKey = async () => await loadConfigToAsk(options.configFile).then(loaded => loaded.config.audit.key, () => config.audit.key)
  await Promise.all([own, ...further, operationsSpool(dataDirectory)].map(async directory => {
    for await (const entry of followSpool({ directory, key: config.audit.key, readKey, clock, signal, from: fromStart ? 'start' : 'now' })) if (isWanted(entry)) onEntry(entry)
  }))
}
