// Messages that may not leave as they are, sealed until somebody decides. Nothing leaves from here by itself: what somebody lets go is judged again before it goes.
import type { SealedFiles } from '../../audit/audit.ts'
import { packMessage, unpackMessage, type StoredMessage } from '../stored-message.ts'

export interface Approval {
  /** The account. */
  readonly by: string
  readonly at: number
  readonly reason: string
}

export interface HeldMessage extends StoredMessage {
  readonly heldAt: number
  /** A reason of the redaction (`notJson`) or of the delivery (`delivery.rejected`). */
  readonly reason: string
  /** Before: the body is as the CRM sent it. After: PHI was taken out, and only the delivery failed. */
  readonly stage: 'redaction' | 'delivery'
  readonly approvals: readonly Approval[]
}

export interface QuarantineRoom {
  hold (message: HeldMessage): Promise<void>
  /** Oldest first, without their bodies. `unreadable`: files that the key does not open. */
  list (): Promise<{ readonly messages: readonly HeldMessage[], readonly unreadable: number }>
  find (id: string): Promise<HeldMessage | undefined>
  remove (id: string): Promise<void>
  /** Bytes on disk and number of messages. */
  measure (): Promise<{ readonly bytes: number, readonly count: number }>
}

const idShape = /^[A-Za-z0-9_-]{1,64}$/

export function createQuarantineRoom (files: SealedFiles): QuarantineRoom {
  return {
    hold: message => files.put(message.id, packMessage(message)),
    async list () {
      const messages: HeldMessage[] = []
      let unreadable = 0
      for (const { name } of await files.list()) {
        try {
          const bytes = await files.read(name)
          if (bytes !== undefined) messages.push(unpackMessage<HeldMessage>(bytes))
        } catch { unreadable += 1 }
      }
      return { messages: messages.sort((left, right) => left.heldAt - right.heldAt), unreadable }
    },
    async find (id) {
      const bytes = idShape.test(id) ? await files.read(id) : undefined
      return bytes === undefined ? undefined : unpackMessage<HeldMessage>(bytes)
    },
    remove: id => files.remove(id),
    async measure () {
      const found = await files.list()
      return { bytes: found.reduce((sum, { size }) => sum + size, 0), count: found.length }
    },
  }
}

/** Who still has to agree before it may go: a person counts once, whatever they said. */
export function countMissing (approvals: readonly Approval[], needed: number): number {
  return Math.max(0, needed - new Set(approvals.map(({ by }) => by)).size)
}
