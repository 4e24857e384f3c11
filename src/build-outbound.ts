// A part of the composition root: builds the rooms of the outbound door and wires them. gateway.ts calls it; nothing else does.
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { buildProxy, loadProxyPolicies } from './build-proxy.ts'
import { deriveSealingKeys, openSealedFiles, type AuditTrail, type SealedFiles } from './audit/start.ts'
import { loadPolicyFile, type GatewayConfig } from './config/config.ts'
import { createEnding, takeApproved } from './outbound/after-hold.ts'
import { createAgreementWatch, createAssociatesRoom, type AssociatesRoom } from './outbound/associates/associates.ts'
import type { OutboundConfig } from './outbound/config.ts'
import { createDeliveryRoom } from './outbound/delivery/delivery.ts'
import { createRelayListener } from './outbound/listener.ts'
import type { MailListener } from './outbound/mail-listener.ts'
import { takeMailOrders } from './outbound/mail-orders.ts'
import { createProxyListener } from './outbound/proxy-listener.ts'
import { createQuarantineRoom } from './outbound/quarantine/quarantine.ts'
import { createRedactionRoom, pruneTokenValues, tokenVaultPurpose, type PolicyOfDestination } from './outbound/redaction/redaction.ts'
import type { OutboundRooms } from './outbound/rooms.ts'
import { createSenderRoom } from './outbound/sender/sender.ts'
import type { ShieldListener } from './outbound/shield-listener.ts'
import { isStillCovered } from './outbound/still-covered.ts'
import { outboundPlaces, tokenVaultFile, type StoredMessage } from './outbound/stored-message.ts'
import { createWebhookRoom } from './outbound/webhook/webhook.ts'
import { endsWithin, type Clock } from './shared/clock.ts'
import { deriveKey } from './shared/keys.ts'
import type { Logger } from './shared/log.ts'
import type { Metrics } from './shared/metrics.ts'
import { durationMs, sizeBytes } from './shared/schema.ts'

export interface Outbound {
  /** Undefined: there is nothing that comes in there. */
  listen (): Promise<Readonly<Record<'port' | 'mailPort' | 'shieldPort' | 'proxyPort', number | undefined>>>
  ready (): { readonly ok: boolean, readonly detail: string }
  /** Reads the policies again, and builds what agreements and hosts of the next configuration need. Returns whether a policy is another than before; `use` puts all to work.
   * Throws a ConfigurationError. */
  readAgain (next: GatewayConfig): Promise<{ readonly isChanged: boolean, use (): void }>
  close (withinMs: number): Promise<void>
  readonly rooms: OutboundRooms
}

interface Deps { readonly clock: Clock, readonly log: Logger, readonly audit: AuditTrail, readonly metrics: Metrics }

/** A message of 10 KB takes a few milliseconds. */
const mostCpuMs = 5000
const threads = 2
const lookForApprovedMs = 1000
const lookAtAgreementsMs = 3_600_000
const pruneTokensMs = 3_600_000
const lookAtCertificateMs = 3_600_000
const dayMs = 86_400_000

async function loadPolicies (outbound: OutboundConfig, associates: AssociatesRoom, now: number): Promise<readonly PolicyOfDestination[]> {
  const webhooks = outbound.destinations.map(async ({ name, policy }) => ({ name, policy: await loadPolicyFile(policy), kinds: associates.coverageOf(name, now).kinds }))
  const [mail, shield] = await loadMailParts(outbound)
  return [
    ...await Promise.all(webhooks),
    ...await mail?.loadMailPolicies(outbound.mail, associates, now) ?? [],
    ...await shield?.loadShieldPolicies(outbound.shield, associates, now) ?? [],
    ...await loadProxyPolicies(outbound.proxy, associates, now),
  ]
}

/** A gateway without mail loads no library for it. */
async function loadMailParts ({ mail, shield }: OutboundConfig) {
  return await Promise.all([mail === undefined ? undefined : import('./build-mail.ts'), shield === undefined ? undefined : import('./build-shield.ts')])
}

function buildAssociates ({ associates, outbound }: GatewayConfig): AssociatesRoom {
  const hosts = (outbound?.proxy?.hosts ?? []).flatMap(host => host.action === 'block' ? [] : [host])
  const receivers = [...outbound?.destinations ?? [], ...outbound?.mail?.recipients ?? [], ...outbound?.shield?.aliases ?? [], ...hosts]
  return createAssociatesRoom(associates, new Map(receivers.flatMap(({ name, associate }) => associate === undefined ? [] : [[name, associate]])))
}

