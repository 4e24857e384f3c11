// Which rules are about a request, and what they say of each place in its answer. Of one role the first rule that fits decides; of several roles the mildest word counts, because
// one of them is enough to see a field; of several records the strictest, because the answer does not say where one ends and the next begins.
import { compilePaths, itemName, parsePathPattern, type Kind, type PathState, type Spot } from '../../phi/start.ts'
import type { MaskAction, MaskingConfig, MaskRuleConfig } from './config.ts'
import { foldName } from './field-names.ts'

/** One field of one rule. */
export interface FieldRule {
  /** `masking.rules[2]` */
  readonly setting: string
  /** As it is written; no name that comes from the CRM, so that it can be recorded. */
  readonly field: string
  readonly action: MaskAction
  readonly kind: Kind
  readonly to: 'year' | 'zip3' | 'age90'
  /** Place in the configuration. */
  readonly order: number
  /** It masks nothing, and is told. */
  readonly isTrial: boolean
}

export interface MaskedRecord { readonly type: string, readonly kind: string }

/** Roles that allow the request each by itself, or, with `needsAll`, only together: then none of them may see what another may not. */
export interface MaskedRoles { readonly roles: readonly string[], readonly needsAll: boolean }

export interface MaskPlace extends Spot {
  /** What happens here; undefined: it is shown. */
  readonly rule: FieldRule | undefined
  /** A rule above the one here could show something below. */
  readonly hasExceptions: boolean
  /** Some rule could fit below. */
  readonly goesOn: boolean
  /** A rule has this name at this place. */
  knows (name: string): boolean
  child (name: string): MaskPlace
}

export interface MaskPlan {
  /** The same for the same rules. */
  readonly key: string
  readonly rules: readonly FieldRule[]
  /** The rules, as settings. */
  readonly settings: string
  /** Whether a field of this name, folded, is masked somewhere. */
  masksName (folded: string): boolean
  /** Last names of masked fields, as they are written. */
  readonly names: readonly string[]
  /** For HTML: of each record, of each role, the selectors in order. Undefined: some rule has none, so that pages cannot be masked. */
  readonly selectors: readonly (readonly (readonly FieldRule[])[])[] | undefined
  /** To be asked for once an answer. `resolve`: what a name of the answer may stand for; all of it counts. */
  root (resolve?: Resolve): MaskPlace
}

export type Resolve = (name: string) => readonly string[]

/** Name in a GraphQL answer → names of the fields that it stands for. */
export type Aliases = ReadonlyMap<string, ReadonlySet<string>>

export interface MaskVerdict {
  /** What is masked; undefined: nothing. */
  readonly enforced: MaskPlan | undefined
  /** What would be masked once the rules with `mode: report` are enforced; undefined: nothing else. */
  readonly trial: MaskPlan | undefined
}

export interface Masks {
  /** Undefined: nothing is masked, and nothing would be. */
  planFor (roles: MaskedRoles, records: readonly MaskedRecord[]): MaskVerdict | undefined
}

const strictness: readonly MaskAction[] = ['show', 'last4', 'generalise', 'token', 'mask', 'hide']
const strictnessOf = (rule: FieldRule | undefined) => rule === undefined ? 0 : strictness.indexOf(rule.action)

/** Places that are remembered between answers; the names come from the CRM. */
const mostPlaces = 20_000
const longestName = 64

/** Where one role stands. */
interface Track { readonly state: PathState<FieldRule>, readonly rule: FieldRule | undefined }
/** Where the roles stand in one record's rules. */
type World = readonly Track[]

function mildest (rules: readonly (FieldRule | undefined)[]): FieldRule | undefined {
  return rules.reduce((left, right) => strictnessOf(right) < strictnessOf(left) ? right : left)
}

/** Of what is said for each record by each role; undefined: it is shown. */
export function combine (worlds: readonly (readonly (FieldRule | undefined)[])[]): FieldRule | undefined {
  const rule = worlds.map(mildest).reduce((left, right) => strictnessOf(right) > strictnessOf(left) ? right : left)
  return rule?.action === 'show' ? undefined : rule
}

