// What is open now: exchanges and WebSockets that were admitted and have not ended. They are cut when their session ends, and judged again when
// the policy changes.
import type { CutCause } from './session/session.ts'
import type { Question } from './access/access.ts'
import { findMasks } from './mask-answer.ts'
import type { Admitted } from './pipeline.ts'
import type { InboundRooms } from './rooms.ts'

export interface OpenAdmitted {
  readonly admitted: Admitted
  cut(cause: CutCause): void
}

/** Call the returned function when it ended by itself. */
export function holdOpen (entry: OpenAdmitted, rooms: InboundRooms): () => void {
  const leave = rooms.open.enter(entry)
  let isOpen = true
  const release = rooms.session.register({ sessionKey: entry.admitted.session.key, cut: cause => { entry.cut(cause) } })
  // The policy may have changed while its record was made durable: `judgeAgain` did not find it here. The caller first gets what it needs to close.
  if (!isStillAdmitted(entry.admitted, rooms)) queueMicrotask(() => { if (isOpen) entry.cut('policy') })
  return () => {
    isOpen = false
    leave()
    release()
  }
}

/** Cuts everything open that the present rules would not admit. Returns how many. */
export function judgeAgain (rooms: InboundRooms): number {
  const refused = [...rooms.open].filter(({ admitted }) => !isStillAdmitted(admitted, rooms))
  for (const entry of refused) entry.cut('policy')
  return refused.length
}

function isStillAdmitted ({ client, session, target, question, mask, judgedBy }: Admitted, rooms: InboundRooms): boolean {
  if (judgedBy.access === rooms.access && judgedBy.clientIp === rooms.clientIp && judgedBy.masking === rooms.masking) return true
  try {
    rooms.clientIp.require({ remoteAddress: client.address, proxiedSource: undefined }, {})
    rooms.clientIp.requireFor(client, session.principal, target)
    const now: Question = { ...question, roles: rooms.access.rolesOf(session.principal), now: rooms.clock.now() }
    // What is open was masked by the rules of its beginning.
    return findMasks({ question: now, decision: rooms.access.require(now), target }, rooms)?.enforced?.key === mask?.enforced?.key
  } catch {
    return false
  }
}
