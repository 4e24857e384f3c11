// Lets a session be used where it began, by the policy, and notes where it was used last, so that an administrator can find it by its address.
import type { Binding, Elsewhere } from './binding.ts'
import type { Memory } from './memory.ts'
import { sessionReasons } from './reasons.ts'
import type { EndCause, Place, Session } from './session.ts'
import type { SessionStore } from './store.ts'
import type { Vault } from './vault.ts'

/** A session that may be used from where it is used. */
export interface Here {
  readonly session: Session
  /** What would refuse it if the binding were enforced. */
  readonly wouldRefuse: Elsewhere | undefined
}

export interface HereDeps {
  readonly binding: Binding
  readonly memory: Memory
  readonly store: SessionStore
  readonly vault: Vault
  readonly end: (keys: readonly string[], cause: EndCause) => Promise<unknown>
}

/** The returned function throws a Denial `session.other…` (401). */
export function createPlaceCheck ({ binding, memory, store, vault, end }: HereDeps): (session: Session, place: Place) => Promise<Here> {
  return async (session, place) => {
    const mismatch = binding.judge(session, place)
    if (mismatch !== undefined && mismatch.onMismatch !== 'report') {
      if (mismatch.onMismatch === 'end') await end([session.key], 'moved')
      throw sessionReasons.deny(mismatch.elsewhere)
    }
    const wouldRefuse = mismatch?.elsewhere
    if (session.lastAddress === place.address) return { session, wouldRefuse }
    const moved: Session = { ...session, lastAddress: place.address }
    const sealed = vault.sealPlace(moved)
    await store.place(session.key, sealed)
    const known = memory.known(session.key)
    if (known !== undefined) memory.keep({ ...known.session, lastAddress: place.address }, { sealed: known.sealed, place: sealed, askedAt: 0 })
    return { session: moved, wouldRefuse }
  }
}
