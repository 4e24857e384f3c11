// What is wrong with the section access beyond its schema: roles that allow nothing, routes that never match, a deny that could not bite, rules that
// are about nothing and entries that are never reached.
import { findClosestWord } from '../../shared/closest-word.ts'
import { compileRoutePattern, explainRoutePattern, foldPath, methodsOfRoutePattern, type RouteMatcher } from '../../shared/route-pattern.ts'
import { createTimeZone } from '../../shared/time-zone.ts'
import type { AccessConfig, ProfileConfig, RecordConfig, RequestConfig, RuleConfig } from './config.ts'
import { explainRecordRoute, isInContent, readRoute, readSource, sourcesOf } from './records.ts'

/** A setting below `access`, and what to do about it. */
export interface ConfigMistake {
  /** For instance `roles.nurse.deny.2`. */
  readonly path: string
  readonly message: string
}

/** All mistakes; empty when the section can be used with this profile. Pure. */
export function explainAccessConfig (config: AccessConfig, profile?: ProfileConfig): readonly ConfigMistake[] {
  const roles = explainRoles(config)
  const records = [
    ...explainRecords(config.records, { place: 'access.records', methods: config.methods }),
    ...explainRequests(config, { list: 'signOut', readers: [...config.records, ...profile?.records ?? []], methods: config.methods }),
    ...findCoveredProfile(config.records, profile),
  ]
  const zone = createTimeZone(config.timeZone) === undefined ? [{ path: 'timeZone', message: explainZone(config.timeZone) }] : []
  return [...roles, ...records, ...explainRules(config, profile), ...zone]
}

/** A city alone, or a name that is a few letters off. */
function explainZone (name: string): string {
  const zones = Intl.supportedValuesOf('timeZone')
  const close = zones.find(zone => zone.split('/').at(-1)?.toLowerCase() === name.toLowerCase().replaceAll(' ', '_')) ?? findClosestWord(name, zones)
  return `there is no such zone: ${close === undefined ? 'write it as Europe/Berlin, America/Chicago or UTC' : `did you mean ${close}?`}`
}

/** All mistakes of a profile by itself, as paths below it. A method that the configuration does not let pass is none: the profile is for every configuration. */
export function explainProfile (profile: ProfileConfig): readonly ConfigMistake[] {
  const { identity } = profile
  const header = identity.way === 'header' ? 'header is missing: name the request header' : `there is no header with way: ${identity.way}`
  return [
    ...((identity.way === 'header') === (identity.header !== undefined) ? [] : [{ path: 'identity.way', message: header }]),
    ...explainRecords(profile.records, { place: 'records' }),
    ...(['background', 'signOut'] as const).flatMap(list => explainRequests(profile, { list, readers: profile.records })),
  ]
}

function explainRoles (config: AccessConfig): readonly ConfigMistake[] {
  const methods = new Set(config.methods)
  const roles = Object.entries(config.roles)
  const mistakes = roles.flatMap(([name, role]) => [
    ...(role.allow.length === 0 ? [{ path: `roles.${name}.allow`, message: 'the role allows nothing: add a route, or remove the role' }] : []),
    ...(['allow', 'deny'] as const).flatMap(list => role[list].flatMap((text, index) => {
      const message = explainRoutePattern(text) ?? explainMethods(text, methods)
      return message === undefined ? [] : [{ path: `roles.${name}.${list}.${index}`, message }]
    })),
  ])
  return roles.length === 0 ? [{ path: 'roles', message: 'there is no role: nobody could do anything' }] : mistakes
}

/** A method that never passes makes a rule that never matches: as a deny it would look like protection and be none. */
function explainMethods (pattern: string, methods: ReadonlySet<string>): string | undefined {
  const unknown = methodsOfRoutePattern(pattern).find(method => !methods.has(method))
  return unknown === undefined ? undefined : `${unknown} is not in access.methods, so that this never matches`
}

interface Surroundings {
  /** How the list is called in messages. */
  readonly place: string
  /** Undefined: any. */
  readonly methods?: readonly string[]
}

