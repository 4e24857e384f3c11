// Says in the log that an agreement runs out: once when sixty, thirty and seven days are left, and once when it has ended; at a start, how it stands.
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { AssociatesRoom } from './associates.ts'

/** Looks now, and again whenever what it returns is called. */
export function createAgreementWatch ({ associates, clock, log }: { readonly associates: Pick<AssociatesRoom, 'agreements'>, readonly clock: Clock, readonly log: Logger }): () => void {
  const said = new Map<string, string>()
  const look = () => {
    for (const { associate: { name, expires }, state, warning, daysLeft } of associates.agreements(clock.now())) {
      const step = state === 'expired' ? state : String(warning)
      if ((state !== 'expired' && warning === undefined) || said.get(name) === step) continue
      said.set(name, step)
      if (state === 'expired') log.error('associate.expired', { associate: name, expires })
      else log.warn('associate.expires', { associate: name, expires, daysLeft })
    }
  }
  look()
  return look
}