/** Undefined when the configuration has no outbound door. */
export async function buildOutbound (config: GatewayConfig, deps: Deps): Promise<Outbound | undefined> {
  const { outbound } = config
  if (outbound === undefined) return undefined
  const { clock, log, audit, metrics } = deps
  const associates = buildAssociates(config)
  const { dataDirectory } = config.gateway
  const place = (purpose: keyof typeof outboundPlaces) => openSealedFiles(join(dataDirectory, outboundPlaces[purpose]), { key: config.audit.key, purpose: outboundPlaces[purpose] })
  const [queued, held, approved] = [await place('queue'), await place('quarantine'), await place('approved')]
  const policies = await loadPolicies(outbound, associates, clock.now())
  const quarantine = createQuarantineRoom(held)
  const maxStoredBytes = sizeBytes(outbound.maxStoredSize)
  const onEnding = createEnding({ audit, quarantine, clock, metrics })
  // Agreements can change while the gateway runs: those of the moment are asked.
  const mayLeave = (message: StoredMessage): boolean => isStillCovered(message, rooms.associates.coverageOf(message.destination, clock.now()))
  const [mailParts, shieldParts] = await loadMailParts(outbound)
  const rooms: OutboundRooms = {
    ...deps,
    associates,
    quarantine,
    webhook: createWebhookRoom(outbound.destinations.map(({ name, paths, patient }) => ({ name, paths, patient }))),
    sender: createSenderRoom(new Map(outbound.destinations.map(({ name, sender }) => [name, sender])), { now: () => clock.now() }),
    redaction: createRedactionRoom(policies, {
      clock,
      log,
      mostCpuMs,
      threads,
      tokenKey: deriveKey(config.session.secret, 'outbound tokens'),
      vaultFile: join(dataDirectory, tokenVaultFile),
      vaultKey: outbound.tokenVault === undefined ? undefined : deriveSealingKeys(config.audit.key, tokenVaultPurpose)[0],
    }),
    delivery: createDeliveryRoom(receiversOf(outbound), {
      clock,
      log,
      files: queued,
      allowAddresses: outbound.allowAddresses,
      attemptTimeoutMs: durationMs(outbound.attemptTimeout),
      retryForMs: durationMs(outbound.retryFor),
      maxStoredBytes,
      random: () => randomInt(1 << 30) / (1 << 30),
      mayLeave,
      onEnding,
    }),
    destinations: new Map(outbound.destinations.map(({ name, mode, url, purpose }) => [name, { mode, origin: new URL(url).origin, purpose }])),
    mail: mailParts?.buildMail(config, { clock, log, queued: await place('mailQueue'), mayLeave, onEnding }),
    shield: shieldParts?.buildShield(config, { clock, log, queued: await place('shieldQueue'), mayLeave, onEnding }),
    proxy: await buildProxy(config, { clock }),
    maxQuarantineBytes: maxStoredBytes,
  }
  const listeners = {
    relay: outbound.destinations.length === 0 ? undefined : createRelayListener(outbound.listener, rooms),
    mail: mailParts?.buildMailListener(config, rooms),
    shield: shieldParts?.buildShieldListener(config, rooms),
    proxy: outbound.proxy === undefined ? undefined : createProxyListener(outbound.proxy, rooms),
  }
  return run(outbound, { rooms, listeners, approved, orders: await place('mailOrders'), policies, vaultFile: join(dataDirectory, tokenVaultFile) })
}

/** What a change of the proxy's hosts is known by. */
const describeHosts = ({ proxy }: OutboundConfig) => JSON.stringify([proxy?.hosts, proxy?.reportUnknownUntil])

type MutableRooms = { -readonly [K in keyof OutboundRooms]: OutboundRooms[K] }

interface Listeners {
  readonly relay: ReturnType<typeof createRelayListener> | undefined
  readonly mail: MailListener | undefined
  readonly shield: ShieldListener | undefined
  readonly proxy: ReturnType<typeof createProxyListener> | undefined
}

interface Built {
  readonly rooms: MutableRooms
  readonly listeners: Listeners
  readonly approved: SealedFiles
  readonly orders: SealedFiles
  readonly policies: readonly PolicyOfDestination[]
  readonly vaultFile: string
}

function receiversOf ({ destinations }: OutboundConfig) {
  return new Map(destinations.map(({ name, url, authority, signingKey }) => [name, { url, authority, signingKey: signingKey.reveal().trim() }]))
}