const rulesOf = (world: World) => world.map(track => track.rule)

/** A rule for a container speaks for all in it, so the first of the file that fits the place or something around it decides. */
function advance ({ state, rule }: Track, name: string): Track {
  const next = state.next(name)
  return { state: next, rule: rule === undefined || (next.value !== undefined && next.value.order < rule.order) ? next.value : rule }
}

/** Of one role: another role's word about the same place does not take it away. */
function isExceptionBelow ({ state, rule }: Track): boolean {
  return rule === undefined || rule.action === 'show' || state.ahead.some(one => one.action === 'show' && one.order < rule.order)
}

function isSame (one: World, other: World): boolean {
  return one.every((track, at) => track.state === other[at]?.state && track.rule === other[at]?.rule)
}

/** Where a name leads, under all that it may stand for. */
function follow (worlds: readonly World[], names: readonly string[]): readonly World[] {
  const all = names.flatMap(name => worlds.map(world => world.map(track => advance(track, name))))
  return names.length === 1 ? all : all.filter((world, at) => all.findIndex(other => other.length === world.length && isSame(other, world)) === at)
}

interface Growth { places: number, readonly resolve: Resolve | undefined }

function createPlace (worlds: readonly World[], growth: Growth): MaskPlace {
  const children = new Map<string, MaskPlace>()
  const tracks = worlds.flat()
  return {
    isNamed: true,
    rule: combine(worlds.map(rulesOf)),
    hasExceptions: worlds.every(world => mildest(rulesOf(world))?.action !== 'hide' || world.some(isExceptionBelow)),
    goesOn: tracks.some(({ state }) => state.goesOn),
    knows: name => tracks.some(({ state }) => state.knows(name)),
    child (name) {
      const known = children.get(name)
      if (known !== undefined) return known
      const made = createPlace(follow(worlds, growth.resolve?.(name) ?? [name]), growth)
      if (name.length <= longestName) {
        growth.places += 1
        children.set(name, made)
      }
      return made
    },
  }
}

interface Rule { readonly config: MaskRuleConfig, readonly fields: readonly FieldRule[], readonly selectors: readonly FieldRule[] }

/** The names that a role does not see. A rule for everything is about all names that the configuration has and no `show` names. */
function createNameTest (mine: readonly Rule[], known: ReadonlySet<string>): (folded: string) => boolean {
  const namesOf = (rules: readonly Rule[]) =>
    new Set(rules.flatMap(({ config }) => [...config.fields.map(lastNameOf), ...config.names ?? []]).flatMap(name => name === undefined ? [] : [foldName(name)]))
  const masked = namesOf(mine.filter(rule => rule.config.action !== 'show'))
  const shown = namesOf(mine.filter(rule => rule.config.action === 'show'))
  const isAboutAll = mine.some(rule => rule.config.action !== 'show' && rule.config.fields.some(field => lastNameOf(field) === undefined))
  return folded => masked.has(folded) || (isAboutAll && known.has(folded) && !shown.has(folded))
}

function createPlan (worlds: readonly (readonly Rule[])[][], known: ReadonlySet<string>): MaskPlan {
  const rules = [...new Set(worlds.flat(2).flatMap(rule => rule.fields))].sort((left, right) => left.order - right.order)
  const start: readonly World[] = worlds.map(world => world.map(mine => {
    const state = compilePaths(mine.flatMap(rule => rule.fields).map(value => ({ steps: stepsOf(value.field), value })))
    return { state, rule: state.value }
  }))
  const masking = worlds.flat(2).filter(rule => rule.config.action !== 'show')
  const tests = worlds.map(world => world.map(mine => createNameTest(mine, known)))
  let growth: Growth = { places: 0, resolve: undefined }
  let root = createPlace(start, growth)
  return {
    key: worlds.map(world => world.map(mine => mine.flatMap(rule => rule.fields).map(field => JSON.stringify(field)).join()).join('|')).join('||'),
    rules,
    settings: [...new Set(rules.map(rule => rule.setting))].join(', ').slice(0, 2000),
    masksName: folded => tests.some(world => world.every(isMasked => isMasked(folded))),
    names: [...new Set(masking.flatMap(rule => rule.config.fields.flatMap(field => lastNameOf(field) ?? [])))],
    selectors: masking.every(rule => rule.selectors.length > 0) ? worlds.map(world => world.map(mine => mine.flatMap(rule => rule.selectors))) : undefined,
    root (resolve) {
      if (resolve !== undefined) return createPlace(start, { places: 0, resolve })
      if (growth.places > mostPlaces) {
        growth = { places: 0, resolve: undefined }
        root = createPlace(start, growth)
      }
      return root
    },
  }
}

