// Ends sessions in the store, on every replica: of one person, one by its key in the trail, or all. It is on record before it is done.
import { loadConfig } from '../config/config.ts'
import { createSessionRoom, registerSessionCookies } from '../inbound/session/session.ts'
import { barUnsent } from '../inbound/unsent/unsent.ts'
import { createSystemClock } from '../shared/clock.ts'
import { deriveKey } from '../shared/keys.ts'
import { createLogger } from '../shared/log.ts'
import { runRecorded } from './record-operation.ts'

export type Whose = { readonly by: 'key', readonly key: string } | { readonly by: 'person', readonly id: string } | { readonly by: 'all' }

function describe (whose: Whose): Readonly<Record<string, string | boolean>> {
  if (whose.by === 'person') return { person: whose.id }
  return whose.by === 'key' ? { session: whose.key } : { everybody: true }
}

/** How many sessions were ended. Throws a ConfigurationError or an OperationError. */
export async function revokeSessions (options: { readonly configFile: string, readonly whose: Whose, readonly reason: string | undefined }): Promise<number> {
  const { whose, reason } = options
  const { config } = await loadConfig(options.configFile)
  const clock = createSystemClock()
  const log = createLogger({ level: 'error', name: config.gateway.name, destination: process.stderr })
  const facts = await runRecorded(config, {
    name: 'sessions.revoke',
    facts: { ...describe(whose), ...(reason === undefined ? {} : { reason }) },
    async run () {
      const cookies = await registerSessionCookies({ key: deriveKey(config.session.secret, 'session-cookie') })
      const sessions = await createSessionRoom(config.session, { clock, log, directory: config.gateway.dataDirectory, gateway: config.gateway.name, cookies })
      try {
        const ended = await sessions.end(whose, 'revoked')
        if (whose.by !== 'key') await barUnsent(sessions.oneTime, whose.by === 'person' ? whose.id : undefined, clock.now())
        return { ended: ended.length }
      } finally {
        await sessions.close()
      }
    },
  }, { clock, log })
  return Number(facts['ended'])
}
