// Which agreement covers a destination now, and what it lets pass. An agreement that has not begun or has run out counts as none. Pure.
import type { Kind } from '../../phi/phi.ts'
import type { AssociateConfig, AssociatesConfig } from './config.ts'

export { createAgreementWatch } from './watch-agreements.ts'

export interface Coverage {
  /** Undefined: no agreement that is in force covers the destination. */
  readonly associate: AssociateConfig | undefined
  /** What the agreement says may pass, whether it is in force or not. */
  readonly kinds: readonly Kind[]
}

export type AgreementState = 'live' | 'expiring' | 'expired' | 'notBegun'

export interface Agreement {
  readonly associate: AssociateConfig
  readonly state: AgreementState
  /** Whole days until it ends; 0 when it has ended. */
  readonly daysLeft: number
  /** Milliseconds since the epoch: the first moment at which it is not in force any more. */
  readonly endsAt: number
  /** The last of `warnDaysBefore` that has been reached; undefined when it is further away, or over. */
  readonly warning: number | undefined
}

export interface AssociatesRoom {
  coverageOf (destination: string, now: number): Coverage
  agreements (now: number): readonly Agreement[]
}

export const warnDaysBefore = [60, 30, 7] as const
const dayMs = 86_400_000

function judge (associate: AssociateConfig, now: number): Agreement {
  const endsAt = Date.parse(`${associate.expires}T00:00:00Z`) + dayMs
  const hasBegun = Date.parse(`${associate.signed}T00:00:00Z`) <= now
  const daysLeft = Math.max(0, Math.ceil((endsAt - now) / dayMs))
  const warning = daysLeft === 0 ? undefined : warnDaysBefore.findLast(days => daysLeft <= days)
  const state = daysLeft === 0 ? 'expired' : !hasBegun ? 'notBegun' : warning === undefined ? 'live' : 'expiring'
  return { associate, state, daysLeft, endsAt, warning }
}

/** `associateOf`: names of the associates by destination. */
export function createAssociatesRoom (config: AssociatesConfig, associateOf: ReadonlyMap<string, string>): AssociatesRoom {
  return {
    coverageOf (destination, now) {
      const associate = config.find(one => one.name === associateOf.get(destination) && one.destinations.includes(destination))
      if (associate === undefined) return { associate: undefined, kinds: [] }
      const { state } = judge(associate, now)
      return { associate: state === 'live' || state === 'expiring' ? associate : undefined, kinds: associate.kinds }
    },
    agreements: now => config.map(associate => judge(associate, now)),
  }
}
