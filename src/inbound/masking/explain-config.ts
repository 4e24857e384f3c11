// What is wrong with the section masking beyond its schema: paths that are none, actions that lack or have too much, fields that an earlier rule decides. What it says of roles
// and records is judged where those are known.
import { createRequire } from 'node:module'
import { parsePathPattern } from '../../phi/start.ts'
import { loadLater } from '../../shared/load-later.ts'
import { explainRoutePattern } from '../../shared/route-pattern.ts'
import { sizeBytes } from '../../shared/schema.ts'
import type { MaskingConfig, MaskRuleConfig } from './config.ts'

const cssSelect = loadLater(() => createRequire(import.meta.url)('css-select') as typeof import('css-select'))

/** A setting below `masking`, and what to do about it. */
export interface ConfigMistake {
  /** For instance `rules.2.fields.0`. */
  readonly path: string
  readonly message: string
}

/** Bytes of all answers that are held to be masked, together. */
export const mostHeld = 256 * 1024 * 1024

/** All mistakes; empty when the section can be used. Pure. */
export function explainMaskingConfig ({ rules, opaque, maxAnswerSize }: MaskingConfig): readonly ConfigMistake[] {
  const mostBytes = sizeBytes(maxAnswerSize)
  return [
    ...(mostBytes < 1024 || mostBytes > mostHeld ? [{ path: 'maxAnswerSize', message: 'write a size between 1KiB and 256MiB, which all held answers have together' }] : []),
    ...rules.flatMap((rule, index) => [...explainRule(rule), ...explainFields(rule), ...explainSelectors(rule)].map(({ path, message }) => ({ path: `rules.${index}.${path}`, message }))),
    ...findUnreached(rules),
    ...opaque.flatMap((route, index) => {
      const message = explainRoutePattern(route)
      return message === undefined ? [] : [{ path: `opaque.${index}`, message }]
    }),
  ]
}

function explainRule ({ action, as, to }: MaskRuleConfig): readonly ConfigMistake[] {
  return [
    ...(action === 'generalise' && to === undefined ? [{ path: 'action', message: 'generalise needs to: write to: year, to: zip3 or to: age90' }] : []),
    ...(action !== 'generalise' && to !== undefined ? [{ path: 'to', message: 'it goes with action generalise only: take it away, or change the action' }] : []),
    ...((action === 'hide' || action === 'show') && as !== undefined ? [{ path: 'as', message: `${action} leaves no mask that could say what it is: take it away` }] : []),
  ]
}

/** What other programs understand is a name that no answer has, so that nothing would be masked. */
function explainOtherWays (field: string): string | undefined {
  if (/^\$(?:[.[]|$)/.test(field)) return 'write names with dots and no $ before them, as **.ssn'
  const bare = field.replace(/"(?:[^"\\]|\\.)*"/g, '')
  if (bare.includes('/')) return 'names are joined by dots; a name with a / stands in double quotes'
  return /\S\s+\S/.test(bare) ? 'a name with a blank stands in double quotes, as **."Date of birth"' : undefined
}

function explainFields ({ fields }: MaskRuleConfig): readonly ConfigMistake[] {
  return fields.flatMap((field, index) => {
    const wrong = explainOtherWays(field) ?? parsePathPattern(field)
    return typeof wrong === 'string' ? [{ path: `fields.${index}`, message: `it is no place of a field: ${wrong.replace(/\.$/, '')}` }] : []
  })
}

function explainSelectors ({ selectors = [] }: MaskRuleConfig): readonly ConfigMistake[] {
  return selectors.flatMap((selector, index) => {
    try {
      cssSelect().compile(selector)
      return []
    } catch {
      return [{ path: `selectors.${index}`, message: 'it is no CSS selector: write td.ssn, #ssn or input[name=ssn]' }]
    }
  })
}

/** The same field, or everything, in a rule above for the same roles, records and kinds: this one would look like protection and be none. */
function findUnreached (rules: readonly MaskRuleConfig[]): readonly ConfigMistake[] {
  const covers = (above: readonly string[] | undefined, below: readonly string[] | undefined) => above === undefined || (below?.every(name => above.includes(name)) ?? false)
  return rules.flatMap((rule, index) => rule.fields.flatMap((field, at) => {
    const above = rules.findIndex((other, place) => place < index && other.mode !== 'report' && (other.fields.includes(field) || other.fields.includes('**')) &&
      covers(other.roles, rule.roles) && covers(other.records, rule.records) && covers(other.kinds, rule.kinds))
    return above === -1 ? [] : [{ path: `rules.${index}.fields.${at}`, message: `masking.rules[${above}] stands above it and decides about this field: put the narrower one first, or take one away` }]
  }))
}
