// One HTML page, or a piece of one, by selectors: what a selector finds is masked at its place in the source, every other byte stays. What was masked is looked for in the rest of
// the page too, and the page is looked at again before it goes.
import { selectAll } from 'css-select'
import { Hold, maskOf } from '../../phi/start.ts'
import { addCount, type Counts } from './counts.ts'
import { createKnownValues, type KnownValues } from './known-values.ts'
import { leaveOf, type MaskDeps } from './mask-fields.ts'
import { parsePage, type PageNode, type ParsedPage, type Range } from './parse-page.ts'
import { createInside, type Inside } from './inside-page.ts'
import { combine, type FieldRule, type MaskPlan } from './plan.ts'

interface Edit { readonly start: number, readonly end: number, readonly text: string }

/** Texts that are one value: those in one element that a selector found. */
interface Group { readonly rule: FieldRule, readonly texts: PageNode[] }

/** What a rule found around or at a node: for each record, for each role. */
type Rules = readonly (readonly (FieldRule | undefined)[])[]

/** A node whose turn has not come, and what was found around it. */
interface Open { readonly node: PageNode, readonly rules: Rules, readonly group: PageNode | undefined }

/** Attributes that say how something looks or works, not what it says. They are looked through for masked values all the same. */
const plainAttributes = /^(?:class|id|type|name|for|role|scope|colspan|rowspan|tabindex|dir|lang|hidden|disabled|readonly|required|checked|selected|method|enctype|autocomplete|rows|cols|size|maxlength|width|height|align)$/
const code: ReadonlySet<string> = new Set(['script', 'style'])

const encodeText = (text: string) => text.replace(/[&<>]/g, letter => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[letter] ?? letter)
const encodeAttribute = (name: string, value: string) => `${name}="${encodeText(value).replaceAll('"', '&quot;')}"`
const plain = (text: string) => text.replace(/\s+/g, ' ').trim()

class PageMasker {
  readonly counts = new Map<FieldRule, number>()
  readonly #plan: MaskPlan
  readonly #deps: MaskDeps
  readonly #edits: Edit[] = []
  readonly #known: KnownValues = createKnownValues()
  readonly #groups = new Map<PageNode, Group>()
  /** What no selector found: to be looked through when all values are known. */
  readonly #rest: PageNode[] = []
  readonly #inside: Inside

  constructor (plan: MaskPlan, deps: MaskDeps, layer: number) {
    this.#plan = plan
    this.#deps = deps
    this.#inside = createInside(plan, deps, {
      counts: this.counts,
      // Each page in a page is parsed by itself; nobody nests them deeper.
      maskPage: text => {
        if (layer >= mostLayers) throw new Hold('tooDeep')
        return maskPage(text, plan, deps, layer + 1)
      },
    })
  }

  run (text: string): string {
    const { selectors } = this.#plan
    if (selectors === undefined) throw new Hold('noPolicy')
    const page = parsePage(text)
    const { root } = page
    if (hasDroppedField(text, page, selectors.flat(2))) throw new Hold('notStable')
    const roots = listRoots(root)
    const found = selectors.map(world => world.map(rules => findElements(roots, rules)))
    this.#walk(root, found)
    for (const group of this.#groups.values()) this.#maskGroup(group)
    for (const node of this.#rest) this.#sweep(node)
    const out = applyEdits(text, this.#edits)
    if (this.#edits.length > 0 && this.#known.hasTelling(decodeEntities(out))) throw new Hold('notStable')
    return out
  }

  #walk (root: PageNode, found: readonly (readonly ReadonlyMap<PageNode, FieldRule>[])[]): void {
    const open: Open[] = [{ node: root, rules: found.map(world => world.map(() => undefined)), group: undefined }]
    for (let here = open.pop(); here !== undefined; here = open.pop()) {
      const { node } = here
      const isFound = found.some(world => world.some(elements => elements.has(node)))
      const rules = isFound ? here.rules.map((world, at) => world.map((rule, role) => earlier(rule, found[at]?.[role]?.get(node)))) : here.rules
      const rule = combine(rules)
      const group = rule === undefined ? undefined : isFound || here.group === undefined ? node : here.group
      this.#take(node, rule, group)
      for (const child of [...node.children ?? []].reverse()) open.push({ node: child, rules, group })
    }
  }

  #take (node: PageNode, rule: FieldRule | undefined, group: PageNode | undefined): void {
    if (rule === undefined || group === undefined) {
      this.#rest.push(node)
      return
    }
    if (node.type === 'comment') this.#replace(node.sourceCodeLocation, '')
    if (node.attribs !== undefined) this.#maskAttributes(node, rule)
    if (node.type !== 'text') return
    const known = this.#groups.get(group)
    if (known === undefined) this.#groups.set(group, { rule, texts: [node] })
    else known.texts.push(node)
  }

  #maskAttributes (node: PageNode, rule: FieldRule): void {
    for (const [name, value] of Object.entries(node.attribs ?? {})) {
      if (plainAttributes.test(name)) {
        this.#sweepAttributeLater(node)
        continue
      }
      if (value.trim() === '') continue
      const left = name === 'value' || name === 'content' ? leaveOf(rule, plain(value), this.#deps) ?? '' : ''
      this.#known.add(value, maskOf(rule.kind))
      if (name === 'value' || name === 'content') addCount(this.counts, rule)
      this.#replace(node.sourceCodeLocation?.attrs?.[name], encodeAttribute(name, left))
    }
  }

  readonly #plainOnly = new Set<PageNode>()
  #sweepAttributeLater (node: PageNode): void {
    if (this.#plainOnly.has(node)) return
    this.#plainOnly.add(node)
    this.#rest.push(node)
  }

  #maskGroup ({ rule, texts }: Group): void {
    const value = plain(texts.map(text => text.data ?? '').join(''))
    if (value === '') return
    const left = leaveOf(rule, value, this.#deps) ?? ''
    this.#known.add(value, maskOf(rule.kind))
    addCount(this.counts, rule)
    const first = texts.find(text => (text.data ?? '').trim() !== '')
    for (const text of texts) if ((text.data ?? '').trim() !== '') this.#replace(text.sourceCodeLocation, text === first ? encodeText(left) : '')
  }

  #sweep (node: PageNode): void {
    this.#sweepAttributes(node)
    const text = node.data ?? ''
    if (node.type === 'comment' && (this.#known.has(text) || this.#inside.isInComment(text))) this.#replace(node.sourceCodeLocation, '')
    if (node.type === 'text') this.#sweepText(node, text)
  }

  #sweepAttributes (node: PageNode): void {
    const isPlainOnly = this.#plainOnly.has(node)
    for (const [name, value] of Object.entries(node.attribs ?? {})) {
      if (isPlainOnly && !plainAttributes.test(name)) continue
      const inside = this.#inside.ofAttribute(name, value)
      const left = this.#known.takeOut(inside ?? value) ?? inside
      if (left !== undefined) this.#replace(node.sourceCodeLocation?.attrs?.[name], encodeAttribute(name, left))
    }
  }

  #sweepText (node: PageNode, text: string): void {
    const { name = '', attribs } = node.parent ?? {}
    const isCode = code.has(name)
    const inside = isCode ? this.#inside.ofScript(attribs?.['type'] ?? '', text) : this.#inside.ofText(text)
    const left = (isCode ? this.#known.takeOutOfCode(inside ?? text) : this.#known.takeOut(inside ?? text)) ?? inside
    if (left !== undefined) this.#replace(node.sourceCodeLocation, isCode ? left : encodeText(left))
  }

  /** What the parser made up has no place in the source, and needs no change. */
  #replace (range: Range | null | undefined, text: string): void {
    if (range !== null && range !== undefined) this.#edits.push({ start: range.startOffset, end: range.endOffset, text })
  }
}

