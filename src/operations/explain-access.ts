// Says what would come of a request, step by step, with the setting behind each step: the same rooms judge as in the gateway. Nothing is sent, and
// nothing is on record, because nobody asks for anything of a patient's.
import { loadConfigToAsk, type GatewayConfig, type LoadedConfig } from '../config/config.ts'
import { createAccessRoom, type AccessDecision, type AccessRoom, type Question, type RawContent } from '../inbound/access/access.ts'
import { createCanonicalRoom } from '../inbound/canonical/canonical.ts'
import { createAddressTest, createClientIpRoom, explainAddressRange } from '../inbound/client-ip/client-ip.ts'
import { createMaskingRoom, maskingReasons } from '../inbound/masking/masking.ts'
import { findClosestWord } from '../shared/closest-word.ts'
import { createSystemClock } from '../shared/clock.ts'
import { Denial } from '../shared/errors.ts'
import { OperationError } from './operation-error.ts'

export interface ExplainRequest {
  readonly configFile: string
  /** `GET /patients/42?view=full` */
  readonly request: string
  /** Names of roles; without them they come from person and groups. */
  readonly roles: readonly string[] | undefined
  readonly person: string | undefined
  readonly groups: readonly string[]
  readonly address: string | undefined
  /** When, in milliseconds since the epoch; what was typed may depend on the zone of the configuration. */
  readonly readNow: (timeZone: string) => number
  readonly signInAgeMs: number
  readonly signIn: string | undefined
  readonly content: RawContent | undefined
}

export interface ExplainedStep {
  readonly name: 'reading' | 'address' | 'role' | 'route' | 'record' | 'rule' | 'mask'
  readonly outcome: 'passes' | 'skipped' | 'allows' | 'refuses'
  readonly text: string
  readonly setting: string | undefined
  /** In the configuration file, or in `file`. */
  readonly line: number | undefined
  /** The profile's, for a setting of it: absolute. */
  readonly file?: string | undefined
}

export interface Explained {
  readonly isAllowed: boolean
  readonly roles: readonly string[]
  /** When it was judged, in milliseconds since the epoch, and the zone that hours and days are meant in. */
  readonly now: number
  readonly timeZone: string
  /** Why not: a code of docs/reference/reasons.md. */
  readonly reason: string | undefined
  /** The last step: what decided. */
  readonly decidedBy: ExplainedStep
  readonly steps: readonly ExplainedStep[]
}

type RawStep = Omit<ExplainedStep, 'line' | 'file' | 'setting'> & { readonly setting?: string | undefined }

