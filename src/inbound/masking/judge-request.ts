// What a request about a record with masked fields may say: it may not search or sort by such a field, and may not set one. It looks at every place of query and body,
// whatever it is called, because nobody knows which of them the CRM reads.
import { Hold, itemName, readMediaType, rewriteMessage, type LeafType, type MediaType, type Spot, type Visitor } from '../../phi/start.ts'
import type { MaskingConfig } from './config.ts'
import { decodePercent, foldName, isFieldName, layersOf, mentionsField, namesField } from './field-names.ts'
import { findDocuments, isDocument, judgeDocument, type DocumentWay } from './judge-document.ts'
import type { Aliases, MaskedRecord, MaskPlan } from './plan.ts'
import type { maskingReasons } from './reasons.ts'
import { Refused } from './refused.ts'

export interface MaskedRequest {
  /** What it is about. */
  readonly records: readonly MaskedRecord[]
  readonly query: string
  /** Undefined: there is none. One character for each byte. */
  readonly content: { readonly text: string, readonly type: string | undefined, readonly coding: string | undefined } | undefined
}

export type RequestVerdict =
  | { readonly refused: keyof typeof maskingReasons.table }
  | {
    readonly refused: undefined
    /** Given when the content has to be another. One character for each byte. */
    readonly content: string | undefined
    readonly aliases: Aliases
  }

const writing: ReadonlySet<string> = new Set(['create', 'update'])
/** Members by which a change says which field it is about: JSON Patch (RFC 6902) and its relatives. */
const naming: ReadonlySet<string> = new Set(['path', 'from', 'field', 'attribute', 'property', 'column', 'key', 'name'])
/** Members by which a change says which records it is about: what stands there is no new value. */
const asking = /^(?:where|filters?|quer(?:y|ies)|criteria|conditions?|search|sqlfilters|having|(?:order|sort|group)_?(?:by)?)$/i

interface SearchPlaces {
  /** Where words to be looked for stand, and everything below. */
  isText (place: string): boolean
  readonly columns: ReadonlySet<string>
  readonly looksAtMasked: boolean
  /** What an argument of GraphQL is called that has such words; folded. */
  readonly textNames: ReadonlySet<string>
}

/** Places are compared by all of their names: `query.filter.name` is `filter[name]` too. */
const foldPlace = (names: readonly string[]) => names.filter(name => name !== itemName && !/^\d*$/.test(name)).map(foldName).join('.')

function findPlaces (searches: MaskingConfig['searches'], { records }: MaskedRequest, plan: MaskPlan): SearchPlaces {
  const about = searches.filter(search => records.some(({ type }) => search.records.includes(type)))
  const fold = (places: readonly string[]) => new Set(places.map(place => foldPlace(place.split('.'))))
  const text = fold(about.flatMap(search => search.text))
  const wider = [...text].map(place => `${place}.`)
  return {
    isText: place => text.has(place) || wider.some(start => place.startsWith(start)),
    textNames: new Set([...text].map(place => place.slice(place.lastIndexOf('.') + 1))),
    columns: fold(about.flatMap(search => search.columns)),
    looksAtMasked: about.some(search => search.over.some(name => plan.masksName(foldName(name)))),
  }
}

/** A place in the query or the body. */
class RequestSpot implements Spot {
  readonly isNamed = true
  readonly names: readonly string[]
  /** It, or something around it, has the name of a masked field. */
  readonly isMasked: boolean
  readonly #plan: MaskPlan
  readonly #isWrite: boolean

  constructor ({ plan, isWrite }: { readonly plan: MaskPlan, readonly isWrite: boolean }, names: readonly string[], isMasked: boolean) {
    this.#plan = plan
    this.#isWrite = isWrite
    this.names = names
    this.isMasked = isMasked
  }

