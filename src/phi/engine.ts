// Decides about each leaf of one message: the rule for its path, what is packed into it, the prose chain. A message is read twice when it has prose: first for what its fields
// know, then to rewrite it. What no rule names is closed.
import { rewriteForm, splitFormName } from './form.ts'
import { generalise } from './generalise.ts'
import { Hold } from './hold.ts'
import { maskOf, type Kind } from './identifier-kinds.ts'
import { rewriteJson } from './json.ts'
import type { Deed, ManifestWriter } from './manifest.ts'
import { openLayer, type InnerFormat, type Layer } from './nested.ts'
import type { Place } from './place.ts'
import type { Policy, Rule } from './policy.ts'
import { findInText, isData, redactText, type Redacted } from './prose/chain.ts'
import { looksLikeHtml } from './prose/html-markup.ts'
import { findInHtml, redactHtml } from './prose/html.ts'
import { createKnownValues, type KnownValues } from './prose/known-values.ts'
import type { Tokens } from './tokens.ts'
import type { LeafType, Spot, Visitor } from './visitor.ts'
import { rewriteXml } from './xml.ts'

export interface EngineOptions {
  readonly policy: Policy
  readonly tokens: Tokens
  readonly manifest: ManifestWriter
  /** The year it is, for ages. */
  readonly thisYear: number
  /** What is found in a text of the message is looked for in its other texts too. */
  readonly learnsFromProse?: boolean
  /** The rules for a part that has a type of its own. Undefined: no parts have. Throws a Hold where other types are held. */
  readonly policyOfPart?: ((read: (visitor: Visitor, root: Spot) => void) => Policy) | undefined
  /** Throws a Hold when the message has had its share of the processor; asked before each leaf and each costly step. */
  checkTime (isCostly?: boolean): void
}

/** Packed in packed in packed …: deeper than this it is taken out. */
const mostLayers = 5
const keptEnd = /^\*{3}[A-Za-z0-9]{4}$/

/** Kinds of which a second appearance is the same thing again; dates and places are found by themselves. */
const learned: ReadonlySet<Kind> = new Set(['name', 'mrn', 'plan', 'account', 'licence', 'ssn', 'phone', 'email', 'other'])

/** The kind that a field without a rule most likely has, by its name: for finding its value in prose. */
function guessKind (name: string): Kind {
  return /(?:^|[a-z_ -])(?:first|last|full|given|family|middle|sur)?_?name$|^(?:firstname|lastname|patient|contact|owner|author|sender)$/i.test(name) ? 'name' : 'other'
}

function isNamedForm (text: string, place: Place): boolean {
  return [...new URLSearchParams(text).keys()].every(name => {
    let here = place
    for (const part of splitFormName(name)) here = here.child(part)
    return here.isNamed
  })
}

abstract class Walk implements Visitor {
  readonly deepest: number
  protected readonly options: EngineOptions
  protected layers = 0

  constructor (options: EngineOptions) {
    this.options = options
    this.deepest = options.policy.deepest
  }

  abstract leaf (place: Place, value: string, type: LeafType): string | null | undefined
  abstract key (parent: Place, name: string, ordinal: number): string | undefined
  abstract enter (place: Place): boolean
  abstract removed (place: Place): void

  within (place: Place, read: (visitor: Visitor, root: Spot) => void): Place {
    const { policyOfPart } = this.options
    return policyOfPart === undefined || place.parts?.value !== true ? place : place.under(policyOfPart(read))
  }

