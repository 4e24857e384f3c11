// Rewrites one readable answer: what a rule names becomes what the rule leaves of it, everything else stays byte for byte. What is inside a text as JSON is opened.
import { generalise, Hold, isDataName, maskOf, rewriteMessage, type LeafType, type Spot, type Tokens, type Visitor } from '../../phi/phi.ts'
import type { Aliases, FieldRule, MaskPlace, MaskPlan } from './plan.ts'

export interface MaskDeps {
  readonly tokens: Tokens
  /** Milliseconds since 1970. */
  readonly now: number
  /** Names in a GraphQL answer that stand for others. */
  readonly aliases?: Aliases | undefined
}

export interface Masked {
  readonly body: Buffer
  /** How often each rule changed something. */
  readonly counts: ReadonlyMap<FieldRule, number>
}

/** JSON in JSON in JSON: deeper than this a text is a text. */
const mostLayers = 4
const deepest = 256
const keptEnd = /^\*{3}[A-Za-z0-9]{4}$/

class MaskVisitor implements Visitor {
  readonly deepest = deepest
  readonly counts = new Map<FieldRule, number>()
  readonly #deps: MaskDeps
  #layers = 0

  constructor (deps: MaskDeps) {
    this.#deps = deps
  }

  leaf (place: MaskPlace, value: string, type: LeafType): string | null | undefined {
    const { rule } = place
    if (rule === undefined) return type === 'string' && place.goesOn ? this.#open(place, value) : undefined
    const left = type === 'string' ? this.#leaveOf(rule, value) : rule.action === 'hide' ? null : this.#leaveOfNumber(rule, value, type)
    if (left === value) return undefined
    this.#count(rule)
    return left
  }

  key (parent: MaskPlace, name: string, ordinal: number): string | undefined {
    return parent.rule === undefined || parent.knows(name) || /^redacted-\d{1,6}$/.test(name) || !isDataName(name) ? undefined : `redacted-${ordinal}`
  }

  enter ({ rule, hasExceptions }: MaskPlace): boolean {
    if (rule?.action !== 'hide' || hasExceptions) return true
    this.#count(rule)
    return false
  }

  nothing ({ rule }: MaskPlace): boolean {
    if (rule?.action !== 'hide') return true
    this.#count(rule)
    return false
  }

  removed (): void { /* a comment that nobody reads */ }

  #count (rule: FieldRule): void {
    this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1)
  }

  #leaveOf ({ action, kind, to }: FieldRule, value: string): string | null {
    switch (action) {
      case 'hide': return null
      case 'last4': {
        const letters = value.replace(/[^\p{L}\p{N}]/gu, '')
        if (keptEnd.test(value)) return value
        return letters.length < 8 ? maskOf(kind) : `***${[...letters].slice(-4).join('')}`
      }
      case 'token': return value === '' ? maskOf(kind) : this.#deps.tokens.tokenOf(kind, value)
      case 'generalise': return generalise(to, value, { isNumber: false, thisYear: new Date(this.#deps.now).getUTCFullYear() }) ?? maskOf(kind)
      default: return maskOf(kind)
    }
  }

  /** A number or true and false: null, which nobody takes for a balance or an answer. */
  #leaveOfNumber ({ action, to }: FieldRule, value: string, type: LeafType): string {
    if (action !== 'generalise' || type !== 'number') return 'null'
    return generalise(to, value, { isNumber: true, thisYear: new Date(this.#deps.now).getUTCFullYear() }) ?? 'null'
  }

  #open (place: MaskPlace, value: string): string | undefined {
    if (this.#layers >= mostLayers || !/^\s*[[{]/.test(value)) return undefined
    this.#layers += 1
    try {
      const body = Buffer.from(value)
      const out = rewriteMessage({ type: 'application/json', body }, jsonType, { visitor: this, root: place })
      return out.equals(body) ? undefined : out.toString()
    } catch (error) {
      if (error instanceof Hold && error.reason === 'notJson') return undefined
      throw error
    } finally {
      this.#layers -= 1
    }
  }
}

type Media = Parameters<typeof rewriteMessage>[1]

const jsonType: Media = {
  format: 'json',
  charset: 'utf-8',
  boundary: '',
  decode: bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
  encode: text => Buffer.from(text),
}

/** Throws a Hold for what cannot be read in one way. */
export function maskFields (content: { readonly body: Buffer, readonly type: string, readonly media: Media }, plan: MaskPlan, deps: MaskDeps): Masked {
  const visitor = new MaskVisitor(deps)
  const root: Spot = plan.root(deps.aliases)
  return { body: rewriteMessage(content, content.media, { visitor, root }), counts: visitor.counts }
}
