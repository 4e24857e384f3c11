// Which record a request is about: the first entry of access.records, then of the profile's, that matches. Pure; it says nothing about who may.
import { compileRouteTable, explainRoutePattern, foldText, type RouteTable } from '../../shared/route-pattern.ts'
import type { RecordConfig, RecordKind } from './config.ts'
import { twoWays, type Reading } from './fields.ts'
import { compileItems, longestId, type Items } from './items.ts'
import type { FieldReader } from './graphql-request.ts'
import { createReader, unread, type ClassifiedRequest, type Read, type Slotted, type Source } from './request-reader.ts'

export interface RecordView {
  readonly type: string
  readonly kind: RecordKind
  readonly id: string | undefined
  readonly patient: string | undefined
  /** The route as it is written. */
  readonly route: string
  /** `access.records[<n>]`, or `access.profile.records[<n>]` */
  readonly setting: string
  /** Where the answer names what it lists. */
  readonly items: Items | undefined
}

export type Classification =
  | {
    readonly kind: 'record'
    readonly record: RecordView
    /** Further ones, of a GraphQL request that asks for several. */
    readonly more: readonly RecordView[]
    /** Some root field of it is not classified. */
    readonly isPartial: boolean
  }
  /** Said to concern no record. */
  | { readonly kind: 'none', readonly route: string, readonly setting: string }
  | { readonly kind: 'unclassified' }
  /** The body says it, and has not been read. */
  | { readonly kind: 'contentNeeded', readonly setting: string }
  /** A field that it depends on can be read in more than one way. */
  | { readonly kind: 'twoWays', readonly setting: string, readonly field: string }

export interface Records {
  classify(request: ClassifiedRequest): Classification
}

interface Condition {
  readonly source: Slotted
  readonly field: string
  /** As they are written, and folded. */
  readonly values: ReadonlySet<string>
  readonly folded: ReadonlySet<string>
  readonly any: boolean
}

interface Entry {
  readonly setting: string
  readonly route: string
  readonly type: string
  readonly kind: RecordKind | undefined
  readonly when: readonly Condition[]
  readonly isGraphql: boolean
  /** It is about a field below a root field. */
  readonly isNested: boolean
  readonly items: Items | undefined
  readonly id: Slotted | undefined
  readonly patient: Slotted | undefined
}

export const noMore: readonly RecordView[] = Object.freeze([])

const unclassified: Classification = Object.freeze({ kind: 'unclassified' })

const parameter = /^\{([A-Za-z][A-Za-z0-9_]{0,31})\}$/

/** The route as a pattern that others know, and which segment has which name. */
export function readRoute (route: string): { readonly pattern: string, readonly names: ReadonlyMap<string, number> } {
  const space = route.indexOf(' ')
  const names = new Map<string, number>()
  const segments = route.slice(space + 1).split('/').map((segment, index) => {
    const name = parameter.exec(segment)?.[1]
    if (name === undefined) return segment
    names.set(name, index)
    return '*'
  })
  return { pattern: `${route.slice(0, space)} ${segments.join('/')}`, names }
}

/** Undefined: it is none. */
export function readSource (text: string, names: ReadonlyMap<string, number>): Source | undefined {
  const [, place, name] = /^(path|query|body|request|graphql)\.(\S{1,128})$/.exec(text) ?? []
  if (place === undefined || name === undefined) return undefined
  if (place === 'graphql') return /^(?:type|field|nested|argument\..+)$/.test(name) ? { place, name } : undefined
  if (place !== 'path') return { place: place as 'query' | 'body' | 'request', name }
  const segment = names.get(name)
  return segment === undefined ? undefined : { place, segment }
}

/** Every place in a request that an entry looks at beside its route, as it is written. */
export function sourcesOf ({ when = {}, id, patient }: RecordConfig): readonly string[] {
  return [...Object.keys(when), id ?? '', patient ?? '']
}

