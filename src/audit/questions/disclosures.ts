// The accounting of disclosures: what left the house about one patient, in the columns that 45 CFR 164.528(b)(2) asks for. Releases for treatment, payment and
// operations need not be accounted for (164.528(a)(1)(i)); they are listed all the same, because a purpose is the sender's own word.
import type { Found } from './answer.ts'

export interface DisclosureRow {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly recipient: string
  readonly recipientAddress: string
  readonly description: string
  readonly purpose: string
  /** Where it is in the trail. */
  readonly writer: string
  readonly epoch: number
  readonly seq: number
}

/** The row of a release; undefined for anything else. What the release does not say is an empty text. */
export function toDisclosure ({ event, writer, epoch, seq }: Found): DisclosureRow | undefined {
  if (event.kind !== 'message.released') return undefined
  const { recipient = '', address = '', description = '', purpose = '' } = event.disclosure ?? {}
  return { date: new Date(event.time).toISOString(), recipient, recipientAddress: address, description, purpose, writer, epoch, seq }
}
