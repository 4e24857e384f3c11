// Builds what people see of the gateway: its pages, and what the idle script says in the CRM's. A part of the composition root, and built anew by a reload.
import type { GatewayConfig } from './config/config.ts'
import { createIdleRoom } from './inbound/idle/idle.ts'
import { createPagesRoom } from './inbound/pages/pages.ts'
import type { InboundRooms } from './inbound/rooms.ts'
import { durationMs } from './shared/schema.ts'

export function createFaces ({ pages: section, pageFiles, session, gateway }: GatewayConfig): Pick<InboundRooms, 'pages' | 'idle'> {
  const idleMs = durationMs(session.idleTimeout)
  const pages = createPagesRoom({
    look: { ...section, logo: pageFiles?.logo, logoDark: pageFiles?.logoDark },
    tables: pageFiles?.tables,
    language: section.language,
    timeouts: { idleTimeoutMs: idleMs, absoluteTimeoutMs: durationMs(session.absoluteTimeout) },
  })
  return { pages, idle: session.idleScript ? createIdleRoom({ idleMs, publicOrigin: new URL(gateway.publicUrl).origin, words: pages.warnings, colors: pages.colors }) : undefined }
}