/** Whether a place is in the body, or may be. */
export function isInContent (source: string): boolean {
  return /^(?:body|request|graphql)\./.test(source)
}

function usesGraphql (config: RecordConfig): boolean {
  return sourcesOf(config).some(source => source.startsWith('graphql.'))
}

/** Why a route of an entry is none. */
export function explainRecordRoute (route: string): string | undefined {
  const { pattern, names } = readRoute(route)
  if (/[{}]/.test(pattern)) return 'braces stand around a whole segment, and the name has letters, digits and _'
  const named = /\/:(\w+)/.exec(pattern)?.[1]
  if (named !== undefined) return `:${named} is no name: write {${named}}`
  const wrong = explainRoutePattern(pattern)
  if (wrong !== undefined) return wrong
  return names.size === pattern.split('/').filter(segment => segment === '*').length - route.split('/').filter(segment => segment === '*').length ? undefined : 'two parts of the path have the same name'
}

/** Entries of one place, and how that place is called. */
export interface EntryList { readonly setting: string, readonly entries: readonly RecordConfig[] }

/** Compiles checked entries; those of an earlier list stand before those of a later one. */
export function compileRecords (lists: readonly EntryList[]): Records {
  const slots = new Map<string, number>()
  const slotOf: SlotOf = (text, source) => {
    const slot = slots.get(text) ?? slots.size
    slots.set(text, slot)
    return { ...source, slot }
  }
  const entries = lists.flatMap(list => list.entries.map((entry, index) => compileEntry(entry, `${list.setting}[${index}]`, slotOf)))
  const table = compileRouteTable(entries.map(entry => ({ pattern: readRoute(entry.route).pattern, value: entry })))
  return { classify: entries.length === 0 ? () => unclassified : request => classify(table, request) }
}

type SlotOf = (text: string, source: Source) => Slotted

function compileEntry (config: RecordConfig, setting: string, slotOf: SlotOf): Entry {
  const { names } = readRoute(config.route)
  const sourceOf = (text: string | undefined, fallback: string) => {
    const source = readSource(text ?? fallback, names)
    return source === undefined ? undefined : slotOf(text ?? fallback, source)
  }
  const id = sourceOf(config.id, 'path.id')
  return {
    setting,
    route: config.route,
    type: config.type,
    kind: config.kind,
    // The body last: it is read only when all else fits.
    when: Object.entries(config.when ?? {}).map(([field, values]) => ({
      field, source: sourceOf(field, '') as Slotted, values: new Set(values), folded: new Set(values.map(foldText)), any: values.includes('*'),
    })).sort((one, other) => Number(isInBody(one.source)) - Number(isInBody(other.source))),
    isGraphql: usesGraphql(config),
    isNested: config.when?.['graphql.nested'] !== undefined,
    items: compileItems(config),
    id,
    patient: sourceOf(config.patient, 'path.patient') ?? (config.type === 'patient' ? id : undefined),
  }
}

function classify (table: RouteTable<Entry>, request: ClassifiedRequest): Classification {
  const entries = table.findAll(request.method, request.foldedPath)
  if (entries.length === 0) return unclassified
  const reader = createReader(request)
  if (!entries.some(entry => entry.isGraphql)) return findEntry(entries, source => reader.read(source, undefined))
  // The document has to have one reading before any entry of its route is looked at.
  const { setting } = entries[0] as Entry
  const asked = reader.readAsked()
  if (asked === unread) return { kind: 'contentNeeded', setting }
  if (asked === twoWays) return { kind: 'twoWays', setting, field: 'graphql' }
  const findAll = (fields: readonly FieldReader[], among: readonly Entry[]) => fields.map(field => findEntry(among, source => reader.read(source, field)))
  const below = entries.filter(entry => entry.isNested)
  // What no entry knows below a root field belongs to the root field.
  const nested = below.length === 0 ? [] : findAll(asked.nested, below).filter(found => found.kind !== 'unclassified' && found.kind !== 'none')
  return joinFound([...findAll(asked.roots, entries), ...nested.filter((found, at) => nested.findIndex(other => isSame(found, other)) === at)])
}

