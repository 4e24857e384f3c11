// What a request about a record with masked fields may say: it may not search or sort by such a field, and may not set one. It looks at every place of query and body,
// whatever it is called, because nobody knows which of them the CRM reads.
import { Hold, itemName, readMediaType, rewriteMessage, type LeafType, type MediaType, type Spot, type Visitor } from '../../phi/phi.ts'
import type { MaskingConfig } from './config.ts'
import { foldName, layersOf, namesField } from './field-names.ts'
import { readGraphqlWords } from './graphql-words.ts'
import type { MaskPlan } from './plan.ts'
import type { maskingReasons } from './reasons.ts'

export interface MaskedRequest {
  /** Kinds of access to the records that it is about. */
  readonly kinds: readonly string[]
  readonly records: readonly string[]
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
    readonly aliases: ReadonlyMap<string, ReadonlySet<string>>
  }

class Refused extends Error {
  readonly code: keyof typeof maskingReasons.table
  constructor (code: keyof typeof maskingReasons.table) {
    super(code)
    this.code = code
  }
}

const writing: ReadonlySet<string> = new Set(['create', 'update'])
/** Members by which a change says which field it is about: JSON Patch (RFC 6902) and its relatives. */
const naming: ReadonlySet<string> = new Set(['path', 'from', 'field', 'attribute', 'property', 'column', 'key', 'name'])

interface SearchPlaces { readonly text: ReadonlySet<string>, readonly columns: ReadonlySet<string>, readonly looksAtMasked: boolean }

/** Places are compared by all of their names: `query.filter.name` is `filter[name]` too. */
const foldPlace = (names: readonly string[]) => names.filter(name => name !== itemName && !/^\d*$/.test(name)).map(foldName).join('.')

function findPlaces (searches: MaskingConfig['searches'], { records }: MaskedRequest, plan: MaskPlan): SearchPlaces {
  const about = searches.filter(search => search.records.some(type => records.includes(type)))
  const fold = (places: readonly string[]) => new Set(places.map(place => foldPlace(place.split('.'))))
  return {
    text: fold(about.flatMap(search => search.text)),
    columns: fold(about.flatMap(search => search.columns)),
    looksAtMasked: about.some(search => search.over.some(name => plan.masksName(foldName(name)))),
  }
}

