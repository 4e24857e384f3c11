// May this person do this? A pure decision from roles, routes, records and rules; deny by default; the order is visible in the configuration. The
// steps that `why` tells are those that the decision takes, because they are the same code.
import type { RouteTable } from '../../shared/route-pattern.ts'
import type { Content } from './content.ts'
import { noMore, type Classification, type Records, type RecordView } from './records.ts'
import { whyNot, type Circumstances, type CompiledRule, type Rules } from './rules.ts'
import type { accessReasons } from './reasons.ts'

export interface Question extends Circumstances {
  /** Names of the roles that the person has, as `rolesOf` gives them. */
  readonly roles: readonly string[]
  readonly target: { readonly method: string, readonly path: string, readonly foldedPath: string, readonly query: string }
  /** What was read of the body; undefined: nothing was. */
  readonly content?: Content | undefined
  /** The Cookie header: some CRMs take a cookie for a field of the request. */
  readonly cookies?: string | undefined
}

export interface AccessDecision {
  readonly roles: readonly string[]
  /** The setting that decided: `access.rules[<n>]`, or `access.roles.<role>.allow[<n>]`. */
  readonly rule: string
  /** The text of the route that the request was recognised by, for the trail. */
  readonly route: string
  /** What it is about; undefined when it is about none, or nothing says it. */
  readonly record: RecordView | undefined
  /** Further ones, of a request that names several. */
  readonly more: readonly RecordView[]
  /** There are entries that classify, and none of them matched it, or a part of it. */
  readonly isUnclassified: boolean
  /** What refuses it once the rules with `mode: report` are enforced; undefined: nothing. */
  readonly wouldRefuse: string | undefined
}

export interface AccessRefusal {
  readonly reason: keyof typeof accessReasons.table
  readonly roles: readonly string[]
  /** The setting that decided against it; undefined when nothing allows it. */
  readonly rule: string | undefined
  readonly record: RecordView | undefined
  /** What allows it once the rules with `mode: report` are enforced; undefined: nothing. */
  readonly wouldAllow?: string | undefined
}

export type AccessAnswer =
  | { readonly isAllowed: true, readonly decision: AccessDecision }
  | { readonly isAllowed: false, readonly refusal: AccessRefusal }

/** One step of a decision, for `why`. */
export interface Step {
  readonly name: 'role' | 'route' | 'record' | 'rule'
  readonly outcome: 'passes' | 'skipped' | 'allows' | 'refuses'
  /** What was found, in words. */
  readonly text: string
  /** The setting that it comes from. */
  readonly setting?: string | undefined
}

type Tell = (step: Step) => void

interface RouteRule { readonly rule: string, readonly route: string }

interface CompiledRole { readonly allow: RouteTable<RouteRule>, readonly deny: RouteTable<RouteRule> }

export interface Policy {
  /** In the order of the configuration. */
  readonly roles: ReadonlyMap<string, CompiledRole>
  readonly records: Records
  readonly rules: Rules
  readonly hasRecords: boolean
  readonly allowsUnclassified: boolean
}

/** `tell` hears every step. */
export function decide (policy: Policy, question: Question, tell?: Tell): AccessAnswer {
  const route = judgeRoutes(policy, question, tell)
  if (typeof route === 'string') return refuse(question, route)
  if ('refused' in route) return refuse(question, 'access.notAllowed', { rule: route.refused })
  const { target, content, cookies } = question
  const found = policy.records.classify({ ...target, content, cookies })
  tell?.(describeClassification(found, policy))
  switch (found.kind) {
    case 'contentNeeded': return refuse(question, 'access.contentNeeded', { rule: found.setting })
    case 'twoWays': return refuse(question, 'access.twoReadings', { rule: found.setting })
    case 'none': return allow(question, { rule: route.rule, route: found.route })
    case 'unclassified': return policy.allowsUnclassified ? allow(question, { ...route, isUnclassified: policy.hasRecords }) : refuse(question, 'access.unclassified', { rule: 'access.unclassified' })
    case 'record': return judgeRecords(policy, question, { found, route, tell })
  }
}

/** Any deny of any role, then the first allow in the order of the configuration, else no. */
function judgeRoutes ({ roles }: Policy, question: Question, tell: Tell | undefined): RouteRule | { readonly refused: string } | 'access.roleMissing' | 'access.notAllowed' {
  const { method, foldedPath } = question.target
  if (question.roles.length === 0) {
    tell?.({ name: 'role', outcome: 'refuses', text: 'none: no entry of access.roles names the person or one of their groups', setting: 'access.roles' })
    return 'access.roleMissing'
  }
  tell?.({ name: 'role', outcome: 'passes', text: question.roles.join(', ') })
  for (const name of question.roles) {
    const denied = roles.get(name)?.deny.find(method, foldedPath)
    if (denied === undefined) continue
    tell?.({ name: 'route', outcome: 'refuses', text: `denied by ${denied.route}`, setting: denied.rule })
    return { refused: denied.rule }
  }
  for (const name of question.roles) {
    const allowed = roles.get(name)?.allow.find(method, foldedPath)
    if (allowed === undefined) continue
    tell?.({ name: 'route', outcome: 'passes', text: `allowed by ${allowed.route}`, setting: allowed.rule })
    return allowed
  }
  tell?.({ name: 'route', outcome: 'refuses', text: 'no role allows it', setting: `access.roles.${question.roles[0]}.allow` })
  return 'access.notAllowed'
}

