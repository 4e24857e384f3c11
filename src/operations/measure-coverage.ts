// Which routes that people used does access.records classify? The trail says what was used, the configuration as it is now says what it knows of it.
// The look into the trail is on record like every question. It shows shapes of paths and names of fields, no ids and no values that were not asked for.
import { loadConfigToAsk } from '../config/config.ts'
import { createAccessRoom, type AccessRoom } from '../inbound/access/access.ts'
import { createAddressTest } from '../inbound/client-ip/client-ip.ts'
import { foldSafely, shapeOf } from './route-shape.ts'
import { askRecorded, type AuditEvent, type Told } from './ask-trail.ts'

export interface CoverageRequest {
  readonly configFile: string
  readonly reason: string
  /** Milliseconds since the epoch; `to` does not belong to the range. */
  readonly from: number | undefined
  readonly to: number
  /** Query fields whose values tell one route from another. */
  readonly fields: readonly string[]
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface SeenRoute {
  /** `GET /leads/*?view`: for one that is classified the route as in access.records. */
  readonly route: string
  readonly isClassified: boolean
  readonly requests: number
  /** Milliseconds since the epoch. */
  readonly lastSeen: number
}

export interface Share { readonly seen: number, readonly classified: number }

export interface Coverage extends Told {
  /** Most used first. */
  readonly routes: readonly SeenRoute[]
  readonly ofRoutes: Share
  readonly ofRequests: Share
  /** There were more different routes than are told apart; the rest is one. */
  readonly isCut: boolean
}

/** Throws a ConfigurationError or an OperationError. */
export async function measureCoverage ({ configFile, reason, from, to, fields, onProgress }: CoverageRequest): Promise<Coverage> {
  const { config } = await loadConfigToAsk(configFile)
  const access = createAccessRoom(config.access, { createAddressTest, profile: config.profile })
  const routes = createRouteList()
  const told = await askRecorded(config, { name: 'coverage', query: { kind: 'request', from, to }, reason, onProgress }, async answer => {
    for await (const { event } of answer.found) {
      const request = readRequest(event)
      if (request !== undefined) routes.add({ ...nameRoute(request, { access, event, fields }), requests: event.count ?? 1, time: event.time })
    }
    const { ofRoutes, ofRequests } = routes.summary()
    return { routes: ofRoutes.seen, classifiedRoutes: ofRoutes.classified, requests: ofRequests.seen, classifiedRequests: ofRequests.classified }
  })
  return { ...told, ...routes.summary() }
}

interface SeenRequest { readonly method: string, readonly path: string, readonly query: string }

/** A request for the CRM that had one reading; its own pages are the gateway's to know. */
function readRequest ({ kind, what, decision }: AuditEvent): SeenRequest | undefined {
  if (kind !== 'request.admitted' && kind !== 'request.denied') return undefined
  const path = what?.path
  if (what === undefined || what.kind === 'gateway' || path?.startsWith('/') !== true || decision?.reason?.startsWith('canonical.') === true || decision?.reason === 'inbound.ownPath') return undefined
  return { method: what.method, path, query: what.query ?? '' }
}

function nameRoute (request: SeenRequest, { access, event, fields }: { readonly access: AccessRoom, readonly event: AuditEvent, readonly fields: readonly string[] }): Pick<SeenRoute, 'route' | 'isClassified'> {
  const foldedPath = foldSafely(request.path)
  const found = access.classify({ target: { ...request, foldedPath }, content: undefined })
  const shape = () => `${request.method === 'HEAD' ? 'GET' : request.method} ${shapeOf(foldedPath)}${shapeOfQuery(request.query, fields)}`
  switch (found.kind) {
    case 'record': return { route: found.record.route, isClassified: true }
    case 'none': return { route: found.route, isClassified: true }
    // The body said it then.
    case 'contentNeeded': return event.what?.record !== undefined ? { route: event.what.route ?? shape(), isClassified: true } : { route: shape(), isClassified: event.facts?.['unclassified'] !== true }
    case 'twoWays': return { route: shape(), isClassified: true }
    case 'unclassified': return { route: shape(), isClassified: false }
  }
}

function shapeOfQuery (query: string, shown: readonly string[]): string {
  if (query === '') return ''
  const parts = query.split('&').map(part => {
    const [name = '', value = ''] = part.split('=')
    return shown.includes(name) ? `${name}=${value.slice(0, 64)}` : /^[A-Za-z_][\w.[\]%-]{0,40}$/.test(name) ? name : '*'
  })
  return `?${[...new Set(parts)].sort().slice(0, 8).join('&')}`
}

const mostRoutes = 5000
const others = '(further routes)'

type Sighting = Omit<SeenRoute, 'lastSeen'> & { readonly time: number }

function createRouteList () {
  const routes = new Map<string, SeenRoute>()
  let isCut = false
  return {
    add ({ route, isClassified, requests, time }: Sighting): void {
      const isTooMany = routes.size >= mostRoutes && !routes.has(`${isClassified} ${route}`)
      isCut ||= isTooMany
      const name = isTooMany ? others : route
      const key = `${isClassified} ${name}`
      const known = routes.get(key)
      routes.set(key, { route: name, isClassified, requests: (known?.requests ?? 0) + requests, lastSeen: Math.max(known?.lastSeen ?? 0, time) })
    },
    summary () {
      const all = [...routes.values()].sort((one, other) => other.requests - one.requests || (one.route < other.route ? -1 : 1))
      const classified = all.filter(route => route.isClassified)
      const sum = (list: readonly SeenRoute[]) => list.reduce((total, { requests }) => total + requests, 0)
      return { routes: all, isCut, ofRoutes: { seen: all.length, classified: classified.length }, ofRequests: { seen: sum(all), classified: sum(classified) } }
    },
  }
}