/** Of a checked pattern. */
function stepsOf (field: string) {
  const steps = parsePathPattern(field)
  if (typeof steps === 'string') throw new TypeError(`masking: ${field}: ${steps}`)
  return steps
}

/** The last name that a pattern has; undefined when it names none. */
export function lastNameOf (field: string): string | undefined {
  return stepsOf(field).flatMap(step => 'name' in step && step.name !== itemName ? [step.name] : []).at(-1)
}

const generalisedKinds = { year: 'date', zip3: 'zip', age90: 'age' } as const

/** Compiles checked rules. */
export function compileMasks (config: Pick<MaskingConfig, 'rules' | 'searches'>): Masks {
  const named = config.rules.flatMap(rule => [...rule.fields.map(lastNameOf), ...rule.names ?? []])
  const known = new Set([...config.searches.flatMap(search => search.over), ...named].map(name => foldName(name ?? '')))
  let order = 0
  const compile = (rule: MaskRuleConfig, setting: string) => (fields: readonly string[] = []): readonly FieldRule[] => fields.map(field => ({
    setting,
    field,
    action: rule.action,
    to: rule.to ?? 'year',
    order: order++,
    isTrial: rule.mode === 'report',
    kind: rule.as ?? (rule.action === 'generalise' ? generalisedKinds[rule.to ?? 'year'] : 'other'),
  }))
  const rules: readonly Rule[] = config.rules.map((rule, index) => {
    const read = compile(rule, `masking.rules[${index}]`)
    return { config: rule, fields: read(rule.fields), selectors: read(rule.selectors) }
  })
  const enforced = rules.filter(rule => rule.config.mode !== 'report')
  const plans = new Map<string, MaskVerdict | undefined>()
  const isAbout = ({ config: { roles, records, kinds } }: Rule, role: string, record: MaskedRecord) =>
    roles?.includes(role) !== false && records.includes(record.type) && (kinds as readonly string[] | undefined)?.includes(record.kind) !== false
  const findIn = (all: readonly Rule[], { roles, needsAll }: MaskedRoles, records: readonly MaskedRecord[]) => {
    const sides = needsAll ? roles.map(role => [role]) : [roles]
    const worlds = records.flatMap(record => sides.map(side => side.map(role => all.filter(rule => isAbout(rule, role, record)))))
      // A role without a rule about the record sees all of it.
      .filter(world => world.length > 0 && world.every(mine => mine.some(rule => rule.config.action !== 'show')))
    return worlds.length === 0 ? undefined : createPlan(worlds, known)
  }
  const find = (asked: MaskedRoles, records: readonly MaskedRecord[]): MaskVerdict | undefined => {
    const now = findIn(enforced, asked, records)
    const later = enforced.length === rules.length ? undefined : findIn(rules, asked, records)
    const trial = later?.key === now?.key ? undefined : later
    return now === undefined && trial === undefined ? undefined : { enforced: now, trial }
  }
  return {
    planFor (asked, records) {
      if (rules.length === 0 || records.length === 0) return undefined
      const key = `${String(asked.needsAll)} ${asked.roles.join(' ')} ${[...new Set(records.map(({ type, kind }) => `${type}/${kind}`))].sort().join(' ')}`
      if (!plans.has(key)) plans.set(key, find(asked, records))
      return plans.get(key)
    },
  }
}