  /** What a leaf's text becomes when it is something packed; undefined when it is not. */
  protected open (place: Place, value: string): { readonly text: string } | 'binary' | undefined {
    const rule = place.rule
    const isProse = (rule?.action ?? this.options.policy.unknown) === 'prose'
    if (!isProse && !place.state.goesOn) return undefined
    const layer = openLayer(value)
    if (layer === undefined || layer === 'binary') return layer
    // A closed text with = and & in it is a form only where the policy knows all of its names.
    if (layer.format === 'form' && !isProse && !isNamedForm(layer.inner, place)) return undefined
    if (this.layers >= mostLayers) return 'binary'
    this.layers += 1
    try {
      return { text: layer.pack(this.#rewrite(layer, place)) }
    } catch (error) {
      // What only looked like the format is judged as the text that it is.
      if (error instanceof Hold && (error.reason === 'notJson' || error.reason === 'notForm' || error.reason === 'notXml')) return undefined
      throw error
    } finally {
      this.layers -= 1
    }
  }

  #rewrite ({ format, inner }: Layer, place: Place): string {
    const rewriters: Readonly<Record<InnerFormat, () => string>> = {
      json: () => rewriteJson(inner, this, place),
      form: () => rewriteForm(inner, this, place),
      xml: () => rewriteXml(inner, this, place),
      text: () => {
        const answer = this.leaf(place, inner, 'string')
        return answer === null ? '' : answer ?? inner
      },
    }
    return rewriters[format]()
  }
}

/** The first reading: nothing changes, the values of identifying fields are noted. */
export class CollectingWalk extends Walk {
  readonly known: KnownValues = createKnownValues()

  leaf (place: Place, value: string, type: LeafType): undefined {
    this.options.checkTime()
    const { rule } = place
    if (type === 'boolean' || value === '') return
    if (type === 'string' && this.open(place, value) !== undefined) return
    const action = rule?.action ?? this.options.policy.unknown
    if (action === 'prose' && this.options.learnsFromProse === true) this.#learn(value)
    if (action === 'keep' || action === 'prose') return
    const kind = rule?.kind !== undefined && rule.kind !== 'other' ? rule.kind : guessKind(place.shown)
    if (kind !== 'other' || (value.length <= 64 && /\d{4}/.test(value))) this.known.add(value, kind)
  }

  #learn (value: string): void {
    this.options.checkTime(true)
    for (const { kind, text } of (looksLikeHtml(value) ? findInHtml : findInText)(value, this.known)) if (learned.has(kind)) this.known.add(text, kind)
  }

  key (): undefined { /* names are judged in the second reading */ }
  enter (): boolean { return true }
  removed (): void { /* nobody reads a comment */ }
}

interface Change {
  readonly kind: Kind
  readonly deed: Deed
  readonly value: string
  /** What stands there now; null for nothing. */
  readonly text: string | null
}

interface Leaf {
  readonly value: string
  readonly type: LeafType
}

export class RedactingWalk extends Walk {
  readonly #known: KnownValues | undefined

  constructor (options: EngineOptions, known: KnownValues | undefined) {
    super(options)
    this.#known = known
  }

  leaf (place: Place, value: string, type: LeafType): string | null | undefined {
    this.options.checkTime()
    this.options.manifest.leaf()
    if (value === '') return undefined
    if (type === 'string') {
      const opened = this.open(place, value)
      if (opened === 'binary') return this.#change(place, { kind: 'other', deed: 'mask', value, text: maskOf('other') })
      if (opened !== undefined) return opened.text === value ? undefined : opened.text
    }
    const { rule } = place
    return rule === undefined ? this.#unknown(place, value, type) : this.#ruled(place, rule, { value, type })
  }

