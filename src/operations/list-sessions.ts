// Who is signed in: the sessions in the store, as rows for an administrator. It is on record who looked; it moves no clock and ends nothing.
import { loadConfigToAsk } from '../config/config.ts'
import type { ListedSession } from '../inbound/session/session.ts'
import { createSystemClock } from '../shared/clock.ts'
import { createLogger } from '../shared/log.ts'
import { describeFilter, findSessions, requireSoundFilter, withSessions, type OpenSessions, type SessionFilter } from './find-sessions.ts'
import { runRecorded } from './record-operation.ts'

export { shortKeyLength } from './find-sessions.ts'

/** Times in milliseconds since the epoch. */
export interface SessionRow {
  /** The key, as who.session in the trail. */
  readonly id: string
  readonly beganAt: number
  readonly lastActiveAt: number
  /** Until it goes idle if nothing is done, and until it is over whatever happens. */
  readonly idleLeftMs: number
  readonly leftMs: number
  /** Undefined when it cannot be read here. */
  readonly person: string | undefined
  readonly name?: string
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  /** From where it was used last, and where it began, when that is known. */
  readonly address?: string | undefined
  readonly beganFrom?: string | undefined
  /** SHA-256 of the client certificate that it began with. */
  readonly certificate?: string | undefined
}

export interface SessionList {
  readonly sessions: readonly SessionRow[]
  readonly unreadable: number
}

/** Throws a ConfigurationError or an OperationError. */
export async function listSessions (options: { readonly configFile: string, readonly filter: SessionFilter, readonly reason: string | undefined }): Promise<SessionList> {
  const { filter, reason } = options
  requireSoundFilter(filter)
  const { config } = await loadConfigToAsk(options.configFile)
  const clock = createSystemClock()
  const log = createLogger({ level: 'error', name: config.gateway.name, destination: process.stderr })
  let list: SessionList = { sessions: [], unreadable: 0 }
  await runRecorded(config, {
    name: 'sessions.list',
    facts: { ...describeFilter(filter), ...(reason === undefined ? {} : { reason }) },
    async run () {
      list = await withSessions(config, { clock, log }, async open => {
        const { matching, unreadable } = await findSessions(open, filter)
        const live = matching.filter(({ isOver }) => !isOver).sort((one, other) => other.lastActiveAt - one.lastActiveAt)
        return { sessions: live.map(each => describe(each, open, clock.now())), unreadable }
      })
      return { listed: list.sessions.length }
    },
  }, { clock, log })
  return list
}

function describe ({ key, session, beganAt, lastActiveAt, idleAt, endsAt }: ListedSession, { rolesOf }: OpenSessions, now: number): SessionRow {
  const times = { id: key, beganAt, lastActiveAt, idleLeftMs: Math.max(0, Math.min(idleAt, endsAt) - now), leftMs: Math.max(0, endsAt - now) }
  if (session === undefined) return { ...times, person: undefined }
  const { id, name, groups } = session.principal
  const { address: beganFrom, certificate } = session.beganFrom ?? {}
  return { ...times, person: id, name, groups, roles: rolesOf(session.principal), address: session.lastAddress, beganFrom, certificate }
}
