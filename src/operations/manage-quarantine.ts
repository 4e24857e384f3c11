// What an administrator does with messages that were held. Each step is on record before it is done; a body is shown only to somebody who says why; what is let go is judged again
// by the gateway and never leaves as it lies here.
import { join } from 'node:path'
import { openSealedFiles, SealedFileError } from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { countMissing, createQuarantineRoom, type Approval, type HeldMessage, type QuarantineRoom } from '../outbound/quarantine/quarantine.ts'
import { outboundPlaces, packMessage } from '../outbound/stored-message.ts'
import { heldReasons } from '../phi/phi.ts'
import { createDeps } from './ask-trail.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { runAlone, runInSteps } from './record-operation.ts'

export type { HeldMessage } from '../outbound/quarantine/quarantine.ts'

export interface QuarantineRequest {
  readonly configFile: string
  readonly id: string
  readonly reason: string
  /** Who decides. */
  readonly person: string
}

export interface QuarantineList {
  readonly messages: readonly HeldMessage[]
  /** Files that the key does not open. */
  readonly unreadable: number
  readonly neededApprovals: number
}

/** A sentence about why a message lies there. */
export async function explainHold (reason: string): Promise<string> {
  if (Object.hasOwn(heldReasons, reason)) return heldReasons[reason as keyof typeof heldReasons]
  const [{ deliveryReasons }, { mailHolds }, { shieldHolds }] = await Promise.all([import('../outbound/delivery/delivery.ts'), import('../outbound/mail/mail.ts'), import('../outbound/shield/shield.ts')])
  const known = { ...mailHolds, ...shieldHolds }
  if (Object.hasOwn(known, reason)) return known[reason] ?? reason
  return deliveryReasons.table[reason as keyof typeof deliveryReasons.table]?.operatorText ?? reason
}

interface Opened { readonly config: GatewayConfig, readonly quarantine: QuarantineRoom, readonly neededApprovals: number }

async function open (configFile: string): Promise<Opened> {
  const { config } = await loadConfigToAsk(configFile)
  if (config.outbound === undefined) throw new OperationError('outbound is not configured: there is no quarantine.')
  const directory = join(config.gateway.dataDirectory, outboundPlaces.quarantine)
  try {
    const files = await openSealedFiles(directory, { key: config.audit.key, purpose: outboundPlaces.quarantine })
    return { config, quarantine: createQuarantineRoom(files), neededApprovals: config.outbound.releaseApprovals }
  } catch (error) {
    throw new OperationError(`The quarantine ${directory} cannot be opened${describeCode(error)}: run this as the account of the gateway.`, { cause: error })
  }
}

async function find (quarantine: QuarantineRoom, id: string): Promise<HeldMessage> {
  const found = await quarantine.find(id).catch((error: unknown) => {
    if (error instanceof SealedFileError) throw new OperationError(`The message cannot be read: ${error.message}.`, { cause: error })
    throw error
  })
  if (found === undefined) throw new OperationError('There is no such message in the quarantine: sallyport quarantine list shows those that there are.')
  return found
}

const factsOf = ({ id, reason, person }: QuarantineRequest, { destination }: HeldMessage) => ({ message: id, destination, reason, by: person })

/** Throws a ConfigurationError or an OperationError. */
export async function listQuarantine (configFile: string): Promise<QuarantineList> {
  const { quarantine, neededApprovals } = await open(configFile)
  return { ...await quarantine.list(), neededApprovals }
}

/** The message with its body. Throws a ConfigurationError or an OperationError. */
export async function showQuarantined (request: QuarantineRequest): Promise<HeldMessage> {
  const { config, quarantine } = await open(request.configFile)
  const message = await find(quarantine, request.id)
  await runInSteps(config, { name: 'quarantine.show', facts: factsOf(request, message) }, { ...createDeps(config), run: async () => ({}) })
  return message
}

/** While nobody else decides: what it is now, not what it was when it was asked for. */
async function findStill (quarantine: QuarantineRoom, id: string): Promise<HeldMessage> {
  const found = await quarantine.find(id)
  if (found === undefined) throw new OperationError('Somebody else has decided about this message meanwhile: sallyport quarantine list shows those that are left.')
  return found
}

function requireNew (approvals: readonly Approval[], person: string, needed: number): void {
  if (approvals.some(({ by }) => by === person)) throw new OperationError(`${person} has agreed already. Another person has to: ${needed} are needed (outbound.releaseApprovals).`)
}

/** How many more people have to agree; 0: the gateway takes it up within a second or two, or when it runs again. Throws a ConfigurationError or an OperationError. */
export async function releaseQuarantined (request: QuarantineRequest): Promise<{ readonly missing: number }> {
  const { id, reason, person } = request
  const { config, quarantine, neededApprovals } = await open(request.configFile)
  const found = await find(quarantine, id)
  requireNew(found.approvals, person, neededApprovals)
  const deps = createDeps(config)
  let missing = neededApprovals
  const run = async () => {
    const message = await findStill(quarantine, id)
    requireNew(message.approvals, person, neededApprovals)
    const approvals = [...message.approvals, { by: person, at: deps.clock.now(), reason }]
    missing = countMissing(approvals, neededApprovals)
    if (missing > 0) await quarantine.hold({ ...message, approvals })
    else {
      const approved = await openSealedFiles(join(config.gateway.dataDirectory, outboundPlaces.approved), { key: config.audit.key, purpose: outboundPlaces.approved })
      await approved.put(id, packMessage({ ...message, approvals }))
      await quarantine.remove(id)
    }
    return { missing }
  }
  await runAlone(config, { name: 'quarantine.release', facts: factsOf(request, found), run }, deps)
  return { missing }
}

/** Throws a ConfigurationError or an OperationError. */
export async function dropQuarantined (request: QuarantineRequest): Promise<void> {
  const { config, quarantine } = await open(request.configFile)
  const message = await find(quarantine, request.id)
  const run = async () => {
    await findStill(quarantine, request.id)
    await quarantine.remove(request.id)
    return {}
  }
  await runAlone(config, { name: 'quarantine.drop', facts: factsOf(request, message), run }, createDeps(config))
}
