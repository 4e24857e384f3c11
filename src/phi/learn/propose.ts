// A redaction policy from what was seen of messages: a rule for each field, with why it is what it is. What is not known stays masked; no value of a message stands in it.
import type { FieldRule, PolicyFile } from '../config.ts'
import { itemName } from '../path-pattern.ts'
import { foldNames, type Fields } from './fold-names.ts'
import { judgeField } from './judge-field.ts'
import type { Surveyed } from './survey.ts'

export interface ProposedRule extends FieldRule {
  readonly why: string
}

export interface Proposal {
  /** The policy without its comments. */
  readonly policy: PolicyFile
  /** The same rules with why. */
  readonly rules: readonly ProposedRule[]
  /** Names of fields that are not shown because they could be data. */
  readonly hiddenNames: number
  /** There were more fields than a policy should have: the rest is masked as unknown. */
  readonly isCut: boolean
}

const mostRules = 2000

function join (path: string, name: string): string {
  if (name === itemName) return `${path}[]`
  const written = name === '*' || /^[^.[\]"*\s]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`
  return path === '' ? written : `${path}.${written}`
}

interface Place { readonly path: string, readonly name: string, readonly above: string }

function * list (fields: Fields, { path, name, above }: Place): Generator<ProposedRule> {
  const { shape, children } = fields
  if (shape.values > 0) {
    const { rule, why } = judgeField(shape, name, above)
    yield { path: path === '' ? '**' : path, ...rule, why }
  }
  const rest = children.find(child => child.isTakenOut)
  for (const child of children) {
    const here = join(path, child.name)
    if (child.isTakenOut) {
      yield { path: here, action: 'drop', why: `${child.names === 1 ? 'a name that can' : `${child.names} names that can`} be data, or ${child.names === 1 ? 'was' : 'were'} seen too seldom to tell: each goes with what it names` }
      continue
    }
    if (child.names > 0 && child.shape.values === 0) yield { path: here, action: 'mask', why: `${child.names === 1 ? 'a name that looks' : `${child.names} names that look`} like data; each is replaced too` }
    // The drop of the others would speak for it, and for all in it.
    else if (rest !== undefined && child.children.length > 0 && child.shape.values === 0) yield { path: here, action: 'mask', why: 'stays, without what is masked in it' }
    const isItem = child.name === itemName || child.name === '*'
    yield * list(child, { path: here, name: isItem ? name : child.name, above: isItem ? above : name })
  }
}

function countHidden ({ names, children }: Fields): number {
  return children.reduce((sum, child) => sum + countHidden(child), names)
}

export function proposePolicy (surveyed: Surveyed, name: string): Proposal {
  const fields = foldNames(surveyed)
  const rules: ProposedRule[] = []
  let isCut = surveyed.isCut
  for (const rule of list(fields, { path: '', name: '', above: '' })) {
    if (rules.length < mostRules) rules.push(rule)
    else isCut = true
  }
  const plain = rules.map(({ why: _, ...rule }) => rule)
  return { policy: { name, version: 1, profile: 'safe-harbor', unknown: 'mask', deepest: 64, rules: plain }, rules, hiddenNames: countHidden(fields), isCut }
}