  /** A search may wrap the name in words of its own, a change may not. */
  #isMaskedName (name: string): boolean {
    return this.#isWrite ? isFieldName(name, this.#plan.masksName) : mentionsField(name, this.#plan.masksName)
  }

  child (name: string): RequestSpot {
    return new RequestSpot({ plan: this.#plan, isWrite: this.#isWrite }, [...this.names, name], this.isMasked || (name !== itemName && this.#isMaskedName(name)))
  }
}

interface Way extends DocumentWay {
  readonly places: SearchPlaces
  readonly removes: boolean
}

/** Names with signs between them, and nothing that would have the field under another name in the answer: `kept:ssn`, `ssn as kept`, `ssn.max()`. */
const plainList = /^(?!.*\bas\b)[\p{L}\p{N}\s_.,*"[\]+-]*$/iu

class RequestVisitor implements Visitor {
  readonly deepest = 64
  readonly #way: Way

  constructor (way: Way) {
    this.#way = way
  }

  leaf (spot: RequestSpot, value: string, type: LeafType): null | undefined {
    if (!this.nothing(spot)) return null
    const { places, isWrite, plan } = this.#way
    const place = foldPlace(spot.names)
    // A document of GraphQL, wherever it stands.
    const hasDocument = type === 'string' && isDocument(value)
    if (hasDocument) judgeDocument(value, this.#way)
    if (places.isText(place)) {
      if (places.looksAtMasked && value.trim() !== '') throw new Refused('masking.search')
      return undefined
    }
    if (type !== 'string') return undefined
    if (places.columns.has(place)) {
      if (layersOf(value).some(layer => !plainList.test(layer) && namesField(layer, plan.masksName))) throw new Refused('masking.search')
      return undefined
    }
    if (isWrite && !hasDocument) this.#judgeNewValue(spot, value)
    else if (!isWrite && mentionsField(value, plan.masksName)) throw new Refused('masking.search')
    return undefined
  }

  #judgeNewValue ({ names }: RequestSpot, value: string): void {
    const { masksName } = this.#way.plan
    if (names.some(name => asking.test(name)) && mentionsField(value, masksName)) throw new Refused('masking.search')
    if (naming.has(names.at(-1)?.toLowerCase() ?? '') && isFieldName(value, masksName)) throw new Refused('masking.write')
  }

  enter (spot: RequestSpot): boolean {
    return this.nothing(spot)
  }

  nothing (spot: RequestSpot): boolean {
    if (!spot.isMasked || this.#way.places.columns.has(foldPlace(spot.names))) return true
    if (!this.#way.isWrite) throw new Refused('masking.search')
    if (!this.#way.removes) throw new Refused('masking.write')
    return false
  }

  key (): undefined { /* names are judged by what stands below them */ }
  removed (): void { /* nothing is removed from a form or from JSON */ }
}

const readable: ReadonlySet<string> = new Set(['json', 'form', 'multipart'])

function readType (type: string | undefined): MediaType | undefined {
  try {
    const media = readMediaType(type ?? '')
    return media?.charset === 'utf-8' && readable.has(media.format) ? media : undefined
  } catch {
    return undefined
  }
}

/** Never throws. */
export function judgeRequest (request: MaskedRequest, plan: MaskPlan, { searches, writes }: Pick<MaskingConfig, 'searches' | 'writes'>): RequestVerdict {
  const isWrite = request.records.every(({ kind }) => writing.has(kind))
  const places = findPlaces(searches, request, plan)
  const aliases: DocumentWay['aliases'] = new Map()
  try {
    judgeQuery(request.query, { plan, places, aliases })
    const content = judgeContent(request.content, { plan, places, isWrite, removes: writes === 'remove', aliases, isTextName: textNameTest(places) })
    return { refused: undefined, content, aliases }
  } catch (error) {
    if (error instanceof Refused) return { refused: error.code }
    if (error instanceof Hold || error instanceof RangeError) return { refused: 'masking.contentUnreadable' }
    throw error
  }
}

function textNameTest ({ looksAtMasked, textNames }: SearchPlaces): DocumentWay['isTextName'] {
  return name => looksAtMasked && textNames.has(foldName(name))
}

/** Whatever the request does: nothing in a query is a field's new value only. */
function judgeQuery (query: string, { plan, places, aliases }: Pick<Way, 'plan' | 'places' | 'aliases'>): void {
  const way: Way = { plan, places, isWrite: false, removes: false, aliases, isTextName: textNameTest(places) }
  const visitor = new RequestVisitor(way)
  // A stored document: nobody can read what it asks.
  if (layersOf(query).some(layer => /persisted_?query/i.test(layer))) throw new Refused('masking.contentUnreadable')
  const rest = query.split('&').filter(part => {
    const document = decodePercent((/^query=(.*)$/i.exec(part)?.[1] ?? '').replaceAll('+', ' '))
    // What is no document could be a filter in some language of the CRM's: it is looked through like the rest.
    if (!isDocument(document)) return true
    judgeDocument(document, way)
    return false
  }).join('&')
  for (const part of rest.split(/[&;]/)) {
    // No UTF-8: each server has a code page of its own, and names of fields are ASCII in all of them.
    const form = part.replace(/(?:%[0-9A-Fa-f]{2})+|%/g, escapes => encodeURIComponent(decodePercent(escapes)))
    rewriteMessage({ type: formType, body: Buffer.from(form) }, readType(formType) as MediaType, { visitor, root: new RequestSpot({ plan, isWrite: false }, ['query'], false) })
  }
}

const formType = 'application/x-www-form-urlencoded'

/** The content that goes on instead; undefined: it goes on as it is. */
function judgeContent (content: MaskedRequest['content'], way: Way): string | undefined {
  if (content === undefined || content.text === '') return undefined
  const media = readType(content.type)
  if (media === undefined || (content.coding ?? 'identity').toLowerCase() !== 'identity') throw new Refused('masking.contentUnreadable')
  const body = Buffer.from(content.text, 'latin1')
  if (media.format === 'multipart') {
    // Read only: files go on as they came, so a field of it is refused and never taken out.
    rewriteMessage({ type: content.type ?? '', body }, media, { visitor: new RequestVisitor({ ...way, removes: false }), root: new RequestSpot(way, ['body'], false) })
    return undefined
  }
  const visitor = new RequestVisitor(way)
  const root = new RequestSpot(way, ['body'], false)
  const documents = media.format === 'json' ? findDocuments(parse(media.decode(body))) : undefined
  if (documents === undefined) {
    const out = rewriteMessage({ type: content.type ?? '', body }, media, { visitor, root }).toString('latin1')
    return out === content.text ? undefined : out
  }
  for (const { query, rest } of documents) {
    judgeDocument(query, way)
    // A field of the variables cannot be taken out: the document would still set it.
    const strict = new RequestVisitor({ ...way, removes: false })
    rewriteMessage({ type: 'application/json', body: Buffer.from(JSON.stringify(rest)) }, media, { visitor: strict, root })
  }
  return undefined
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new Refused('masking.contentUnreadable')
  }
}