/** All of several must be allowed; what decides is the rule about the first that is not, or about the first. */
function judgeRecords (policy: Policy, question: Question, { found, route, tell }: { readonly found: Classification & { kind: 'record' }, readonly route: RouteRule, readonly tell: Tell | undefined }): AccessAnswer {
  const { record, more, isPartial } = found
  if (isPartial && !policy.allowsUnclassified) return refuse(question, 'access.unclassified', { rule: 'access.unclassified', record })
  const rest = { more, isUnclassified: isPartial }
  if (policy.rules.isEmpty) {
    const wouldRefuse = findTrialRefusal(policy, question, { records: [record, ...more], tell })
    return allow(question, { rule: route.rule, route: record.route, record, ...rest, wouldRefuse })
  }
  for (const one of more) {
    const answer = judgeRecord(policy, question, { record: one, tell })
    if (!answer.isAllowed) return answer
  }
  const answer = judgeRecord(policy, question, { record, tell })
  if (!answer.isAllowed || (!isPartial && more.length === 0)) return answer
  const wouldRefuse = answer.decision.wouldRefuse ?? findTrialRefusal(policy, question, { records: more, tell: undefined })
  return { isAllowed: true, decision: { ...answer.decision, ...rest, wouldRefuse } }
}

interface Trial { readonly records: readonly RecordView[], readonly tell: Tell | undefined }

/** Of several records the first that the rules would refuse if those with `mode: report` counted. */
function findTrialRefusal ({ rules }: Policy, question: Question, { records, tell }: Trial): string | undefined {
  if (!rules.hasTrials) return undefined
  for (const record of records) {
    const decider = rules.about(question.roles, record).find(rule => {
      const reason = whyNot(rule, question)
      tellTrial(rule, reason, tell)
      return reason === undefined
    })
    if (decider?.effect !== 'allow') return decider?.setting ?? 'access.rules'
  }
  return undefined
}

function tellTrial ({ isTrial, effect, setting }: CompiledRule, reason: string | undefined, tell: Tell | undefined): void {
  if (!isTrial) return
  const text = reason === undefined ? `would ${effect === 'allow' ? 'allow' : 'deny'} it; mode: report decides nothing` : `would not apply: ${reason}`
  tell?.({ name: 'rule', outcome: 'skipped', text, setting })
}

/** The first rule that applies, else no. */
function judgeRecord ({ rules }: Policy, question: Question, { record, tell }: { readonly record: RecordView, readonly tell: Tell | undefined }): AccessAnswer {
  let isClose = false
  let trial: CompiledRule | undefined
  const wouldBe = (effect: CompiledRule['effect']) => trial?.effect === effect ? trial.setting : undefined
  for (const rule of rules.about(question.roles, record)) {
    const reason = whyNot(rule, question)
    if (rule.isTrial) {
      tellTrial(rule, reason, tell)
      if (reason === undefined) trial ??= rule
      continue
    }
    if (reason !== undefined) {
      isClose ||= rule.effect === 'allow' && rule.people?.has(question.person) !== false
      tell?.({ name: 'rule', outcome: 'skipped', text: `does not apply: ${reason}`, setting: rule.setting })
      continue
    }
    tell?.({ name: 'rule', outcome: rule.effect === 'allow' ? 'allows' : 'refuses', text: rule.effect === 'allow' ? 'allows it' : 'denies it', setting: rule.setting })
    if (rule.effect === 'allow') return allow(question, { rule: rule.setting, route: record.route, record, wouldRefuse: wouldBe('deny') })
    return refuse(question, 'access.notAllowed', { rule: rule.setting, record, wouldAllow: wouldBe('allow') })
  }
  tell?.({ name: 'rule', outcome: 'refuses', text: isClose ? 'none allows it under these conditions' : 'none allows it', setting: 'access.rules' })
  return refuse(question, isClose ? 'access.conditions' : 'access.notAllowed', { record, wouldAllow: wouldBe('allow') })
}

type Grounds = RouteRule & { readonly record?: RecordView, readonly more?: readonly RecordView[], readonly isUnclassified?: boolean, readonly wouldRefuse?: string | undefined }

function allow ({ roles }: Question, { rule, route, record, more = noMore, isUnclassified = false, wouldRefuse }: Grounds): AccessAnswer {
  return { isAllowed: true, decision: { roles, rule, route, record, more, isUnclassified, wouldRefuse } }
}

interface Refusal { readonly rule?: string, readonly record?: RecordView | undefined, readonly wouldAllow?: string | undefined }

function refuse ({ roles }: Question, reason: AccessRefusal['reason'], { rule, record, wouldAllow }: Refusal = {}): AccessAnswer {
  return { isAllowed: false, refusal: { reason, roles, rule, record, wouldAllow } }
}

function describeClassification (found: Classification, { allowsUnclassified, rules }: Policy): Step {
  switch (found.kind) {
    case 'contentNeeded': return { name: 'record', outcome: 'refuses', text: 'the body says which record it is, and none was given', setting: found.setting }
    case 'twoWays': return { name: 'record', outcome: 'refuses', text: `${found.field} can be read in more than one way`, setting: found.setting }
    case 'none': return { name: 'record', outcome: 'allows', text: 'it concerns no record', setting: found.setting }
    case 'unclassified': return { name: 'record', outcome: allowsUnclassified ? 'allows' : 'refuses', text: 'unclassified: no entry of access.records or the profile matches', setting: 'access.unclassified' }
    case 'record': return { name: 'record', outcome: rules.isEmpty ? 'allows' : 'passes', text: [found.record, ...found.more].map(describeRecord).join('; ') + (found.isPartial ? '; and something unclassified' : ''), setting: found.record.setting }
  }
}

function describeRecord ({ type, kind, id, patient }: RecordView): string {
  return `${kind} ${type}${id === undefined ? '' : ` ${id}`}${patient === undefined || (type === 'patient' && patient === id) ? '' : `, patient ${patient}`}`
}
