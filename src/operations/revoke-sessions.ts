// Ends sessions in the store, on every replica: of a person, a group, an address or network, one by its id, or all. It is on record before it is done.
import { loadConfigToAsk } from '../config/config.ts'
import { barUnsent } from '../inbound/unsent/unsent.ts'
import { createSystemClock } from '../shared/clock.ts'
import { createLogger } from '../shared/log.ts'
import { describeFilter, findSessions, requireSoundFilter, withSessions, type OpenSessions, type SessionFilter } from './find-sessions.ts'
import { runRecorded } from './record-operation.ts'

/** What all that are given say, or everybody's. */
export type Whose = SessionFilter | { readonly everybody: true }

export interface Revoked {
  readonly ended: number
  /** Sessions of which nobody here can say whether they were meant; they go on. */
  readonly unreadable: number
}

/** Somebody may sign in while we look; after so many looks without an end that has to be told. */
const mostPasses = 5

/** Throws a ConfigurationError or an OperationError. */
export async function revokeSessions (options: { readonly configFile: string, readonly whose: Whose, readonly reason: string | undefined }): Promise<Revoked> {
  const { whose, reason } = options
  const isEverybody = 'everybody' in whose
  const filter: SessionFilter = isEverybody ? {} : whose
  requireSoundFilter(filter)
  const { config } = await loadConfigToAsk(options.configFile)
  const clock = createSystemClock()
  const log = createLogger({ level: 'error', name: config.gateway.name, destination: process.stderr })
  const facts = await runRecorded(config, {
    name: 'sessions.revoke',
    facts: { ...(isEverybody ? { everybody: true } : describeFilter(filter)), ...(reason === undefined ? {} : { reason }) },
    run: async () => await withSessions(config, { clock, log }, async open => {
      const { people, ...revoked } = await endMatching(open, filter)
      for (const person of isEverybody ? [undefined] : peopleToBar(filter, people)) await barUnsent(open.room.oneTime, person, clock.now())
      return { ended: revoked.ended, ...(revoked.unreadable === 0 ? {} : { unreadable: revoked.unreadable }) }
    }),
  }, { clock, log })
  return { ended: Number(facts['ended']), unreadable: Number(facts['unreadable'] ?? 0) }
}

async function endMatching (open: OpenSessions, filter: SessionFilter): Promise<Revoked & { readonly people: ReadonlySet<string> }> {
  const people = new Set<string>()
  let ended = 0
  for (let pass = 1; ; pass += 1) {
    // Also those whose time is over by this machine's clock: the gateways' may say otherwise.
    const { matching, unreadable } = await findSessions(open, filter)
    for (const { session } of matching) if (session !== undefined) people.add(session.principal.id)
    if (matching.length === 0 || pass === mostPasses) return { ended, unreadable, people }
    ended += await open.room.revoke(matching.map(({ key }) => key))
  }
}

/** Whose unsent forms are offered no more: those of one session may still be its person's. */
function peopleToBar ({ person, group, address, session }: SessionFilter, people: ReadonlySet<string>): Iterable<string> {
  if (session !== undefined) return []
  return person !== undefined && group === undefined && address === undefined ? [person] : people
}
