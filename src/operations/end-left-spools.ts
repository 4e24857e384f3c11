// Spools of workers that there are no more of: what they left open is ended, and what they did not ship is shipped.
import { join } from 'node:path'
import { createAuditTrail, listFurtherWorkers, spoolDirectory } from '../audit/start.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'

const flushTimeoutMs = 5000

/** Throws an AuditSetupError when one cannot be used. */
export async function endLeftSpools ({ gateway, audit }: GatewayConfig, deps: { readonly clock: Clock, readonly log: Logger }): Promise<void> {
  for (const worker of listFurtherWorkers(gateway.dataDirectory).filter(each => each > gateway.workers)) {
    const trail = await createAuditTrail(audit, {
      ...deps,
      directory: spoolDirectory(gateway.dataDirectory, worker),
      checkpointDirectory: join(gateway.dataDirectory, 'checkpoints'),
      gateway: gateway.name,
      facts: { worker, closing: true },
    })
    await trail.flush({ timeoutMs: flushTimeoutMs, ship: true })
    await trail.close()
  }
}
