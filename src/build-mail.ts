// A part of the composition root: builds what mail needs beside the other rooms of the outbound door. build-outbound.ts calls it, and loads it only then; nothing else does.
import { randomInt } from 'node:crypto'
import { hostname } from 'node:os'
import type { SealedFiles } from './audit/start.ts'
import { loadPolicyFile, type GatewayConfig } from './config/config.ts'
import type { AssociatesRoom } from './outbound/associates/associates.ts'
import { createAddressCheck, createMailQueue, createSmarthostSender } from './outbound/delivery/delivery.ts'
import type { OnEnding } from './outbound/delivery/delivery.ts'
import type { MailConfig } from './outbound/mail/config.ts'
import { createMailRoom, othersName } from './outbound/mail/mail.ts'
import { createMailListener, type MailListener } from './outbound/mail-listener.ts'
import type { PolicyOfDestination } from './outbound/redaction/redaction.ts'
import type { DestinationFacts, MailParts, OutboundRooms } from './outbound/rooms.ts'
import type { StoredMessage } from './outbound/stored-message.ts'
import type { Clock } from './shared/clock.ts'
import type { Logger } from './shared/log.ts'
import { durationMs, sizeBytes } from './shared/schema.ts'
import { kindWords } from './phi/config.ts'

interface Deps {
  readonly clock: Clock
  readonly log: Logger
  readonly queued: SealedFiles
  readonly mayLeave: (mail: StoredMessage) => boolean
  readonly onEnding: OnEnding
}

/** What a class may read: your own people and the patients themselves everything that the policy releases, a vendor what the agreement covers. */
export async function loadMailPolicies (mail: MailConfig | undefined, associates: AssociatesRoom, now: number): Promise<readonly PolicyOfDestination[]> {
  const redacting = (mail?.recipients ?? []).flatMap(one => one.action === 'redact' && one.policy !== undefined ? [{ ...one, policy: one.policy }] : [])
  return await Promise.all(redacting.map(async ({ name, who, policy }) => ({ name, policy: await loadPolicyFile(policy), kinds: who === 'vendor' ? associates.coverageOf(name, now).kinds : kindWords })))
}

function factsOf (mail: MailConfig): ReadonlyMap<string, DestinationFacts> {
  const origin = `smtp://${mail.smarthost.host}`
  const classes = mail.recipients.map(({ name, who, purpose }) => [name, { mode: 'queue', origin, purpose, isOwn: who !== 'vendor' }] as const)
  return new Map([...classes, [othersName, { mode: 'queue', origin, purpose: 'notice', isOwn: false }]])
}

export function buildMail (config: GatewayConfig, { clock, log, queued, mayLeave, onEnding }: Deps): MailParts | undefined {
  const { outbound } = config
  const mail = outbound?.mail
  if (outbound === undefined || mail === undefined) return undefined
  const { smarthost } = mail
  const { host, port, tls, authority, user, password, timeout } = smarthost
  const signIn = user === undefined || password === undefined ? undefined : { user, password: password.reveal().trim() }
  const sender = createSmarthostSender({ host, port, tls, authority, signIn, name: hostname() }, {
    mayConnect: createAddressCheck(outbound.allowAddresses), timeoutMs: durationMs(timeout), now: () => clock.now(),
  })
  return {
    room: createMailRoom(mail, { publicUrl: config.gateway.publicUrl, warn: (file, lines) => { log.warn('mail.listLines', { file, lines: lines.slice(0, 20).join(', ') }) } }),
    queue: createMailQueue({
      clock,
      log,
      sender,
      files: queued,
      connections: smarthost.connections,
      retryForMs: durationMs(mail.retryFor),
      maxStoredBytes: sizeBytes(outbound.maxStoredSize),
      random: () => randomInt(1 << 30) / (1 << 30),
      mayLeave,
      onEnding,
    }),
    facts: factsOf(mail),
  }
}

export function buildMailListener ({ outbound }: GatewayConfig, rooms: OutboundRooms): MailListener | undefined {
  return outbound?.mail === undefined ? undefined : createMailListener(outbound.mail.listener, rooms)
}
