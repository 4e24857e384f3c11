// May this person do this? Roles from the identity provider's groups, then the routes of the roles, then the rules about records; deny by default.
import { rememberByObject } from '../../shared/remember.ts'
import { compileRouteTable } from '../../shared/route-pattern.ts'
import type { AccessConfig, ProfileConfig, RequestConfig } from './config.ts'
import { parseContent, type Content, type RawContent } from './content.ts'
import { decide, type AccessAnswer, type AccessDecision, type Policy, type Question, type Step } from './decide.ts'
import { explainAccessConfig, explainProfile } from './explain-config.ts'
import { accessReasons } from './reasons.ts'
import { isJsonType, readItems, type AnswerContent } from './items.ts'
import { compileRecords, isInContent, sourcesOf, type Classification, type RecordView } from './records.ts'
import { compileRules, type RuleDeps } from './rules.ts'

export { explainAccessConfig, explainProfile } from './explain-config.ts'
export type { AccessDecision, Question } from './decide.ts'
export type { RecordView } from './records.ts'
export type { RawContent } from './content.ts'

interface Who { readonly id: string, readonly groups: readonly string[] }

export interface AccessRoom {
  /** Throws a Denial `access.*` (403, or 400 when the request can be read in two ways). */
  require(question: Question): AccessDecision
  /** The same decision without throwing, with the setting that decided against it, for the record of a refusal. */
  explain(question: Question): AccessAnswer
  /** Every step of the same decision. */
  why(question: Question): { readonly answer: AccessAnswer, readonly steps: readonly Step[] }
  /** Whether the body has to be read first. Never for somebody whose roles do not allow the route. */
  needsContent(question: Question): boolean
  /** Throws a Denial `access.contentUnreadable` (415). */
  readContent(raw: RawContent): Content
  /** The records that an answer shows, by their ids in it; undefined when they cannot be told. */
  readItems(record: RecordView, answer: AnswerContent): Promise<readonly RecordView[] | undefined>
  /** Whether ids can be taken from answers of this Content-Type. */
  isReadableAnswer(type: string): boolean
  /** Whether the CRM's pages ask for this by themselves, as the profile says: then it is nobody's doing. */
  isBackground(question: Asked): boolean
  /** Whether the CRM is asked to sign the person out. */
  isSignOut(question: Asked): boolean
  /** Which record a request is about, whoever asks. */
  classify(question: Asked): Classification
  /** Of an allowed question: the roles that would allow it alone. When none would, all of them, and `needsAll`. */
  rolesThatAllow(question: Question): { readonly roles: readonly string[], readonly needsAll: boolean }
  /** Roles that the person has. Throws a Denial `access.roleMissing` (403) when there is none. */
  requireRole(who: Who): readonly string[]
  /** Roles that the person has, in the order of the configuration; empty when none. */
  rolesOf(who: Who): readonly string[]
}

type Asked = Pick<Question, 'target' | 'content' | 'cookies'>

export interface AccessDeps extends RuleDeps {
  /** What is known of the CRM; its records come after those of the configuration. */
  readonly profile?: ProfileConfig | undefined
}

/** Throws a TypeError when the configuration has mistakes that `explainAccessConfig` finds: nothing starts with them. */
export function createAccessRoom (config: AccessConfig, deps: AccessDeps): AccessRoom {
  const { profile } = deps
  const mistake = explainAccessConfig(config, profile)[0] ?? (profile === undefined ? undefined : explainProfile(profile)[0])
  if (mistake !== undefined) throw new TypeError(`access.${mistake.path}: ${mistake.message}`)
  const policy = compilePolicy(config, deps)
  const isSignOut = compileRequests([...config.signOut, ...profile?.signOut ?? []])
  const isBackground = compileRequests(profile?.background ?? [])
  const readsContent = [...config.records, ...profile?.records ?? []].some(entry => sourcesOf(entry).some(isInContent))
  const holders = Object.entries(config.roles).map(([name, role]) => ({ name, people: new Set(role.people), groups: new Set(role.groups) }))
  // Exact, letter by letter: a role gives freedom, and must not go to somebody whose id or group only looks alike.
  const held = (who: Who) => holders.filter(role => role.people.has(who.id) || who.groups.some(group => role.groups.has(group))).map(role => role.name)
  // One list for all who have the same roles, so that what is worked out for it serves them all.
  const lists = new Map<string, readonly string[]>()
  const listOf = (...names: readonly string[]) => {
    const key = names.join(' ')
    const list = lists.get(key) ?? Object.freeze([...names])
    lists.set(key, list)
    return list
  }
  const rolesOf = rememberByObject((who: Who) => listOf(...held(who)))
  const explain = (question: Question) => decide(policy, question)
  return {
    explain,
    rolesOf,
    readItems,
    isReadableAnswer: isJsonType,
    isBackground,
    isSignOut,
    classify: ({ target, content, cookies }) => policy.records.classify({ ...target, content, cookies }),
    why (question) {
      const steps: Step[] = []
      return { answer: decide(policy, question, step => { steps.push(step) }), steps }
    },
    needsContent (question) {
      if (!readsContent) return false
      const answer = explain(question)
      return !answer.isAllowed && answer.refusal.reason === 'access.contentNeeded'
    },
    readContent (raw) {
      const content = parseContent(raw)
      if (content === undefined) throw accessReasons.deny('access.contentUnreadable')
      return content
    },
    rolesThatAllow (question) {
      if (question.roles.length === 1) return { roles: question.roles, needsAll: false }
      const alone = question.roles.filter(role => explain({ ...question, roles: listOf(role) }).isAllowed)
      return alone.length > 0 ? { roles: alone, needsAll: false } : { roles: question.roles, needsAll: true }
    },
    requireRole (who) {
      const names = rolesOf(who)
      if (names.length === 0) throw accessReasons.deny('access.roleMissing')
      return names
    },
    require (question) {
      const answer = explain(question)
      if (!answer.isAllowed) throw accessReasons.deny(answer.refusal.reason)
      return answer.decision
    },
  }
}

/** Whether a request is one of these, as far as it was read. */
function compileRequests (requests: readonly RequestConfig[]): (asked: Asked) => boolean {
  if (requests.length === 0) return () => false
  const records = compileRecords([{ setting: 'requests', entries: requests.map(request => ({ ...request, type: 'none' })) }])
  return ({ target, content, cookies }) => records.classify({ ...target, content, cookies }).kind === 'none'
}

function compilePolicy (config: AccessConfig, deps: AccessDeps): Policy {
  const known = [{ setting: 'access.records', entries: config.records }, { setting: 'access.profile.records', entries: deps.profile?.records ?? [] }]
  const compile = (setting: string, patterns: readonly string[]) =>
    compileRouteTable(patterns.map((pattern, index) => ({ pattern, value: { rule: `${setting}[${index}]`, route: pattern } })))
  return {
    roles: new Map(Object.entries(config.roles).map(([name, role]) =>
      [name, { allow: compile(`access.roles.${name}.allow`, role.allow), deny: compile(`access.roles.${name}.deny`, role.deny) }])),
    records: compileRecords(known),
    rules: compileRules(config, deps),
    hasRecords: known.some(({ entries }) => entries.length > 0),
    allowsUnclassified: config.unclassified === 'allow',
  }
}
