// Rewrites one readable answer: what a rule names becomes what the rule leaves of it, everything else stays byte for byte. What is inside a text as JSON is opened.
import { generalise, Hold, isDataName, itemName, maskOf, rewriteMessage, type LeafType, type Tokens, type Visitor } from '../../phi/start.ts'
import { addCount, addCounts, type Counts } from './counts.ts'
import { foldName, namesField } from './field-names.ts'
import type { Aliases, FieldRule, MaskPlace, MaskPlan, Resolve } from './plan.ts'

export interface MaskDeps {
  readonly tokens: Tokens
  /** Milliseconds since 1970. */
  readonly now: number
  /** Names in a GraphQL answer that stand for others. */
  readonly aliases?: Aliases | undefined
  /** For a page, or a piece of one, that stands in a text of JSON. Throws a Hold for one that cannot be masked. */
  readonly maskMarkup?: ((text: string) => { readonly text: string, readonly counts: Counts }) | undefined
}

export interface Masked {
  readonly body: Buffer
  readonly counts: Counts
}

/** JSON in JSON in JSON: deeper than this a text is a text. */
const mostLayers = 4
const deepest = 256
const keptEnd = /^\*{3}[A-Za-z0-9]{4}$/

/** What a rule leaves of a text; null for nothing. */
export function leaveOf ({ action, kind, to }: FieldRule, value: string, { tokens, now }: Pick<MaskDeps, 'tokens' | 'now'>): string | null {
  switch (action) {
    case 'hide': return null
    case 'last4': {
      const letters = value.replace(/[^\p{L}\p{N}]/gu, '')
      if (keptEnd.test(value)) return value
      return letters.length < 8 ? maskOf(kind) : `***${[...letters].slice(-4).join('')}`
    }
    case 'token': return value === '' ? maskOf(kind) : tokens.tokenOf(kind, value)
    case 'generalise': return generalise(to, value, { isNumber: false, thisYear: new Date(now).getUTCFullYear() }) ?? maskOf(kind)
    default: return maskOf(kind)
  }
}

class MaskVisitor implements Visitor {
  readonly deepest = deepest
  readonly counts = new Map<FieldRule, number>()
  readonly #deps: MaskDeps
  /** Of CSV: the rule for a column that a cell names, when there is one. */
  readonly #headed: ((cell: string) => FieldRule | undefined) | undefined
  /** Columns that have a heading further down. */
  readonly #columns = new Map<MaskPlace, FieldRule>()
  #layers = 0

  constructor (deps: MaskDeps, headed?: (cell: string) => FieldRule | undefined) {
    this.#deps = deps
    this.#headed = headed
  }

  leaf (place: MaskPlace, value: string, type: LeafType): string | null | undefined {
    const rule = place.rule ?? (this.#headed === undefined ? undefined : this.#columns.get(place))
    const heading = rule === undefined ? this.#headed?.(value) : undefined
    if (heading !== undefined) this.#columns.set(place, heading)
    if (rule === undefined) return type === 'string' && place.goesOn ? this.#open(place, value) : undefined
    const left = type === 'string' ? leaveOf(rule, value, this.#deps) : rule.action === 'hide' ? null : this.#leaveOfNumber(rule, value, type)
    if (left === value) return undefined
    addCount(this.counts, rule)
    return left
  }

  key (parent: MaskPlace, name: string, ordinal: number): string | undefined {
    return parent.rule === undefined || parent.knows(name) || /^redacted-\d{1,6}$/.test(name) || !isDataName(name) ? undefined : `redacted-${ordinal}`
  }

  enter ({ rule, hasExceptions }: MaskPlace): boolean {
    if (rule?.action !== 'hide' || hasExceptions) return true
    addCount(this.counts, rule)
    return false
  }

  nothing ({ rule }: MaskPlace): boolean {
    if (rule?.action !== 'hide') return true
    addCount(this.counts, rule)
    return false
  }

  removed (): void { /* a comment that nobody reads */ }

  /** A number or true and false: null, which nobody takes for a balance or an answer. */
  #leaveOfNumber ({ action, to }: FieldRule, value: string, type: LeafType): string {
    if (action !== 'generalise' || type !== 'number') return 'null'
    return generalise(to, value, { isNumber: true, thisYear: new Date(this.#deps.now).getUTCFullYear() }) ?? 'null'
  }

  #openMarkup (value: string): string | undefined {
    const page = value.includes('<') && /<[a-z!]/i.test(value) ? this.#deps.maskMarkup?.(value) : undefined
    if (page === undefined || page.text === value) return undefined
    addCounts(this.counts, page.counts)
    return page.text
  }

  #open (place: MaskPlace, value: string): string | undefined {
    if (this.#layers >= mostLayers || !/^\s*[[{]/.test(value)) return this.#openMarkup(value)
    this.#layers += 1
    try {
      const body = Buffer.from(value)
      const out = rewriteMessage({ type: 'application/json', body }, jsonType, { visitor: this, root: place })
      return out.equals(body) ? undefined : out.toString()
    } catch (error) {
      if (error instanceof Hold && error.reason === 'notJson') return this.#openMarkup(value)
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

/** What a name may stand for beside itself: an alias of GraphQL, an attribute of XML, a column that is headed in words of its own. */
function createResolve (format: Media['format'], plan: MaskPlan, aliases: Aliases | undefined): Resolve | undefined {
  switch (format) {
    case 'xml': return namesInXml
    case 'csv': return name => name === itemName ? [name] : [name, ...namesInHeader(name, plan)]
    default: return aliases === undefined || aliases.size === 0 ? undefined : name => [name, ...aliases.get(name) ?? []]
  }
}

/** Throws a Hold for a page: its elements have no names of fields. */
function namesInXml (name: string): readonly string[] {
  if (name === 'html') throw new Hold('unknownType')
  return name.startsWith('@') ? [name, name.slice(1)] : [name]
}

/** Throws a Hold where the first row is somebody's data and no header, or a row is longer than it: then no column has a name. */
function namesInHeader (header: string, { names }: MaskPlan): readonly string[] {
  if (isDataName(header) || /^column-\d+$/.test(header)) throw new Hold('notCsv')
  return names.filter(name => name !== header && namesField(header, folded => folded === foldName(name)))
}

/** A text as JSON; undefined: it is none. Throws a Hold for JSON that cannot be read in one way. */
export function maskJson (text: string, plan: MaskPlan, deps: MaskDeps): { readonly text: string, readonly counts: Counts } | undefined {
  try {
    const { body, counts } = maskFields({ body: Buffer.from(text), type: 'application/json', media: jsonType }, plan, deps)
    return { text: counts.size === 0 ? text : body.toString(), counts }
  } catch (error) {
    if (error instanceof Hold && error.reason === 'notJson') return undefined
    throw error
  }
}

/** Throws a Hold for what cannot be read in one way. */
export function maskFields (content: { readonly body: Buffer, readonly type: string, readonly media: Media }, plan: MaskPlan, deps: MaskDeps): Masked {
  const root = plan.root(createResolve(content.media.format, plan, deps.aliases))
  // A title or another table can stand above the row that names the columns.
  const headed = (cell: string) => cell.length <= 64 && plan.masksName(foldName(cell)) ? root.child(itemName).child(cell).rule : undefined
  const visitor = new MaskVisitor(deps, content.media.format === 'csv' ? headed : undefined)
  return { body: rewriteMessage(content, content.media, { visitor, root }), counts: visitor.counts }
}