/** The whole name, or the last part of a path. */
function isExactName (name: string, { masksName }: MaskPlan): boolean {
  return masksName(foldName(name)) || name.split(/[./:[\]]/).some(part => masksName(foldName(part)))
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
    return layersOf(name).some(layer => this.#isWrite ? isExactName(layer, this.#plan) : namesField(layer, this.#plan.masksName))
  }

  child (name: string): RequestSpot {
    return new RequestSpot({ plan: this.#plan, isWrite: this.#isWrite }, [...this.names, name], this.isMasked || (name !== itemName && this.#isMaskedName(name)))
  }
}

interface Way {
  readonly plan: MaskPlan
  readonly places: SearchPlaces
  readonly isWrite: boolean
  readonly removes: boolean
  /** To which the names are added that the request gives to fields. */
  readonly aliases: Aliases
}

type Aliases = Map<string, Set<string>>

/** `kept:ssn`, `ssn as kept`: the answer would have the field under another name. */
const renaming = /:|\bas\b|=/i

class RequestVisitor implements Visitor {
  readonly deepest = 64
  readonly #way: Way

  constructor (way: Way) {
    this.#way = way
  }

  leaf (spot: RequestSpot, value: string, type: LeafType): null | undefined {
    if (!this.nothing(spot)) return null
    const { places, isWrite, plan, aliases } = this.#way
    const place = foldPlace(spot.names)
    // A document of GraphQL, wherever it stands.
    if (type === 'string' && value.includes('{')) addAliases(readGraphqlWords(value)?.aliases, aliases)
    if (places.text.has(place)) {
      if (places.looksAtMasked && value.trim() !== '') throw new Refused('masking.search')
      return undefined
    }
    if (type !== 'string') return undefined
    if (places.columns.has(place)) {
      if (layersOf(value).some(layer => renaming.test(layer) && namesField(layer, plan.masksName))) throw new Refused('masking.search')
      return undefined
    }
    if (isWrite && !naming.has(spot.names.at(-1)?.toLowerCase() ?? '')) return undefined
    if (layersOf(value).some(layer => isWrite ? isExactName(layer, plan) : namesField(layer, plan.masksName))) throw new Refused(isWrite ? 'masking.write' : 'masking.search')
    return undefined
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

/** GraphQL requests in a JSON value: one, or several in a list. */
function findDocuments (value: unknown): readonly { readonly query: string, readonly rest: unknown }[] | undefined {
  const all = Array.isArray(value) ? value as readonly unknown[] : [value]
  const documents = all.map(one => {
    if (typeof one !== 'object' || one === null) return undefined
    const { query, ...rest } = one as { readonly query?: unknown, readonly extensions?: unknown }
    if (typeof rest.extensions === 'object' && rest.extensions !== null && 'persistedQuery' in rest.extensions) throw new Refused('masking.contentUnreadable')
    return typeof query === 'string' && query.includes('{') ? { query, rest } : undefined
  })
  return documents.every(one => one !== undefined) && documents.length > 0 ? documents : undefined
}

function judgeDocument (document: string, { plan, isWrite, aliases }: Pick<Way, 'plan' | 'isWrite' | 'aliases'>): void {
  const words = readGraphqlWords(document)
  if (words === undefined) throw new Refused('masking.contentUnreadable')
  const texts = isWrite ? [] : words.texts
  const isMasked = (word: string) => layersOf(word).some(layer => isWrite ? isExactName(layer, plan) : namesField(layer, plan.masksName))
  if ([...words.names, ...texts].some(isMasked)) throw new Refused(isWrite ? 'masking.write' : 'masking.search')
  addAliases(words.aliases, aliases)
}

function addAliases (more: ReadonlyMap<string, ReadonlySet<string>> | undefined, aliases: Aliases): void {
  for (const [alias, names] of more ?? []) aliases.set(alias, new Set([...aliases.get(alias) ?? [], ...names]))
}

/** Never throws. */
export function judgeRequest (request: MaskedRequest, plan: MaskPlan, { searches, writes }: Pick<MaskingConfig, 'searches' | 'writes'>): RequestVerdict {
  const isWrite = request.kinds.every(kind => writing.has(kind))
  const places = findPlaces(searches, request, plan)
  const aliases: Aliases = new Map()
  try {
    judgeQuery(request.query, { plan, places, aliases })
    const content = judgeContent(request.content, { plan, places, isWrite, removes: writes === 'remove', aliases })
    return { refused: undefined, content, aliases }
  } catch (error) {
    if (error instanceof Refused) return { refused: error.code }
    if (error instanceof Hold || error instanceof RangeError) return { refused: 'masking.contentUnreadable' }
    throw error
  }
}

/** Whatever the request does: nothing in a query is a field's new value only. */
function judgeQuery (query: string, { plan, places, aliases }: Pick<Way, 'plan' | 'places' | 'aliases'>): void {
  const visitor = new RequestVisitor({ plan, places, isWrite: false, removes: false, aliases })
  const rest = query.split('&').filter(part => {
    const document = /^query=(.*%7B.*|.*\{.*)$/i.exec(part)?.[1]
    if (document === undefined) return true
    judgeDocument(decodeLeniently(document.replaceAll('+', ' ')), { plan, isWrite: false, aliases })
    return false
  }).join('&')
  for (const part of rest.split(/[&;]/)) {
    // No UTF-8: each server has a code page of its own, and names of fields are ASCII in all of them.
    const form = part.replace(/(?:%[0-9A-Fa-f]{2})+|%/g, escapes => encodeURIComponent(decodeLeniently(escapes)))
    rewriteMessage({ type: formType, body: Buffer.from(form) }, readType(formType) as MediaType, { visitor, root: new RequestSpot({ plan, isWrite: false }, ['query'], false) })
  }
}

function decodeLeniently (text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, escapes => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString())
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
