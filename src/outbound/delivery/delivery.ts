// Brings redacted messages to their receivers: at once for a CRM that waits for the answer, or from a sealed queue on disk that survives the process. It delivers only what it is
// given and knows of no policy.
import { SealedFileError, type SealedFiles } from '../../audit/start.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { packMessage, unpackMessage, type StoredMessage } from '../stored-message.ts'
import { createAddressCheck } from './addresses.ts'
import { DeliveryLine, type OnEnding } from './line.ts'
import { deliveryReasons } from './reasons.ts'
import { createMessageSender, type Attempt, type MessageSender, type Receiver } from './send-message.ts'

export { deliveryReasons }
export { createAddressCheck } from './addresses.ts'
export { createMailQueue, type MailQueue } from './mail-queue.ts'
export { createSmarthostSender, trySmarthost, type Smarthost } from './smarthost.ts'
export { createCallSender, type CallEnd, type CallSender, type OutgoingCall } from './send-call.ts'
export { openTunnel } from './open-tunnel.ts'
export type { Ending, OnEnding } from './line.ts'
export type { Attempt, DeliveryCode, ReceiverAnswer } from './send-message.ts'

export interface DeliveryRoom {
  /** One attempt, for a sender that waits. Never throws. */
  send (message: StoredMessage): Promise<Attempt>
  /** Throws a Failure when there is no more room; to be asked before it is on record that a message is released. */
  requireRoom (): void
  /** Resolves when it is safe on disk; it is delivered from there. Throws a Failure. */
  enqueue (message: StoredMessage): Promise<void>
  /** Takes up what the last process left. */
  start (): Promise<void>
  waiting (): number
  /** When the oldest one that waits was put there, in milliseconds since the epoch. */
  oldestAt (): number | undefined
  close (): Promise<void>
}

export interface DeliveryDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly files: SealedFiles
  readonly allowAddresses: readonly string[]
  readonly attemptTimeoutMs: number
  readonly retryForMs: number
  readonly maxStoredBytes: number
  readonly random: () => number
  readonly mayLeave: (message: StoredMessage) => boolean
  readonly onEnding: OnEnding
}

/** Beside the message: nonce, tag, header. */
const overheadBytes = 512

async function readQueued (name: string, { files, log }: DeliveryDeps): Promise<StoredMessage | undefined> {
  try {
    const bytes = await files.read(name)
    return bytes === undefined ? undefined : unpackMessage(bytes)
  } catch (error) {
    if (!(error instanceof SealedFileError)) throw error
    log.error('outbound.queueUnreadable', { file: name })
    return undefined
  }
}

/** Bytes of what waits, kept as a sum: a queue that grew long while a receiver was away must not make each further message dearer. */
function createSizes () {
  const sizes = new Map<string, number>()
  let sum = 0
  const remove = (id: string): void => {
    sum -= sizes.get(id) ?? 0
    sizes.delete(id)
  }
  return {
    remove,
    set (id: string, size: number) {
      remove(id)
      sizes.set(id, size)
      sum += size
    },
    sum: () => sum,
  }
}

export function createDeliveryRoom (receivers: ReadonlyMap<string, Receiver>, deps: DeliveryDeps): DeliveryRoom {
  const { clock, log, files, maxStoredBytes } = deps
  const mayConnect = createAddressCheck(deps.allowAddresses)
  const lines = new Map<string, { readonly sender: MessageSender, readonly line: DeliveryLine }>()
  const sizes = createSizes()
  const onEnding: OnEnding = async (message, ending) => {
    await deps.onEnding(message, ending)
    if (!ending.isTriedAgain) sizes.remove(message.id)
  }
  for (const [name, receiver] of receivers) {
    const sender = createMessageSender(receiver, { clock, mayConnect, timeoutMs: deps.attemptTimeoutMs })
    lines.set(name, { sender, line: new DeliveryLine({ ...deps, sender, onEnding }) })
  }
  let last = 0
  /** Names sort in the order in which the messages came, also within one millisecond and after the clock was set back. */
  const createName = (id: string): string => {
    last = Math.max(last + 1, clock.now() * 1000)
    return `${String(last).padStart(17, '0')}-${id}`
  }
  const lineOf = (destination: string) => lines.get(destination)
  return {
    async send (message) {
      const found = lineOf(message.destination)
      if (found === undefined) throw new TypeError('no such destination')
      return await found.sender.send(message)
    },
    requireRoom () {
      if (sizes.sum() >= maxStoredBytes) throw deliveryReasons.fail('delivery.full', 'gateway', { retryAfterSeconds: 60 })
    },
    async enqueue (message) {
      const name = createName(message.id)
      try { await files.put(name, packMessage(message)) } catch (cause) { throw deliveryReasons.fail('delivery.notStored', 'store', { cause, retryAfterSeconds: 10 }) }
      sizes.set(message.id, message.body.length + overheadBytes)
      lineOf(message.destination)?.line.add(name)
    },
    async start () {
      await files.clearUnfinished()
      for (const { name, size } of await files.list()) {
        last = Math.max(last, Number(/^\d{17}/.exec(name)?.[0] ?? 0))
        const message = await readQueued(name, deps)
        if (message === undefined) continue
        const found = lineOf(message.destination)
        if (found === undefined) { log.error('outbound.queueWithoutDestination', { file: name }); continue }
        sizes.set(message.id, size)
        found.line.add(name)
      }
    },
    waiting: () => [...lines.values()].reduce((sum, { line }) => sum + line.length, 0),
    oldestAt () {
      const names = [...lines.values()].flatMap(({ line }) => line.oldest ?? []).sort()
      return names[0] === undefined ? undefined : Math.floor(Number(names[0].slice(0, 17)) / 1000)
    },
    async close () {
      for (const { line } of lines.values()) line.close()
      await Promise.all([...lines.values()].map(({ sender }) => sender.close()))
    },
  }
}
