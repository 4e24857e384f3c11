// The rules in terms of records: compiled once, asked with a record and the circumstances. The first that applies decides; when there are rules and
// none applies, the answer is no.
import { durationMs } from '../../shared/schema.ts'
import { createTimeZone } from '../../shared/time-zone.ts'
import type { AccessConfig, RuleConfig } from './config.ts'
import type { RecordView } from './records.ts'

/** What a rule's conditions look at beside the record. */
export interface Circumstances {
  /** The person's id. */
  readonly person: string
  /** The client's address in its one textual form. */
  readonly address: string
  /** Now, milliseconds since the epoch. */
  readonly now: number
  readonly signIn: { readonly authenticatedAt: number, readonly authnContext: string | undefined }
}

export interface RuleDeps {
  /** Throws on a range that cannot be read. */
  readonly createAddressTest: (ranges: readonly string[]) => (address: string) => boolean
}

interface Condition {
  /** `from 203.0.113.0/24`, for why(). */
  readonly text: string
  holds(circumstances: Circumstances): boolean
}

export interface CompiledRule {
  readonly setting: string
  readonly effect: 'allow' | 'deny'
  /** It decides nothing, and is told. */
  readonly isTrial: boolean
  /** Empty: it always applies. */
  readonly when: readonly Condition[]
  /** Empty: there is no exception. */
  readonly unless: readonly Condition[]
  readonly people: ReadonlySet<string> | undefined
}

interface Rule extends CompiledRule {
  readonly roles: ReadonlySet<string> | undefined
  readonly records: ReadonlySet<string> | undefined
  readonly kinds: ReadonlySet<string> | undefined
}

export interface Rules {
  /** None decides: what the routes of the roles allow is allowed. */
  readonly isEmpty: boolean
  readonly hasTrials: boolean
  /** Those that are about these roles and this kind of access to this type of record, in order. */
  about(roles: readonly string[], record: Pick<RecordView, 'type' | 'kind'>): readonly CompiledRule[]
}

/** Why a rule does not apply here; undefined: it applies. */
export function whyNot (rule: CompiledRule, circumstances: Circumstances): string | undefined {
  if (rule.people?.has(circumstances.person) === false) return 'it is about other people'
  for (const condition of rule.when) if (!condition.holds(circumstances)) return `not ${condition.text}`
  if (rule.unless.length > 0 && rule.unless.every(condition => condition.holds(circumstances))) return `it makes an exception: ${rule.unless.map(condition => condition.text).join(', ')}`
  return undefined
}

/** Compiles checked rules. Throws a TypeError on a range or a zone that cannot be used. */
export function compileRules (config: Pick<AccessConfig, 'rules' | 'timeZone'>, deps: RuleDeps): Rules {
  const clock = createWallClock(config.timeZone)
  const rules: readonly Rule[] = config.rules.map((rule, index) => ({
    setting: `access.rules[${index}]`,
    effect: rule.effect,
    isTrial: rule.mode === 'report',
    roles: setOf(rule.roles),
    people: setOf(rule.people),
    records: setOf(rule.records),
    kinds: setOf(rule.kinds),
    when: compileConditions(rule.when, clock, deps),
    unless: compileConditions(rule.unless, clock, deps),
  }))
  // A person's roles are the same list at every request, so that rules are looked through once for each kind of access.
  const known = new WeakMap<readonly string[], Map<string, readonly CompiledRule[]>>()
  return {
    isEmpty: rules.every(rule => rule.isTrial),
    hasTrials: rules.some(rule => rule.isTrial),
    about (roles, { type, kind }) {
      let mine = known.get(roles)
      if (mine === undefined) known.set(roles, mine = new Map())
      const key = `${type} ${kind}`
      let found = mine.get(key)
      if (found === undefined) {
        mine.set(key, found = rules.filter(rule => (rule.roles === undefined || roles.some(role => rule.roles?.has(role))) &&
          rule.records?.has(type) !== false && rule.kinds?.has(kind) !== false))
      }
      return found
    },
  }
}

function setOf (texts: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return texts === undefined ? undefined : new Set(texts)
}

type ConditionConfig = NonNullable<RuleConfig['when']>

const noConditions: ConditionConfig = {}

function compileConditions ({ from, hours, days, maxSignInAge, signIn }: ConditionConfig = noConditions, clock: WallClock, deps: RuleDeps): readonly Condition[] {
  const conditions: Condition[] = []
  if (from !== undefined) {
    const isInside = deps.createAddressTest(from)
    conditions.push({ text: `from ${from.join(', ')}`, holds: ({ address }) => isInside(address) })
  }
  if (hours !== undefined) {
    const [begin = 0, end = 0] = hours.split('-').map(readMinutes)
    const isInside = begin < end ? (minute: number) => begin <= minute && minute < end : (minute: number) => begin <= minute || minute < end
    conditions.push({ text: `at ${hours} (${clock.zone})`, holds: ({ now }) => isInside(clock.read(now).minute) })
  }
  if (days !== undefined) {
    const set = new Set<string>(days)
    conditions.push({ text: `on ${days.join(', ')} (${clock.zone})`, holds: ({ now }) => set.has(clock.read(now).day) })
  }
  if (maxSignInAge !== undefined) {
    const mostMs = durationMs(maxSignInAge)
    conditions.push({ text: `signed in within ${maxSignInAge}`, holds: ({ now, signIn: { authenticatedAt } }) => now - authenticatedAt <= mostMs })
  }
  if (signIn !== undefined) {
    const set = new Set(signIn)
    conditions.push({ text: `signed in by ${signIn.join(' or ')}`, holds: ({ signIn: { authnContext } }) => authnContext !== undefined && set.has(authnContext) })
  }
  return conditions
}

function readMinutes (text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}

interface WallClock {
  readonly zone: string
  /** Minute of the day, and the day of the week. */
  read(now: number): { readonly minute: number, readonly day: string }
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Civil time costs more than all else in a decision, and is the same for a whole minute: offsets of zones are whole minutes today. */
function createWallClock (zone: string): WallClock {
  const timeZone = createTimeZone(zone)
  if (timeZone === undefined) throw new TypeError('access.timeZone is not known')
  let at = -1
  let read = { minute: 0, day: 'sun' }
  return {
    zone,
    read (now) {
      const minute = Math.floor(now / 60_000)
      if (minute === at) return read
      const civil = timeZone.civilOf(now)
      at = minute
      read = { minute: civil.hour * 60 + civil.minute, day: dayNames[new Date(Date.UTC(civil.year, civil.month - 1, civil.day)).getUTCDay()] as string }
      return read
    },
  }
}
