// The register of associates for people: which agreements are in force and how long, whether their documents are the ones that were signed, and what a policy would send that none
// covers.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { loadConfigToAsk, loadPolicyFile, type GatewayConfig } from '../config/config.ts'
import { createAssociatesRoom, type Agreement } from '../outbound/associates/associates.ts'
import { listPassed } from '../outbound/redaction/redaction.ts'
import { createSystemClock } from '../shared/clock.ts'

export interface DestinationReport {
  readonly name: string
  readonly origin: string
  readonly associate: string | undefined
  /** Kinds that the policy would let pass and an agreement in force covers. */
  readonly passed: readonly string[]
  /** Kinds that the policy would let pass and that are taken out, because nothing covers them. */
  readonly takenOut: readonly string[]
  readonly prose: 'none' | 'passes' | 'takenOut'
}

export interface AssociateReport {
  readonly name: string
  readonly vendor: string
  readonly scope: string
  readonly contact: string
  readonly signed: string
  readonly expires: string
  readonly state: Agreement['state']
  readonly daysLeft: number
  /** 60, 30 or 7 once so few days are left. */
  readonly warning: number | undefined
  readonly document: 'same' | 'changed' | 'unreadable' | 'notGiven'
  readonly kinds: readonly string[]
  readonly destinations: readonly string[]
}

export interface RegisterReport {
  readonly associates: readonly AssociateReport[]
  readonly destinations: readonly DestinationReport[]
}

async function checkDocument (file: string | undefined, digest: string): Promise<AssociateReport['document']> {
  if (file === undefined) return 'notGiven'
  try {
    return createHash('sha256').update(await readFile(file)).digest('hex') === digest ? 'same' : 'changed'
  } catch { return 'unreadable' }
}

async function reportAgreement ({ associate, state, daysLeft, warning }: Agreement): Promise<AssociateReport> {
  const { name, vendor, scope, contact, signed, expires, documentFile, documentSha256, kinds, destinations } = associate
  return { name, vendor, scope, contact, signed, expires, state, daysLeft, warning, document: await checkDocument(documentFile, documentSha256), kinds, destinations }
}

async function reportDestinations (config: GatewayConfig, now: number): Promise<readonly DestinationReport[]> {
  const { outbound } = config
  const origin = `smtp://${outbound?.mail?.smarthost.host ?? ''}`
  const vendors = (outbound?.mail?.recipients ?? []).flatMap(({ name, who, policy, associate }) => who === 'vendor' && policy !== undefined ? [{ name, origin, policy, associate }] : [])
  const { shield } = outbound ?? {}
  const mailboxes = (shield?.aliases ?? []).flatMap(({ name, policy, associate }) => associate === undefined ? [] : [{ name, origin: `${shield?.mailbox.protocol ?? 'smtp'}://${shield?.mailbox.host ?? ''}`, policy, associate }])
  const openedHosts = (outbound?.proxy?.hosts ?? []).flatMap(one => one.action === 'open' ? [one] : [])
  const opened = openedHosts.map(({ name, host, policy, associate }) => ({ name, origin: `https://${host}`, policy, associate }))
  const webhooks = (outbound?.destinations ?? []).map(({ name, url, policy, associate }) => ({ name, origin: new URL(url).origin, policy, associate }))
  const destinations = [...webhooks, ...vendors, ...mailboxes, ...opened]
  const room = createAssociatesRoom(config.associates, new Map(destinations.flatMap(({ name, associate }) => associate === undefined ? [] : [[name, associate]])))
  return await Promise.all(destinations.map(async ({ name, origin: to, policy }): Promise<DestinationReport> => {
    const wanted = listPassed(await loadPolicyFile(policy))
    const { associate } = room.coverageOf(name, now)
    const isCovered = (kind: typeof wanted.kinds[number]) => associate?.kinds.includes(kind) === true
    return {
      name,
      origin: to,
      associate: associate?.name,
      passed: wanted.kinds.filter(isCovered),
      takenOut: wanted.kinds.filter(kind => !isCovered(kind)),
      prose: !wanted.hasProse ? 'none' : associate === undefined ? 'takenOut' : 'passes',
    }
  }))
}

/** Throws a ConfigurationError. */
export async function reportRegister (configFile: string): Promise<RegisterReport> {
  const { config } = await loadConfigToAsk(configFile)
  const now = createSystemClock().now()
  const agreements = createAssociatesRoom(config.associates, new Map()).agreements(now)
  return { associates: await Promise.all(agreements.map(reportAgreement)), destinations: await reportDestinations(config, now) }
}
