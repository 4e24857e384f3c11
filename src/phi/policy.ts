// From a policy file to what decides at run time. Says what in a file cannot be meant: a rule that never decides, a value that Safe Harbor would not let through.
import type { ActionWord, FieldRule, PolicyFile, ProfileWord, UnknownWord } from './config.ts'
import { createConstraint, type Constraint } from './constraint.ts'
import type { Kind } from './identifier-kinds.ts'
import { compilePaths, parsePathPattern, type PathEntry, type PathState } from './path-pattern.ts'

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

/** The policy, and every problem of the file; with problems it is not to be used. */
export function compilePolicy (file: PolicyFile): { readonly policy: Policy, readonly problems: readonly PolicyProblem[] } {
  const problems: PolicyProblem[] = []
  const entries: PathEntry<Rule>[] = []
  const seen = new Map<string, number>()
  for (const [index, rule] of file.rules.entries()) {
    const steps = parsePathPattern(rule.path)
    if (typeof steps === 'string') {
      problems.push({ path: ['rules', index, 'path'], at: 'value', message: `rules[${index}].path is not a path: ${steps}` })
      continue
    }
    const earlier = seen.get(JSON.stringify(steps))
    if (earlier !== undefined) problems.push({ path: ['rules', index, 'path'], at: 'value', message: `rules[${index}].path stands already in rules[${earlier}], which decides: keep one of them.` })
    seen.set(JSON.stringify(steps), index)
    const wrong = judgeRule(rule, file.profile)
    if (wrong !== undefined) problems.push({ path: ['rules', index, wrong[0]], at: 'value', message: `rules[${index}].${wrong[0]} ${wrong[1]}` })
    entries.push({ steps, value: toRule(rule) })
  }
  const { name, version, profile, unknown, deepest } = file
  const hasProse = unknown === 'prose' || entries.some(({ value }) => value.action === 'prose')
  return { policy: { name, version, profile, unknown, deepest, paths: compilePaths(entries), hasProse }, problems }
}

/** The policy of plain text and HTML that has no file: the prose chain everywhere. */
export function createProsePolicy (): Policy {
  return compilePolicy({ name: 'prose', version: 1, profile: 'safe-harbor', unknown: 'prose', deepest: 64, rules: [] }).policy
}
