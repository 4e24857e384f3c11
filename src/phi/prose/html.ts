// Takes identifiers out of HTML: what a reader sees is looked at as one text, whatever tags cut it up; what no reader sees
// (comments, scripts, unknown tags and attributes) is taken out.
import { applyEdits, type Edit } from '../edits.ts'
import { maskOf, type Kind } from '../identifier-kinds.ts'
import { detect, findInText, repeatUntilClean, redactText, type FoundText, type Redacted } from './chain.ts'
import { readHtml, type HtmlAttribute, type HtmlPart } from './html-markup.ts'
import type { KnownValues } from './known-values.ts'
import type { Span } from './span.ts'

const toSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
/** Tags that begin a new line for the reader; all others cut up one text. */
const blocks = toSet(`address article aside blockquote body br caption center col colgroup dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head
 header hr html label legend li link main menu meta nav ol optgroup option p pre section select summary table tbody td tfoot th thead title tr ul`)
const inline = toSet(`a abbr acronym b base bdi bdo big button cite code data del dfn em font i img input ins kbd mark meter output picture progress q rp rt ruby s samp small source
 span strike strong sub sup textarea time tt u var wbr svg g path rect circle line polyline polygon text tspan defs area map audio video`)
const proseAttributes = toSet('alt title aria-label aria-description placeholder summary label')
const addressAttributes = toSet('href src action cite background poster data longdesc formaction srcset ping xlink:href')
const plainAttributes = toSet(`align valign width height colspan rowspan border cellpadding cellspacing dir lang type target rel bgcolor color size face start span scope method
 disabled checked selected readonly multiple hidden role charset nowrap style viewbox fill stroke d points x y cx cy r`)

const plainValue = /^[a-z0-9 .,:;%#()+-]{0,300}$/i
const hasNumber = /(?<![#0-9a-fA-F])\d{5}|\d{3}[ .-]\d{2,4}[ .-]?\d{2,4}|url|\d{4}-\d/i

interface AttributeChange {
  readonly edit: Edit
  readonly kinds: readonly Kind[]
}

function attributeEdit ({ name, value, start, end, valueStart, valueEnd }: HtmlAttribute, known: KnownValues | undefined): AttributeChange | undefined {
  if (value === '') return proseAttributes.has(name) || addressAttributes.has(name) || plainAttributes.has(name) ? undefined : { edit: { start, end, text: '' }, kinds: [] }
  if (addressAttributes.has(name)) return value === '#' ? undefined : { edit: { start: valueStart, end: valueEnd, text: '#' }, kinds: ['url'] }
  if (proseAttributes.has(name)) {
    const redacted = redactText(value, known)
    return redacted === undefined ? undefined : { edit: { start: valueStart, end: valueEnd, text: redacted.text }, kinds: redacted.kinds }
  }
  const isPlain = plainAttributes.has(name) && plainValue.test(value) && !hasNumber.test(value) && (/^(?:d|points|viewbox)$/.test(name) || detect(value, known).length === 0)
  return isPlain ? undefined : { edit: { start, end, text: '' }, kinds: ['other'] }
}

interface Segment { readonly flow: number, readonly source: number, readonly length: number }

interface Reading {
  flow: string
  readonly segments: Segment[]
  readonly edits: Edit[]
  readonly kinds: Kind[]
}

function readPart (part: HtmlPart, text: string, reading: Reading, known: KnownValues | undefined): void {
  if (part.type === 'text') {
    reading.segments.push({ flow: reading.flow.length, source: part.start, length: part.end - part.start })
    reading.flow += text.slice(part.start, part.end)
    return
  }
  if (part.type === 'doctype') return
  const isKnown = part.type === 'tag' && (blocks.has(part.name) || inline.has(part.name))
  if (part.type === 'removed' || !isKnown) {
    reading.edits.push({ start: part.start, end: part.end, text: '' })
    if (part.type === 'removed') reading.kinds.push('other')
    return
  }
  if (blocks.has(part.name)) reading.flow += '\n'
  for (const attribute of part.attributes) {
    const change = attributeEdit(attribute, known)
    if (change === undefined) continue
    reading.edits.push(change.edit)
    reading.kinds.push(...change.kinds)
  }
}

/** A finding as edits: its first piece becomes the mask, its other pieces go; the tags between them stay. */
function spanEdits (segments: readonly Segment[], span: Span, from: number): { readonly edits: readonly Edit[], readonly next: number } {
  const edits: Edit[] = []
  let index = from
  while (index < segments.length && (segments[index] as Segment).flow + (segments[index] as Segment).length <= span.start) index += 1
  const next = index
  for (; index < segments.length && (segments[index] as Segment).flow < span.end; index++) {
    const { flow, source, length } = segments[index] as Segment
    const [start, end] = [Math.max(span.start, flow) - flow + source, Math.min(span.end, flow + length) - flow + source]
    if (end > start) edits.push({ start, end, text: edits.length === 0 ? maskOf(span.kind) : '' })
  }
  return { edits, next }
}

function cutOut (text: string, known: KnownValues | undefined): Redacted | undefined {
  const reading: Reading = { flow: '', segments: [], edits: [], kinds: [] }
  for (const part of readHtml(text)) readPart(part, text, reading, known)
  let from = 0
  for (const span of detect(reading.flow, known)) {
    const { edits, next } = spanEdits(reading.segments, span, from)
    reading.edits.push(...edits)
    reading.kinds.push(span.kind)
    from = next
  }
  if (reading.edits.length === 0) return undefined
  return { text: applyEdits(text, reading.edits.sort((left, right) => left.start - right.start)), kinds: reading.kinds }
}

/** What is found in the text that a reader sees. */
export function findInHtml (text: string, known: KnownValues): readonly FoundText[] {
  const reading: Reading = { flow: '', segments: [], edits: [], kinds: [] }
  for (const part of readHtml(text)) if (part.type === 'text' || (part.type === 'tag' && blocks.has(part.name))) readPart(part.type === 'tag' ? { ...part, attributes: [] } : part, text, reading, undefined)
  return findInText(reading.flow, known)
}

/** Undefined when there is nothing to take out. Throws a Hold for what never comes to rest. */
export function redactHtml (text: string, known?: KnownValues, beforeRound?: () => void): Redacted | undefined {
  return repeatUntilClean(text, current => {
    beforeRound?.()
    return cutOut(current, known)
  })
}