/** No page that was written for people has more. */
const mostDropped = 1000
/** Pages in pages. */
const mostLayers = 3

/** A tag that the parser dropped, and that a selector is about: what it holds is text of something else now. */
function hasDroppedField (text: string, { root, startTags }: ParsedPage, rules: readonly FieldRule[]): boolean {
  const kept = new Set(listNodes(root).map(node => node.sourceCodeLocation?.startOffset))
  const dropped = startTags.filter(tag => !kept.has(tag.startOffset))
  if (dropped.length > mostDropped) return true
  const roots = dropped.map(tag => parsePage(`<template>${text.slice(tag.startOffset, tag.endOffset)}`).root).flatMap(listRoots)
  return rules.some(rule => select(lastPart(rule.field), roots).length > 0)
}

/** Of a selector what is about the element itself. */
function lastPart (selector: string): string {
  const parts = selector.match(/(?:\[[^\]]*\]|\((?:[^()]|\([^()]*\))*\)|[^\s>+~])+/g)
  return parts?.at(-1) ?? selector
}

function listNodes (root: PageNode): readonly PageNode[] {
  const all = [root]
  for (const node of all) all.push(...node.children ?? [])
  return all
}

/** The page, and the content of each <template>, which is a document of its own. */
function listRoots (root: PageNode): readonly PageNode[] {
  return listNodes(root).filter(node => node === root || node.type === 'root')
}

function select (selector: string, roots: readonly PageNode[]): readonly PageNode[] {
  return roots.flatMap(root => selectAll(selector, root as never) as unknown as readonly PageNode[])
}

function findElements (roots: readonly PageNode[], rules: readonly FieldRule[]): ReadonlyMap<PageNode, FieldRule> {
  const found = new Map<PageNode, FieldRule>()
  for (const rule of rules) {
    for (const element of select(rule.field, roots)) if (!found.has(element)) found.set(element, rule)
  }
  return found
}

function earlier (one: FieldRule | undefined, other: FieldRule | undefined): FieldRule | undefined {
  return one === undefined || (other !== undefined && other.order < one.order) ? other : one
}

/** Throws a Hold where two changes meet: the source was not what the parser made of it. */
function applyEdits (text: string, edits: readonly Edit[]): string {
  let out = ''
  let at = 0
  for (const { start, end, text: instead } of [...edits].sort((one, other) => one.start - other.start || one.end - other.end)) {
    if (start < at) throw new Hold('notStable')
    out += text.slice(at, start) + instead
    at = end
  }
  return out + text.slice(at)
}

function decodeEntities (text: string): string {
  return text.replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi, (_whole, hexadecimal?: string, decimal?: string) => {
    const point = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ''
  })
}

/** Throws a Hold for a page that cannot be masked. */
export function maskPage (text: string, plan: MaskPlan, deps: MaskDeps, layer = 0): { readonly text: string, readonly counts: Counts } {
  const masker = new PageMasker(plan, deps, layer)
  return { text: masker.run(text), counts: masker.counts }
}