function run (outbound: OutboundConfig, { rooms, listeners, approved, orders, policies, vaultFile }: Built): Outbound {
  const { clock, log, delivery, redaction } = rooms
  let [used, hosts] = [policies, describeHosts(outbound)]
  let taking: Promise<unknown> | undefined
  const pruneTokens = () => {
    try { pruneTokenValues(vaultFile, outbound.tokenVault === undefined ? Infinity : clock.now() - outbound.tokenVault.keepDays * dayMs) } catch (error) { log.bug('outbound.tokensNotPruned', error) }
  }
  pruneTokens()
  const timers = [
    clock.every(lookForApprovedMs, () => {
      taking ??= Promise.all([takeApproved(approved, rooms), takeMailOrders(orders, rooms)]).catch((error: unknown) => { log.bug('outbound.approvedBroke', error) }).finally(() => { taking = undefined })
    }),
    clock.every(lookAtAgreementsMs, createAgreementWatch({ clock, log, associates: { agreements: now => rooms.associates.agreements(now) } })),
    clock.every(pruneTokensMs, pruneTokens),
    clock.every(lookAtCertificateMs, () => { listeners.shield?.refreshCertificate() }),
  ]
  addGauges(rooms)
  addShieldGauges(rooms, listeners)
  return {
    rooms,
    async listen () {
      await delivery.start()
      await rooms.mail?.queue.start()
      await rooms.shield?.queue.start()
      const [relay, mail, shield, proxy] = [await listeners.relay?.listen(), await listeners.mail?.listen(), await listeners.shield?.listen(), await listeners.proxy?.listen()]
      return { port: relay?.port, mailPort: mail?.port, shieldPort: shield?.port, proxyPort: proxy?.port }
    },
    ready: () => ({ ok: true, detail: `${delivery.waiting() + (rooms.mail?.queue.waiting() ?? 0) + (rooms.shield?.queue.waiting() ?? 0)} messages wait` }),
    async readAgain (config) {
      listeners.shield?.refreshCertificate()
      const wanted = config.outbound ?? outbound
      const associates = buildAssociates(config)
      const next = await loadPolicies(wanted, associates, clock.now())
      const proxy = describeHosts(wanted) === hosts ? undefined : await buildProxy(config, { clock })
      const lists = rooms.mail?.room.readLists()
      const arePolicies = JSON.stringify(next) !== JSON.stringify(used)
      const use = () => {
        lists?.use()
        used = next
        rooms.associates = associates
        if (arePolicies) redaction.use(next)
        if (proxy !== undefined) {
          void rooms.proxy?.drain()
          rooms.proxy = proxy
          hosts = describeHosts(wanted)
        }
        listeners.proxy?.judgeAgain()
      }
      return { isChanged: arePolicies || lists?.isChanged === true, use }
    },
    async close (withinMs) {
      for (const timer of timers) timer.cancel()
      await Promise.all([listeners.relay?.close(withinMs), listeners.mail?.close(withinMs), listeners.shield?.close(withinMs), listeners.proxy?.close(withinMs)])
      await endsWithin(clock, withinMs, taking ?? Promise.resolve())
      await Promise.all([delivery.close(), rooms.mail?.queue.close(), rooms.shield?.queue.close(), rooms.proxy?.close()])
      await rooms.shield?.verdicts.close()
      await redaction.close()
    },
  }
}

function addGauges (rooms: OutboundRooms): void {
  const { metrics, delivery, mail, quarantine, clock } = rooms
  const agreements = () => rooms.associates.agreements(clock.now())
  metrics.gauge('sallyport_outbound_waiting', 'Messages that wait for their receivers.', () => delivery.waiting())
  metrics.gauge('sallyport_outbound_oldest_seconds', 'Since when the oldest of them waits, seconds since the epoch; 0 when none does.', () => Math.floor((delivery.oldestAt() ?? 0) / 1000))
  if (mail !== undefined) {
    metrics.gauge('sallyport_mail_waiting', 'Mails that wait for the mail server.', () => mail.queue.waiting())
    metrics.gauge('sallyport_mail_oldest_seconds', 'Since when the oldest of them waits, seconds since the epoch; 0 when none does.', () => Math.floor((mail.queue.oldestAt() ?? 0) / 1000))
  }
  metrics.gauge('sallyport_quarantine_messages', 'Messages in the quarantine.', async () => (await quarantine.measure()).count)
  metrics.gauge('sallyport_associate_expires_seconds', 'When the first agreement with an associate ends, seconds since the epoch; 0 without one.', () => {
    const ends = agreements().map(({ endsAt }) => endsAt)
    return ends.length === 0 ? 0 : Math.floor(Math.min(...ends) / 1000)
  })
  metrics.gauge('sallyport_associates_expiring', 'Agreements that end within sixty days.', () => agreements().filter(({ warning }) => warning !== undefined).length)
  metrics.gauge('sallyport_associates_expired', 'Agreements that have ended.', () => agreements().filter(({ state }) => state === 'expired').length)
}

function addShieldGauges ({ metrics, shield }: OutboundRooms, listeners: Listeners): void {
  if (shield === undefined) return
  metrics.gauge('sallyport_shield_waiting', 'Mails from outside that wait for the server of the CRM\'s mailbox.', () => shield.queue.waiting())
  metrics.gauge('sallyport_shield_oldest_seconds', 'Since when the oldest of them waits, seconds since the epoch; 0 when none does.', () => Math.floor((shield.queue.oldestAt() ?? 0) / 1000))
  metrics.gauge('sallyport_shield_certificate_expires_seconds', 'When the certificate of the shield mailbox ends, seconds since the epoch.', () => Math.floor((listeners.shield?.certificateExpiresAt() ?? 0) / 1000))
}