  key (parent: Place, name: string, ordinal: number): string | undefined {
    const child = parent.child(name)
    const isSafe = child.isNamed || (child.shown !== '*' && (this.#known?.find(name) ?? []).length === 0)
    if (isSafe || /^redacted-\d{1,6}$/.test(name)) return undefined
    this.options.manifest.change(parent, 'other', 'key')
    return `redacted-${ordinal}`
  }

  enter (place: Place): boolean {
    const action = place.rule?.action ?? (place.state.goesOn ? undefined : this.options.policy.unknown)
    if (action === 'hold') throw new Hold('byRule')
    if (action !== 'drop') return true
    this.options.manifest.change(place, place.rule?.kind ?? 'other', 'drop')
    return false
  }

  removed (place: Place): void {
    this.options.manifest.change(place, 'other', 'markup')
  }

  file (place: Place): boolean {
    const { rule } = place
    if ((rule?.action ?? this.options.policy.unknown) === 'hold') throw new Hold('byRule')
    if (rule?.action === 'release') { this.options.manifest.released(rule.kind); return true }
    this.options.manifest.change(place, rule?.kind ?? 'other', 'drop')
    return false
  }

  #change (place: Place, { kind, deed, value, text }: Change): string | null | undefined {
    if (text === value) return undefined
    this.options.manifest.change(place, kind, deed)
    return text
  }

  #mask (place: Place, kind: Kind, { value, type, deed = 'mask' }: { readonly value: string, readonly type: LeafType, readonly deed?: Deed }): string | null | undefined {
    const mask = maskOf(kind)
    // Two masks side by side: what stood between them was taken out.
    if (type === 'string' && value.startsWith(mask) && value.replaceAll(mask, '') === '') return undefined
    return this.#change(place, { kind, deed, value, text: type === 'string' ? mask : type === 'number' ? '0' : 'false' })
  }

  #unknown (place: Place, value: string, type: LeafType): string | null | undefined {
    switch (this.options.policy.unknown) {
      case 'drop': return this.#change(place, { kind: 'other', deed: 'drop', value, text: null })
      case 'hold': throw new Hold('byRule')
      case 'prose': return this.#prose(place, value, type)
      default: return this.#mask(place, 'other', { value, type })
    }
  }

  #ruled (place: Place, rule: Rule, { value, type }: { readonly value: string, readonly type: LeafType }): string | null | undefined {
    const { kind } = rule
    switch (rule.action) {
      case 'keep':
        if (!rule.passes(value)) return this.#mask(place, kind, { value, type, deed: 'broken' })
        if (kind !== 'other') this.options.manifest.released(kind)
        return undefined
      case 'release':
        this.options.manifest.released(kind)
        return undefined
      case 'drop': return this.#change(place, { kind, deed: 'drop', value, text: null })
      case 'hold': throw new Hold('byRule')
      case 'prose': return this.#prose(place, value, type)
      case 'last4': return this.#last4(place, kind, { value, type })
      case 'token': return this.#token(place, kind, { value, type })
      case 'generalise': {
        const text = generalise(rule.to, value, { isNumber: type === 'number', thisYear: this.options.thisYear })
        return text === undefined ? this.#mask(place, kind, { value, type }) : this.#change(place, { kind, deed: 'generalise', value, text })
      }
      default: return this.#mask(place, kind, { value, type })
    }
  }

  #last4 (place: Place, kind: Kind, { value, type }: Leaf): string | null | undefined {
    const letters = value.replace(/[^A-Za-z0-9]/g, '')
    if (type !== 'string' || (letters.length < 8 && !keptEnd.test(value))) return this.#mask(place, kind, { value, type })
    this.options.manifest.released(kind)
    return this.#change(place, { kind, deed: 'last4', value, text: keptEnd.test(value) ? value : `***${letters.slice(-4)}` })
  }

  #token (place: Place, kind: Kind, { value, type }: Leaf): string | null | undefined {
    if (type !== 'string') return this.#mask(place, kind, { value, type })
    if (value === maskOf(kind)) return undefined
    // A keyed token is derived from the person (45 CFR 164.514(c)(1)).
    if (this.options.policy.profile === 'minimum-necessary') this.options.manifest.released(kind)
    return this.options.tokens.isToken(value) ? undefined : this.#change(place, { kind, deed: 'token', value, text: this.options.tokens.tokenOf(kind, value) })
  }

  #prose (place: Place, value: string, type: LeafType): string | undefined {
    if (type === 'boolean') return undefined
    this.options.manifest.prose()
    const redacted: Redacted | undefined = (looksLikeHtml(value) ? redactHtml : redactText)(value, this.#known, () => { this.options.checkTime(true) })
    if (redacted === undefined) return undefined
    this.options.manifest.found(place, redacted.kinds)
    return type === 'number' ? '0' : redacted.text
  }
}

/** Names that are data stand neither in a path nor in a message. */
export function isDataName (name: string): boolean {
  return isData(name)
}