function explainRecords (records: readonly RecordConfig[], { place, methods }: Surroundings): readonly ConfigMistake[] {
  const mistakes = records.flatMap((entry, index) => explainRecord(entry, methods).map(({ path, message }) => ({ path: `records.${index}.${path}`, message })))
  return mistakes.length > 0 ? mistakes : findUnreachedRecords(records, place)
}

type RequestLists = { readonly [K in 'background' | 'signOut']?: readonly RequestConfig[] }

interface RequestSurroundings {
  readonly list: 'background' | 'signOut'
  /** What may have the body read. */
  readonly readers: readonly RecordConfig[]
  readonly methods?: readonly string[]
}

function explainRequests (lists: RequestLists, { list, readers, methods }: RequestSurroundings): readonly ConfigMistake[] {
  const read = new Set(readers.filter(entry => explainRecordRoute(entry.route) === undefined && sourcesOf(entry).some(isInContent)).map(entry => pathOfRoute(entry.route)))
  return (lists[list] ?? []).flatMap((request, index) => {
    const mistakes = explainRecord({ ...request, type: 'none' }, methods)
    // Nobody would read the body for it, so that it would never be this request.
    const isBlind = mistakes.length === 0 && Object.keys(request.when ?? {}).some(isInContent) && !read.has(pathOfRoute(request.route))
    const blind = isBlind ? [{ path: 'when', message: 'it looks into the body, which is read only where an entry of records with the same path looks into it: add one' }] : []
    return [...mistakes, ...blind].map(({ path, message }) => ({ path: `${list}.${index}.${path}`, message }))
  })
}

function pathOfRoute (route: string): string {
  return foldPath(readRoute(route).pattern.split(' ')[1] ?? '/')
}

/** Entries for single routes are what they are there for; one that takes all leaves nothing of the profile. */
function findCoveredProfile (records: readonly RecordConfig[], profile: ProfileConfig | undefined): readonly ConfigMistake[] {
  if (profile === undefined) return []
  const index = records.findIndex(entry => entry.when === undefined && /^\* \/\*\*$/.test(entry.route))
  return index === -1 ? [] : [{ path: `records.${index}.route`, message: 'it stands above the profile and matches all of it: name the routes that it is about' }]
}

/** Words that are no types of records. */
const isNoRecord = ({ type }: Pick<RecordConfig, 'type'>) => type === 'none' || type === 'refused'

function explainRecord (entry: RecordConfig, methods: readonly string[] | undefined): readonly ConfigMistake[] {
  const { pattern, names } = readRoute(entry.route)
  const route = explainRecordRoute(entry.route) ?? (methods === undefined ? undefined : explainMethods(pattern, new Set(methods))) ??
    (methodsOfRoutePattern(pattern).includes('HEAD') ? 'HEAD is judged as GET: write GET' : undefined)
  if (route !== undefined) return [{ path: 'route', message: route }]
  const places = ['path', 'query', 'body', 'request', 'graphql']
  const explainSource = (path: string, text: string | undefined, allowed: readonly string[]) => {
    if (text === undefined || (allowed.includes(text.split('.')[0] ?? '') && readSource(text, names) !== undefined)) return []
    const inPath = names.size === 0 ? 'a {name} in the route and path.name' : [...names.keys()].map(name => `path.${name}`).join(', ')
    return [{ path, message: `${text} is no place in a request of this route: write ${allowed.map(place => place === 'path' ? inPath : place === 'graphql' ? 'graphql.field, graphql.nested, graphql.type, graphql.argument.NAME' : `${place}.NAME`).join(', ')}` }]
  }
  return [
    ...(!isNoRecord(entry) && entry.kind === undefined ? [{ path: 'type', message: 'kind is missing: say what is done with the record, as kind: read' }] : []),
    ...(isNoRecord(entry) && (entry.kind ?? entry.id ?? entry.patient ?? entry.items) !== undefined ? [{ path: 'type', message: 'a route that concerns no record, or is refused, has neither kind nor id nor patient nor items' }] : []),
    ...Object.keys(entry.when ?? {}).flatMap(text => explainSource('when', text, places.slice(1))),
    ...explainSource('id', entry.id, places),
    ...explainSource('patient', entry.patient, places),
  ]
}

