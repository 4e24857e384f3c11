// Whether the agreement that a message was released under is still in force when it is sent: a message can wait for days, and an agreement end meanwhile. Pure.
import type { Kind, Manifest } from '../phi/phi.ts'
import type { Coverage } from './associates/associates.ts'
import type { StoredMessage } from './stored-message.ts'

/** What a message makes use of; undefined when anybody may have it. */
export function agreementUsed ({ released, prose }: Pick<Manifest, 'released' | 'prose'>): readonly Kind[] | undefined {
  const kinds = Object.keys(released) as Kind[]
  return kinds.length === 0 && prose === 0 ? undefined : kinds
}

export function isStillCovered ({ underAgreement }: Pick<StoredMessage, 'underAgreement'>, { associate }: Coverage): boolean {
  return underAgreement === undefined || (associate !== undefined && underAgreement.every(kind => associate.kinds.includes(kind)))
}
