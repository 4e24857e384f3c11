// What no selector reaches in a page: JSON and markup inside scripts, attributes and comments, and masked fields that a script names with their values. It changes texts only;
// where they stand in the page is the caller's.
import { Hold } from '../../phi/start.ts'
import { addCount, addCounts, type Counts } from './counts.ts'
import { foldName } from './field-names.ts'
import { quotable } from './known-values.ts'
import { leaveOf, maskJson, type MaskDeps } from './mask-fields.ts'
import { lastNameOf, type FieldRule, type MaskPlan } from './plan.ts'

export interface Inside {
  /** The text without what is masked; undefined: it stays. */
  ofAttribute (name: string, value: string): string | undefined
  /** `type`: the attribute of the script. */
  ofScript (type: string, text: string): string | undefined
  ofText (text: string): string | undefined
  isInComment (text: string): boolean
}

interface InsideDeps {
  /** To which is added what is masked here. */
  readonly counts: Map<FieldRule, number>
  maskPage (text: string): { readonly text: string, readonly counts: Counts }
}

const likeJson = /^\s*[[{]/
const likeMarkup = /<[a-z!/]/i
const isProgram = /^(?:|module|(?:text|application)\/(?:x-)?(?:java|ecma)script)$/i

/** A name of a field and a text or a number behind it: `"ssn": "9"`, `ssn: '9'`, `\"ssn\":\"9\"`. */
function pairsOf (names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined
  const any = names.map(name => name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')
  return new RegExp(`(?<head>(?<![\\w$.])(?<quote>\\\\?["']|)(?<name>${any})\\k<quote>\\s*:\\s*)(?:(?<escaped>\\\\["'])(?<inner>(?:(?!\\\\["'])[^\\n])*)\\k<escaped>|"(?<double>(?:\\\\[^]|[^"\\\\\\n])*)"|'(?<single>(?:\\\\[^]|[^'\\\\\\n])*)'|(?<number>-?\\d[\\w.+-]*))`, 'g')
}

/** The rule for a field of this name, wherever it stands. */
function findRule (plan: MaskPlan, name: string): FieldRule | undefined {
  if (!plan.masksName(foldName(name))) return undefined
  return plan.root().child(name).rule ?? plan.rules.find(rule => rule.action !== 'show' && lastNameOf(rule.field) === name)
}

export function createInside (plan: MaskPlan, deps: MaskDeps, { counts, maskPage }: InsideDeps): Inside {
  const pairs = pairsOf(plan.names)
  const maskPairs = (text: string): string | undefined => {
    if (pairs === undefined) return undefined
    const out = text.replace(pairs, (all, ...rest: unknown[]) => {
      const { head = '', name = '', escaped, inner, double, single, number } = rest.at(-1) as Record<string, string | undefined>
      const rule = findRule(plan, name)
      const value = inner ?? double ?? single ?? number ?? ''
      const left = rule === undefined || value === '' ? value : leaveOf(rule, value, deps) ?? ''
      if (rule === undefined || left === value) return all
      addCount(counts, rule)
      if (number !== undefined) return `${head}null`
      const quote = escaped ?? (double === undefined ? '\'' : '"')
      return `${head}${quote}${quotable(left)}${quote}`
    })
    return out === text ? undefined : out
  }
  const maskNested = (text: string): string | undefined => {
    const page = maskPage(text)
    addCounts(counts, page.counts)
    return page.text === text ? undefined : page.text
  }
  const maskData = (text: string): string | undefined => {
    const masked = likeJson.test(text) ? maskJson(text, plan, deps) : undefined
    if (masked === undefined) return maskPairs(text)
    addCounts(counts, masked.counts)
    return masked.text === text ? undefined : masked.text
  }
  return {
    ofAttribute: (name, value) => name === 'srcdoc' && likeMarkup.test(value) ? maskNested(value) : maskData(value),
    ofScript (type, text) {
      if (!isProgram.test(type.trim()) && !likeJson.test(text) && likeMarkup.test(text)) return maskNested(text)
      return maskData(text)
    },
    ofText: maskData,
    isInComment (text) {
      try {
        return (likeMarkup.test(text) ? maskNested(text) : maskData(text)) !== undefined
      } catch (error) {
        // Nobody reads a comment: what cannot be masked in it goes with it.
        if (error instanceof Hold) return true
        throw error
      }
    },
  }
}
