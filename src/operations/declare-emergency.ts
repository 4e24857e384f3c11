// Declares an emergency, or ends it: while nothing can be recorded, people are let in to the CRM until it is over. It is on record where that is possible; where it is
// not, the gateway puts it on record once it can.
import { rm } from 'node:fs/promises'
import { deriveAuditKeys, findEmergency, formatEmergency, type Emergency } from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { createRequestId } from '../shared/ids.ts'
import { replaceFile } from '../shared/replace-file.ts'
import { durationMs } from '../shared/schema.ts'
import { createDeps } from './ask-trail.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { readAccount, recordStep } from './record-operation.ts'

export interface EmergencyRequest { readonly configFile: string, readonly reason: string }

export interface Declared {
  readonly emergency: Emergency
  /** A sentence when it is not on record yet. */
  readonly unrecorded: string | undefined
}

/** `forMs`: how long, at most `audit.emergency.atMost`, which is the default. Throws a ConfigurationError or an OperationError. */
export async function declareEmergency ({ configFile, reason, forMs }: EmergencyRequest & { readonly forMs: number | undefined }): Promise<Declared> {
  const { config } = await loadConfigToAsk(configFile)
  const { file, atMost } = requireAllowed(config)
  const mostMs = durationMs(atMost)
  if (forMs !== undefined && (forMs < 1 || forMs > mostMs)) throw new OperationError(`An emergency lasts at most ${atMost} here (audit.emergency.atMost): write a shorter time, and declare it again when it is over.`)
  const since = createDeps(config).clock.now()
  const emergency: Emergency = { since, until: since + (forMs ?? mostMs), by: readAccount(), reason }
  const context = { gateway: config.gateway.name, keys: deriveAuditKeys(config.audit.key, config.gateway.name) }
  await replaceFile(file, formatEmergency(emergency, context), { mode: 0o644 }).catch((error: unknown) => {
    throw new OperationError(`${file} cannot be written${describeCode(error)}: nothing was declared. Check that its directory is there and that this account may write in it.`, { cause: error })
  })
  return { emergency, unrecorded: await record(config, 'audit.emergency', { reason, until: new Date(emergency.until).toISOString() }) }
}

/** Throws a ConfigurationError or an OperationError, also when none was declared. */
export async function endEmergency ({ configFile, reason }: EmergencyRequest): Promise<Declared> {
  const { config } = await loadConfigToAsk(configFile)
  const { file } = requireAllowed(config)
  const emergency = findEmergency(file, { gateway: config.gateway.name, keys: deriveAuditKeys(config.audit.key, config.gateway.name) })
  if (emergency === undefined) throw new OperationError(`No emergency of this gateway is declared in ${file}.`)
  await rm(file).catch((error: unknown) => {
    throw new OperationError(`${file} cannot be removed${describeCode(error)}: the emergency goes on until ${new Date(emergency.until).toISOString()}. Remove the file by hand.`, { cause: error })
  })
  return { emergency, unrecorded: await record(config, 'audit.emergency.end', { reason, declaredBy: emergency.by, declaredAt: new Date(emergency.since).toISOString() }) }
}

function requireAllowed ({ audit }: GatewayConfig): NonNullable<GatewayConfig['audit']['emergency']> {
  if (audit.emergency !== undefined) return audit.emergency
  throw new OperationError('This gateway knows no emergency: without audit.emergency in its configuration nobody is let in while nothing can be recorded.')
}

/** An emergency is declared because recording fails: what cannot be recorded here is no reason to stop. */
async function record (config: GatewayConfig, name: string, facts: Readonly<Record<string, string>>): Promise<string | undefined> {
  try {
    await recordStep(config, { id: createRequestId(), name, facts, step: 'done' }, createDeps(config))
    return undefined
  } catch (error) {
    if (error instanceof OperationError) return error.message
    throw error
  }
}