/** A step that refuses ends it. */
class Refused extends Error {
  readonly reason: string
  constructor (reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Throws a ConfigurationError or an OperationError. */
export async function explainAccess (request: ExplainRequest): Promise<Explained> {
  const loaded = await loadConfigToAsk(request.configFile)
  const access = createAccessRoom(loaded.config.access, { createAddressTest, profile: loaded.config.profile })
  const { timeZone } = loaded.config.access
  const now = request.readNow(timeZone)
  const who = findWho(request, loaded.config)
  const roles = request.roles === undefined ? access.rolesOf(who) : Object.keys(loaded.config.access.roles).filter(role => request.roles?.includes(role))
  const steps: RawStep[] = []
  let reason: string | undefined
  try {
    judge(request, loaded.config, { access, who, roles, now, tell: step => { steps.push(step) } })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    reason = error.reason
  }
  const placed = steps.map(step => place(step, loaded))
  return { isAllowed: reason === undefined, roles, now, timeZone, reason, decidedBy: placed.findLast(step => step.outcome !== 'skipped' && (step.name !== 'mask' || step.outcome === 'refuses')) as ExplainedStep, steps: placed }
}

function place (step: RawStep, loaded: LoadedConfig): ExplainedStep {
  const { setting } = step
  return setting === undefined ? { ...step, setting, line: undefined } : { ...step, setting, ...loaded.placeOf(setting) }
}

interface Who { readonly id: string, readonly groups: readonly string[] }

/** Throws an OperationError for a role that there is not. */
function findWho ({ roles, person = '', groups }: ExplainRequest, { access }: GatewayConfig): Who {
  if (roles === undefined) return { id: person, groups }
  const known = Object.keys(access.roles)
  for (const role of roles) {
    if (known.includes(role)) continue
    const close = findClosestWord(role, known)
    throw new OperationError(`There is no role ${role} in access.roles.${close === undefined ? '' : ` Did you mean ${close}?`} The roles: ${known.join(', ')}.`)
  }
  return { id: person, groups: [...new Set([...groups, ...roles.flatMap(role => access.roles[role]?.groups ?? [])])] }
}

interface Judging {
  readonly access: AccessRoom
  readonly who: Who
  readonly roles: readonly string[]
  readonly now: number
  readonly tell: (step: RawStep) => void
}

/** The order of `admit`. Throws Refused. */
function judge (request: ExplainRequest, config: GatewayConfig, { access, who, roles, now, tell }: Judging): void {
  const target = read(request.request, config, tell)
  judgeAddress(request.address, config, { who, target, tell })
  const question: Question = {
    roles,
    person: who.id,
    address: request.address ?? '',
    now,
    signIn: { authenticatedAt: now - request.signInAgeMs, authnContext: request.signIn },
    target,
  }
  const content = request.content !== undefined && access.needsContent(question) ? tryDenial(() => access.readContent(request.content as RawContent)) : undefined
  if (content instanceof Denial) {
    tell({ name: 'record', outcome: 'refuses', text: content.reason.operatorText, setting: 'access.records' })
    throw new Refused(content.code)
  }
  const { answer, steps } = access.why({ ...question, content })
  for (const step of steps) tell(step)
  if (!answer.isAllowed) throw new Refused(answer.refusal.reason)
  judgeMasks({ ...question, content }, answer.decision, { request, config, access, tell })
}

type MaskJudging = Pick<Judging, 'access' | 'tell'> & { readonly request: ExplainRequest, readonly config: GatewayConfig }

/** What would be masked, and what the request may not say of it. Throws Refused. */
function judgeMasks (question: Question, decision: AccessDecision, { request, config, access, tell }: MaskJudging): void {
  const masking = createMaskingRoom(config.masking, { clock: createSystemClock(), tokenKey: Buffer.alloc(32) })
  const records = decision.record === undefined ? [] : [decision.record, ...decision.more]
  const mask = masking.planFor({ ...access.rolesThatAllow(question), records, target: question.target })
  const rules = [...mask?.enforced?.rules ?? [], ...(mask?.trial?.rules ?? []).filter(rule => rule.isTrial)]
  for (const { field, action, to, setting, isTrial } of rules) {
    tell({ name: 'mask', outcome: 'passes', text: `${isTrial ? 'would be, mode: report: ' : ''}${field} ${action}${action === 'generalise' ? ` to ${to}` : ''}`, setting })
  }
  if (mask?.enforced === undefined) return
  const verdict = masking.judge({ records, query: question.target.query, content: request.content }, mask.enforced)
  if (verdict.refused === undefined) return
  tell({ name: 'mask', outcome: 'refuses', text: maskingReasons.table[verdict.refused].operatorText, setting: 'masking.rules' })
  throw new Refused(verdict.refused)
}

function read (request: string, config: GatewayConfig, tell: Judging['tell']): Question['target'] {
  const space = request.indexOf(' ')
  const { host } = new URL(config.gateway.publicUrl)
  const canonical = createCanonicalRoom({ publicUrl: config.gateway.publicUrl, methods: config.access.methods })
  const target = tryDenial(() => canonical.require({
    method: request.slice(0, space), target: request.slice(space + 1), httpVersion: '1.1', headers: { host }, rawHeaders: ['Host', host],
  }))
  if (target instanceof Denial) {
    tell({ name: 'reading', outcome: 'refuses', text: target.reason.operatorText })
    throw new Refused(target.code)
  }
  tell({ name: 'reading', outcome: 'passes', text: `${target.method} ${target.href}` })
  return target
}

/** Throws Refused, and an OperationError for text that is no address. */
function judgeAddress (address: string | undefined, config: GatewayConfig, { who, target, tell }: Pick<Judging, 'who' | 'tell'> & { readonly target: Question['target'] }): void {
  if (address === undefined) {
    tell({ name: 'address', outcome: 'skipped', text: 'not asked, because --from was not given; no rule about addresses holds', setting: 'clientIp.allow' })
    return
  }
  if (address.includes('/') || explainAddressRange(address) !== undefined) throw new OperationError(`${address} is not an address: write it as 203.0.113.7 or 2001:db8::7.`)
  const room = createClientIpRoom(config.clientIp)
  const client = tryDenial(() => room.require({ remoteAddress: address, proxiedSource: undefined }, {}))
  if (client instanceof Denial) {
    tell({ name: 'address', outcome: 'refuses', text: `${address} is not on the allowlist`, setting: 'clientIp.allow' })
    throw new Refused(client.code)
  }
  const narrower = tryDenial(() => room.requireFor(client, who, target))
  if (narrower instanceof Denial) {
    tell({ name: 'address', outcome: 'refuses', text: `a narrower list does not allow ${address} for this person, group or route`, setting: 'clientIp.restrict' })
    throw new Refused(narrower.code)
  }
  const { wouldRefuse } = narrower
  if (wouldRefuse !== undefined) tell({ name: 'address', outcome: 'skipped', text: `would refuse ${address}; mode: report decides nothing`, setting: wouldRefuse === 'clientIp.notAllowed' ? 'clientIp.allow' : wouldRefuse })
  if (client.wouldRefuse === undefined) tell({ name: 'address', outcome: 'passes', text: `${address} is on the allowlist`, setting: 'clientIp.allow' })
}

function tryDenial<T> (ask: () => T): T | Denial {
  try {
    return ask()
  } catch (error) {
    if (error instanceof Denial) return error
    throw error
  }
}
