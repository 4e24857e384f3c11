// From a policy file to what decides at run time. Says what in a file cannot be meant: a rule that never decides, a value that Safe Harbor would not let through.
import type { ActionWord, FieldRule, PolicyFile, ProfileWord, UnknownWord } from './config.ts'
import { createConstraint, type Constraint } from './constraint.ts'
import type { Kind } from './identifier-kinds.ts'
import { compilePaths, parsePathPattern, type PathEntry, type PathState, type Step } from './path-pattern.ts'

export interface Rule {
  readonly action: ActionWord
  readonly kind: Kind
  /** With keep. */
  readonly passes: Constraint
  /** With generalise. */
  readonly to: 'year' | 'zip3' | 'age90'
}

export interface Policy {
  readonly name: string
  readonly version: number
  readonly profile: ProfileWord
  readonly unknown: UnknownWord
  readonly deepest: number
  readonly paths: PathState<Rule>
  readonly hasProse: boolean
  /** Other rules by the type of a message; this policy itself is for those of no known type. */
  readonly byType?: TypeChoice | undefined
}

export interface TypeChoice {
  /** Where the type stands. */
  readonly paths: PathState<true>
  /** Where parts begin that have a type of their own. */
  readonly each: PathState<true> | undefined
  readonly otherwise: 'rules' | 'hold'
  readonly cases: ReadonlyMap<string, Policy>
}

/** What is wrong with one setting of the file. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[]
  readonly at: 'key' | 'value'
  /** A whole sentence that says what is wrong and what to do. */
  readonly message: string
}

const onlyWith = { oneOf: 'keep', format: 'keep', minimum: 'keep', maximum: 'keep', longest: 'keep', to: 'generalise' } as const
const generalisedKinds = { year: 'date', zip3: 'zip', age90: 'age' } as const

function judgeKeep (rule: FieldRule): readonly [keyof FieldRule, string] | undefined {
  const isBounded = rule.minimum !== undefined && rule.maximum !== undefined
  if (rule.oneOf === undefined && rule.format === undefined && !isBounded) {
    return ['action', 'needs a constraint: without oneOf, format, or minimum and maximum, keep would let anything pass that somebody writes into the field.']
  }
  if ((rule.minimum === undefined) !== (rule.maximum === undefined)) return [rule.minimum === undefined ? 'maximum' : 'minimum', 'stands alone: write minimum and maximum together.']
  if ((rule.minimum ?? 0) > (rule.maximum ?? 0)) return ['minimum', 'is greater than maximum: no value could pass.']
  if ((rule.format === 'integer' || rule.format === 'decimal') && rule.oneOf === undefined && !isBounded) {
    return ['format', 'needs minimum and maximum beside it: a number without bounds can be a telephone or social security number.']
  }
  if (rule.longest !== undefined && rule.format === undefined) return ['longest', 'goes with a format: a short text can be a name.']
  return undefined
}

/** The setting that is wrong and what is wrong with it. */
function judgeRule (rule: FieldRule, profile: ProfileWord): readonly [keyof FieldRule, string] | undefined {
  for (const [name, action] of Object.entries(onlyWith) as [keyof typeof onlyWith, ActionWord][]) {
    if (rule[name] !== undefined && rule.action !== action) return [name, `goes with action ${action} only: take it away, or change the action.`]
  }
  if (rule.action === 'keep') return judgeKeep(rule)
  if (rule.action === 'generalise' && rule.to === undefined) return ['action', 'needs to: write to: year, to: zip3 or to: age90.']
  if ((rule.action === 'token' || rule.action === 'last4') && rule.kind === undefined) return ['action', `needs kind: a ${rule.action === 'token' ? 'token' : 'rest'} must say what it stands for.`]
  if (rule.action === 'release' && rule.kind === undefined) return ['action', 'needs kind: only a kind of identifier that an agreement covers may leave as it is.']
  if (rule.action === 'release' && profile === 'safe-harbor') return ['action', 'is release, and Safe Harbor lets no identifier pass (45 CFR 164.514(b)(2)): use mask, or profile: minimum-necessary.']
  if (rule.action === 'last4' && profile === 'safe-harbor') {
    return ['action', 'is last4, and a part of an identifier is an identifier under Safe Harbor (45 CFR 164.514(b)(2)): use mask, or profile: minimum-necessary.']
  }
  return undefined
}

function toRule (rule: FieldRule): Rule {
  const to = rule.to ?? 'year'
  return { action: rule.action, kind: rule.kind ?? (rule.action === 'generalise' ? generalisedKinds[to] : 'other'), passes: createConstraint(rule), to }
}

interface RuleList {
  readonly rules: readonly FieldRule[]
  /** Where it stands in the file. */
  readonly path: readonly (string | number)[]
  readonly profile: ProfileWord
}

