// A part of the composition root: builds what the shield mailbox needs beside the other rooms of the outbound door. build-outbound.ts calls it, and loads it only then;
// nothing else does.
import { randomInt } from 'node:crypto'
import type { SealedFiles } from './audit/audit.ts'
import { loadPolicyFile, type GatewayConfig } from './config/config.ts'
import type { AssociatesRoom } from './outbound/associates/associates.ts'
import { createAddressCheck, createMailQueue, createSmarthostSender, type OnEnding } from './outbound/delivery/delivery.ts'
import { createNotice } from './outbound/notice.ts'
import type { PolicyOfDestination } from './outbound/redaction/redaction.ts'
import type { OutboundRooms, ShieldParts } from './outbound/rooms.ts'
import type { MailboxConfig, ShieldConfig } from './outbound/shield/config.ts'
import { createShieldRoom, createVerdictThread } from './outbound/shield/shield.ts'
import { createShieldListener, type ShieldListener } from './outbound/shield-listener.ts'
import type { StoredMessage } from './outbound/stored-message.ts'
import { kindWords } from './phi/config.ts'
import type { Clock } from './shared/clock.ts'
import type { Logger } from './shared/log.ts'
import { durationMs, sizeBytes } from './shared/schema.ts'

interface Deps {
  readonly clock: Clock
  readonly log: Logger
  readonly queued: SealedFiles
  readonly mayLeave: (mail: StoredMessage) => boolean
  readonly onEnding: OnEnding
}

/** The mailbox server is in the house, wherever it is; without encryption it is on this machine. */
const loopback = ['127.0.0.0/8', '::1']
const house = [...loopback, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']

/** What a mailbox may read: everything that the policy releases when it is your own, else what the agreement covers. */
export async function loadShieldPolicies (shield: ShieldConfig | undefined, associates: AssociatesRoom, now: number): Promise<readonly PolicyOfDestination[]> {
  return await Promise.all((shield?.aliases ?? []).map(async ({ name, policy, associate }) => ({
    name, policy: await loadPolicyFile(policy), kinds: associate === undefined ? kindWords : associates.coverageOf(name, now).kinds,
  })))
}

interface Ours { readonly name: string, readonly allowAddresses: readonly string[], readonly clock: Clock }

function createMailbox ({ host, port, protocol, tls, authority, user, password, timeout }: MailboxConfig, { name, allowAddresses, clock }: Ours) {
  const signIn = user === undefined || password === undefined ? undefined : { user, password: password.reveal().trim() }
  return createSmarthostSender({ host, port, protocol, tls, authority, signIn, name }, {
    mayConnect: createAddressCheck(tls === 'none' ? [] : [...house, ...allowAddresses], tls === 'none' ? loopback : undefined), timeoutMs: durationMs(timeout), now: () => clock.now(),
  })
}

export function buildShield ({ outbound, gateway }: GatewayConfig, { clock, log, queued, mayLeave, onEnding }: Deps): ShieldParts | undefined {
  const shield = outbound?.shield
  if (outbound === undefined || shield === undefined) return undefined
  const { name, mailbox, notice, aliases, nameServers, retryFor } = shield
  const verdicts = createVerdictThread({ name, nameServers }, { clock, log })
  const makeNotice = createNotice({ ...notice, link: notice.link ?? gateway.publicUrl, sender: `sallyport@${name}` })
  const origin = `${mailbox.protocol}://${mailbox.host}`
  return {
    room: createShieldRoom(shield, { judge: received => verdicts.judge(received), now: () => clock.now() }),
    verdicts,
    notice: (to, now, id) => makeNotice({ to, now, id }),
    queue: createMailQueue({
      clock,
      log,
      sender: createMailbox(mailbox, { name, allowAddresses: outbound.allowAddresses, clock }),
      files: queued,
      connections: mailbox.connections,
      retryForMs: durationMs(retryFor),
      maxStoredBytes: sizeBytes(outbound.maxStoredSize),
      random: () => randomInt(1 << 30) / (1 << 30),
      mayLeave,
      onEnding,
    }),
    facts: new Map(aliases.map(alias => [alias.name, { mode: 'queue', origin, purpose: alias.purpose, isOwn: alias.associate === undefined }] as const)),
  }
}

/** With the certificate of its own, or the gateway's first. */
export function buildShieldListener ({ outbound, listeners }: GatewayConfig, rooms: OutboundRooms): ShieldListener | undefined {
  const shield = outbound?.shield
  const files = shield?.listener.tls ?? listeners.public.tls.certificates[0]
  return shield === undefined || files === undefined ? undefined : createShieldListener(shield, files, rooms)
}