/** Stands for any segment that no route names. */
const anySegment = '\u0001'

/** An entry below one that takes everything it could match would look like protection and be none. */
function findUnreachedRecords (records: readonly RecordConfig[], place: string): readonly ConfigMistake[] {
  const routes = records.map(entry => readRoute(entry.route).pattern)
  const matchers = routes.map(compileRoutePattern)
  return routes.flatMap((route, index) => {
    const [methodText = '', path = ''] = route.split(' ')
    const methods = methodText === '*' ? [anySegment] : methodText.split(',')
    const samples = samplePaths(path)
    const takesAll = (matcher: RouteMatcher) => methods.every(method => samples.every(sample => matcher.matches(method, sample)))
    const above = matchers.findIndex((matcher, at) => at < index && records[at]?.when === undefined && takesAll(matcher))
    if (above === -1) return []
    return [{ path: `records.${index}.route`, message: `${place}[${above}] (${records[above]?.route}) stands above it and matches all of it: put the narrower one first` }]
  })
}

/** A path that only what covers the whole pattern matches; for an open end two, because the rest may be empty or long. */
function samplePaths (path: string): readonly string[] {
  const folded = foldSample(path.endsWith('/**') ? path.slice(0, -3) : path)
  return path.endsWith('/**') ? [folded === '' ? '/' : folded, `${folded}/${anySegment}/${anySegment}`] : [folded]
}

/** Folded, with a segment that no route names for each that may be any. */
function foldSample (path: string): string {
  return path === '' ? '' : foldPath(path).split('/').map(segment => segment === '*' ? anySegment : segment).join('/')
}

function explainRules (config: AccessConfig, profile: ProfileConfig | undefined): readonly ConfigMistake[] {
  const types = [...new Set([...config.records, ...profile?.records ?? []].map(entry => entry.type).filter(type => !isNoRecord({ type })))]
  const known = { roles: Object.keys(config.roles), records: types }
  const mistakes = config.rules.flatMap((rule, index) => (['roles', 'records'] as const).flatMap(list => (rule[list] ?? []).flatMap((name, at) => {
    if (known[list].includes(name)) return []
    const close = findClosestWord(name, known[list])
    const hint = close === undefined ? ', so that the rule is never about it' : `: did you mean ${close}?`
    return [{ path: `rules.${index}.${list}.${at}`, message: `${name} is not ${list === 'roles' ? 'in access.roles' : `a type in access.records${profile === undefined ? '' : ' or the profile'}`}${hint}` }]
  })))
  const empty = config.rules.flatMap((rule, index) => (['when', 'unless'] as const).flatMap(part =>
    rule[part] !== undefined && Object.keys(rule[part]).length === 0 ? [{ path: `rules.${index}.${part}`, message: 'it has no condition: write one, or take the line away' }] : []))
  const hours = config.rules.flatMap((rule, index) => (['when', 'unless'] as const).flatMap(part => {
    const [begin, end] = rule[part]?.hours?.split('-') ?? []
    return begin === undefined || begin !== end ? [] : [{ path: `rules.${index}.${part}.hours`, message: 'it begins and ends at the same minute: for the whole day leave hours out' }]
  }))
  return [...mistakes, ...empty, ...hours, ...(mistakes.length > 0 ? [] : findUnreachedRules(config.rules))]
}

/** A rule below one that decides all it is about. */
function findUnreachedRules (rules: readonly RuleConfig[]): readonly ConfigMistake[] {
  const covers = (above: readonly string[] | undefined, below: readonly string[] | undefined) => above === undefined || (below?.every(name => above.includes(name)) ?? false)
  return rules.flatMap((rule, index) => {
    const above = rules.findIndex((other, at) => at < index && other.mode !== 'report' && other.when === undefined && other.unless === undefined &&
      covers(other.roles, rule.roles) && covers(other.people, rule.people) && covers(other.records, rule.records) && covers(other.kinds, rule.kinds))
    return above === -1 ? [] : [{ path: `rules.${index}.effect`, message: `access.rules[${above}] stands above it and decides all that it is about: put the narrower one first, or take one away` }]
  })
}