const written = (path: readonly (string | number)[]): string => path.map((part, index) => typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`).join('')

/** `taken`: a path that is decided already, and by what. */
function compileRules ({ rules, path, profile }: RuleList, problems: PolicyProblem[], taken: ReadonlyMap<string, string> = new Map()): readonly PathEntry<Rule>[] {
  const entries: PathEntry<Rule>[] = []
  const seen = new Map(taken)
  const list = written(path)
  for (const [index, rule] of rules.entries()) {
    const steps = parsePathPattern(rule.path)
    const place = `${list}[${index}]`
    if (typeof steps === 'string') {
      problems.push({ path: [...path, index, 'path'], at: 'value', message: `${place}.path is not a path: ${steps}` })
      continue
    }
    const earlier = seen.get(JSON.stringify(steps))
    if (earlier !== undefined) problems.push({ path: [...path, index, 'path'], at: 'value', message: `${place}.path stands already in ${earlier}, which decides: keep one of them.` })
    seen.set(JSON.stringify(steps), place)
    const wrong = judgeRule(rule, profile)
    if (wrong !== undefined) problems.push({ path: [...path, index, wrong[0]], at: 'value', message: `${place}.${wrong[0]} ${wrong[1]}` })
    entries.push({ steps, value: toRule(rule) })
  }
  return entries
}

/** Whether a rule takes away something that a path leads through: then a second reading would not find what stands there. */
function isDropped (paths: PathState<Rule>, steps: readonly Step[]): boolean {
  let state = paths
  for (const step of steps) {
    if (state.value?.action === 'drop') return true
    if (!('name' in step)) return false
    state = state.next(step.name)
  }
  return false
}

function compileParts (each: readonly string[] | undefined, problems: PolicyProblem[]): PathState<true> | undefined {
  const entries: PathEntry<true>[] = []
  for (const [index, path] of (each ?? []).entries()) {
    const steps = parsePathPattern(path)
    if (typeof steps === 'string') problems.push({ path: ['byType', 'each', index], at: 'value', message: `byType.each[${index}] is not a path: ${steps}` })
    else entries.push({ steps, value: true })
  }
  return entries.length === 0 ? undefined : compilePaths(entries)
}

interface Compiled { readonly entries: readonly PathEntry<Rule>[], readonly choice: TypeChoice | undefined }

/** Each case has its own rules, then those for all. The type itself is kept when a case names it, so that a second reading finds it again. */
function compileCases (file: PolicyFile & { readonly byType: object }, toPolicy: (entries: readonly PathEntry<Rule>[]) => Policy, problems: PolicyProblem[]): Compiled {
  const { byType: { path, each, otherwise, cases }, profile, rules } = file
  const steps = parsePathPattern(path)
  if (typeof steps === 'string') problems.push({ path: ['byType', 'path'], at: 'value', message: `byType.path is not a path: ${steps}` })
  const names = cases.flatMap(({ is }) => is)
  const parts = compileParts(each, problems)
  const key = typeof steps === 'string' ? [] : [{ steps, value: toRule({ path, action: 'keep', oneOf: names }) }]
  const taken = new Map(typeof steps === 'string' ? [] : [[JSON.stringify(steps), 'byType']])
  const common = [...key, ...compileRules({ rules, path: ['rules'], profile }, problems, taken)]
  const byName = new Map<string, Policy>()
  for (const [index, { is, rules: own }] of cases.entries()) {
    const policy = toPolicy([...key, ...compileRules({ rules: own, path: ['byType', 'cases', index, 'rules'], profile }, problems, taken), ...common])
    if (typeof steps !== 'string' && isDropped(policy.paths, steps)) {
      problems.push({ path: ['byType', 'cases', index], at: 'value', message: `byType.cases[${index}] drops something that byType.path leads through, and the type with it: drop what is in it instead.` })
    }
    for (const [at, name] of is.entries()) {
      if (byName.has(name)) problems.push({ path: ['byType', 'cases', index, 'is', at], at: 'value', message: `byType.cases[${index}].is names ${name} a second time: a type has one case.` })
      byName.set(name, policy)
    }
  }
  return { entries: common, choice: typeof steps === 'string' ? undefined : { paths: compilePaths([{ steps, value: true }]), each: parts, otherwise, cases: byName } }
}

/** The policy, and every problem of the file; with problems it is not to be used. */
export function compilePolicy (file: PolicyFile): { readonly policy: Policy, readonly problems: readonly PolicyProblem[] } {
  const problems: PolicyProblem[] = []
  const { name, version, profile, unknown, deepest, byType } = file
  const toPolicy = (entries: readonly PathEntry<Rule>[]): Policy => {
    const hasProse = unknown === 'prose' || entries.some(({ value }) => value.action === 'prose')
    return { name, version, profile, unknown, deepest, paths: compilePaths(entries), hasProse }
  }
  if (byType === undefined) return { policy: toPolicy(compileRules({ rules: file.rules, path: ['rules'], profile }, problems)), problems }
  const { entries, choice } = compileCases({ ...file, byType }, toPolicy, problems)
  return { policy: { ...toPolicy(entries), byType: choice }, problems }
}

/** The policy of plain text and HTML that has no file: the prose chain everywhere. */
export function createProsePolicy (): Policy {
  return compilePolicy({ name: 'prose', version: 1, profile: 'safe-harbor', unknown: 'prose', deepest: 64, rules: [] }).policy
}
