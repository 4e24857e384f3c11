// What an administrator does with mail that waits: look, try again now, drop. An order is on record before the running gateway can find it; contents and recipients are not shown.
import { join } from 'node:path'
import { openSealedFiles } from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { outboundPlaces, unpackMessage, type MailOrder, type QueuedMail } from '../outbound/stored-message.ts'
import { createDeps } from './ask-trail.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { runInSteps } from './record-operation.ts'

export interface WaitingMail {
  readonly id: string
  /** The class of its recipients, or the alias. */
  readonly destination: string
  readonly recipients: number
  readonly acceptedAt: number
  readonly bytes: number
  readonly attempts: number
  readonly nextAt: number
  readonly lastCode: string | undefined
}

export interface MailOrderRequest {
  readonly configFile: string
  readonly id: string
  readonly order: MailOrder['order']
  readonly reason: string
  readonly person: string
}

async function openPlace (config: GatewayConfig, place: 'mailQueue' | 'shieldQueue' | 'mailOrders') {
  const directory = join(config.gateway.dataDirectory, outboundPlaces[place])
  try { return await openSealedFiles(directory, { key: config.audit.key, purpose: outboundPlaces[place] }) } catch (error) {
    throw new OperationError(`The queue ${directory} cannot be opened${describeCode(error)}: run this as the account of the gateway.`, { cause: error })
  }
}

async function readQueue (config: GatewayConfig): Promise<{ readonly mails: readonly WaitingMail[], readonly unreadable: number }> {
  const { mail, shield } = config.outbound ?? {}
  if (mail === undefined && shield === undefined) throw new OperationError('outbound.mail and outbound.shield are not configured: there is no queue of mail.')
  const places = [...(mail === undefined ? [] : ['mailQueue'] as const), ...(shield === undefined ? [] : ['shieldQueue'] as const)]
  const mails: WaitingMail[] = []
  let unreadable = 0
  for (const place of places) {
    const files = await openPlace(config, place)
    for (const { name } of await files.list()) {
      try {
        const bytes = await files.read(name)
        if (bytes === undefined) continue
        const { id, destination, envelope, acceptedAt, body, attempts, nextAt, lastCode } = unpackMessage<QueuedMail>(bytes)
        mails.push({ id, destination, recipients: envelope.to.length, acceptedAt, bytes: body.length, attempts, nextAt, lastCode })
      } catch { unreadable += 1 }
    }
  }
  return { mails: mails.sort((one, other) => one.acceptedAt - other.acceptedAt), unreadable }
}

/** Oldest first. Throws a ConfigurationError or an OperationError. */
export async function listMailQueue (configFile: string): ReturnType<typeof readQueue> {
  return await readQueue((await loadConfigToAsk(configFile)).config)
}

/** The gateway follows within a second or two, or when it runs again. Throws a ConfigurationError or an OperationError. */
export async function orderMail ({ configFile, id, order, reason, person }: MailOrderRequest): Promise<void> {
  const { config } = await loadConfigToAsk(configFile)
  const mail = (await readQueue(config)).mails.find(one => one.id === id)
  if (mail === undefined) throw new OperationError('There is no such mail in the queue: sallyport mail queue list shows those that wait.')
  const orders = await openPlace(config, 'mailOrders')
  const run = async () => { await orders.put(`${id}-${order}`, Buffer.from(JSON.stringify({ id, order } satisfies MailOrder))); return {} }
  await runInSteps(config, { name: `mail.${order}`, facts: { message: id, destination: mail.destination, reason, by: person } }, { ...createDeps(config), run })
}
