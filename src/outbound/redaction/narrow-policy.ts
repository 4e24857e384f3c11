// The policy of a destination as the agreement of now allows it: without a live one no free text, and no identifier whose kind it does not cover. Pure.
import type { FieldRule, PolicyFile } from '../../phi/config.ts'
import type { Kind } from '../../phi/phi.ts'

export interface Allowance {
  /** Whether an agreement is in force. */
  readonly isLive: boolean
  /** Kinds of identifiers that it covers. */
  readonly kinds: readonly Kind[]
  /** Somebody looked at the message and lets it go on: what a rule would hold is masked. */
  readonly isApproved: boolean
}

const mask = ({ path, kind }: FieldRule): FieldRule => ({ path, action: 'mask', ...(kind === undefined ? {} : { kind }) })

/** The kind of identifier that is still one after this rule; undefined for none. A year, three digits of a ZIP code and random tokens do not (45 CFR 164.514(b)(2)). */
function passedKind ({ action, kind }: FieldRule, profile: PolicyFile['profile']): Kind | undefined {
  if (action === 'release' || action === 'last4') return kind ?? 'other'
  if (action === 'token') return profile === 'minimum-necessary' ? kind ?? 'other' : undefined
  return action === 'keep' && kind !== undefined && kind !== 'other' ? kind : undefined
}

function narrowRule (rule: FieldRule, profile: PolicyFile['profile'], { isLive, kinds, isApproved }: Allowance): FieldRule {
  if (rule.action === 'hold' && isApproved) return mask(rule)
  if (rule.action === 'prose' && !isLive) return mask(rule)
  const kind = passedKind(rule, profile)
  return kind === undefined || (isLive && kinds.includes(kind)) ? rule : mask(rule)
}

export function narrowPolicy (policy: PolicyFile, allowance: Allowance): PolicyFile {
  const { unknown, profile, byType } = policy
  const isClosed = (unknown === 'prose' && !allowance.isLive) || (unknown === 'hold' && allowance.isApproved)
  const narrow = (rules: readonly FieldRule[]) => rules.map(rule => narrowRule(rule, profile, allowance))
  const cases = byType === undefined
    ? {}
    : { byType: { ...byType, otherwise: allowance.isApproved ? 'rules' as const : byType.otherwise, cases: byType.cases.map(one => ({ ...one, rules: narrow(one.rules) })) } }
  return { ...policy, unknown: isClosed ? 'mask' : unknown, rules: narrow(policy.rules), ...cases }
}

/** What a policy would let pass if everything were covered. */
export function listPassed ({ rules, profile, unknown, byType }: PolicyFile): { readonly kinds: readonly Kind[], readonly hasProse: boolean } {
  const all = [...rules, ...(byType?.cases ?? []).flatMap(one => one.rules)]
  return { kinds: [...new Set(all.flatMap(rule => passedKind(rule, profile) ?? []))], hasProse: unknown === 'prose' || all.some(({ action }) => action === 'prose') }
}