function findEntry (entries: readonly Entry[], read: Read, start = 0): Classification {
  for (let at = start; at < entries.length; at += 1) {
    const entry = entries[at] as Entry
    const found = matchEntry(entry, read)
    if (found === undefined) continue
    const doubt = found.kind === 'record' || found.kind === 'none' ? findDoubt(entry, read) : undefined
    return doubt === undefined ? found : withDoubt(found, { field: doubt, setting: entry.setting, rest: findEntry(entries, read, at + 1) })
  }
  return unclassified
}

/** A field whose value is one of the entry's but for letter case or outer spaces. */
function findDoubt ({ when }: Entry, read: Read): string | undefined {
  return when.find(({ source, values, any }) => {
    const value = read(source)
    return !any && typeof value === 'string' && !values.has(value)
  })?.field
}

/** Some CRMs take `Create` for `create`, and others for nothing that they know. Where that makes no difference, or nothing else is known of it, it is what it looks like. */
function withDoubt (found: Classification, { field, setting, rest }: { readonly field: string, readonly setting: string, readonly rest: Classification }): Classification {
  if (rest.kind === 'unclassified' || isSame(found, rest)) return found
  return rest.kind === 'contentNeeded' || rest.kind === 'twoWays' ? rest : { kind: 'twoWays', setting, field }
}

function isSame (one: Classification, other: Classification): boolean {
  if (one.kind !== 'record' || other.kind !== 'record') return one.kind === other.kind
  return (['type', 'kind', 'id', 'patient'] as const).every(part => one.record[part] === other.record[part])
}

/** What several root fields are about together: what is in doubt about one is in doubt about all. */
function joinFound (found: readonly Classification[]): Classification {
  const doubt = found.find(one => one.kind === 'twoWays' || one.kind === 'contentNeeded')
  if (doubt !== undefined) return doubt
  const [record, ...more] = found.flatMap(one => one.kind === 'record' ? [one.record] : [])
  const isPartial = found.some(one => one.kind === 'unclassified')
  if (record !== undefined) return { kind: 'record', record, more, isPartial }
  return isPartial ? unclassified : found[0] ?? unclassified
}

function matchEntry (entry: Entry, read: Read): Classification | undefined {
  const { setting, route, type, kind } = entry
  for (const { source, field, folded, any } of entry.when) {
    const value = read(source)
    if (value === unread) return { kind: 'contentNeeded', setting }
    if (value === twoWays) return { kind: 'twoWays', setting, field }
    if (value === undefined || !(any || folded.has(foldText(value)))) return undefined
  }
  if (type === 'refused') return { kind: 'twoWays', setting, field: 'route' }
  if (type === 'none' || kind === undefined) return { kind: 'none', route, setting }
  const id = entry.id === undefined ? undefined : read(entry.id)
  const patient = entry.patient === undefined ? undefined : entry.patient === entry.id ? id : read(entry.patient)
  if (id === unread || patient === unread) return { kind: 'contentNeeded', setting }
  const odd = isOdd(id) ? 'id' : isOdd(patient) ? 'patient' : undefined
  if (odd !== undefined) return { kind: 'twoWays', setting, field: odd }
  return { kind: 'record', record: { type, kind, id: toId(id), patient: toId(patient), route, setting, items: entry.items }, more: noMore, isPartial: false }
}

/** What is no id of one record. */
function isOdd (reading: Reading): reading is typeof twoWays {
  return reading === twoWays || (reading !== undefined && reading.length > longestId)
}

function isInBody ({ place }: Source): boolean {
  return place === 'body' || place === 'request'
}

/** Outer spaces are no part of an id: servers drop them, and the trail has to find the record all the same. */
function toId (text: Reading): string | undefined {
  return text === undefined || text === twoWays ? undefined : text.trim() || undefined
}
