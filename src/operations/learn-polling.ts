// Which routes do the CRM's pages call by themselves? The trail says when each session called each route; a steady beat is no person's doing. The look into
// the trail is on record like every question. It changes nothing: whoever asked decides what goes into session.background.
import { loadConfigToAsk } from '../config/config.ts'
import { compileRouteTable } from '../shared/route-pattern.ts'
import { askRecorded, type AuditEvent, type Told } from './ask-trail.ts'
import { foldSafely, shapeOf } from './route-shape.ts'

export interface PollingRequest {
  readonly configFile: string
  readonly reason: string
  /** Milliseconds since the epoch; `to` does not belong to the range. */
  readonly from: number | undefined
  readonly to: number
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface PolledRoute {
  /** `GET /api/leads/*`, as session.background takes it. */
  readonly route: string
  /** Milliseconds between two calls, in the middle of all sessions. */
  readonly beatMs: number
  /** Sessions that called it steadily, of those that called it often enough to tell. */
  readonly steady: number
  readonly sessions: number
  readonly calls: number
}

export interface Polling extends Told {
  /** Most called first; those that session.background has are left out. */
  readonly routes: readonly PolledRoute[]
  readonly alreadyListed: number
  /** There were more series than are kept apart; what is listed may not be all. */
  readonly isCut: boolean
}

/** Throws a ConfigurationError or an OperationError. */
export async function learnPolling ({ configFile, reason, from, to, onProgress }: PollingRequest): Promise<Polling> {
  const { config } = await loadConfigToAsk(configFile)
  const listed = compileRouteTable(config.session.background.map(pattern => ({ pattern, value: true })))
  const series = createSeries()
  let summary = { routes: [] as readonly PolledRoute[], alreadyListed: 0, isCut: false }
  const told = await askRecorded(config, { name: 'learn.polling', query: { kind: 'request', from, to }, reason, onProgress }, async answer => {
    for await (const { event } of answer.found) series.add(event)
    const all = series.summary()
    const routes = all.filter(({ method, path }) => listed.find(method, path) !== true)
    summary = {
      routes: routes.map(({ route, beatMs, steady, sessions, calls }) => ({ route, beatMs, steady, sessions, calls })),
      alreadyListed: all.length - routes.length,
      isCut: series.isCut(),
    }
    return { routes: routes.length, alreadyListed: summary.alreadyListed }
  })
  return { ...told, ...summary }
}

/** Fewer calls say nothing about a beat. */
const fewest = 8
/** Longer than this no idle time is kept alive by it. */
const longestBeatMs = 15 * 60_000
/** A person who clicks on and on is not that regular; a browser's timer is, a loaded network apart. */
const mostSwing = 0.2
const leastSwingMs = 1500
const steadyShare = 0.75

/** The beat of calls, or undefined when they have none. `times` in order. */
export function findBeat (times: readonly number[]): number | undefined {
  if (times.length < fewest) return undefined
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number))
  const beat = median(gaps)
  const swing = Math.max(leastSwingMs, beat * mostSwing)
  // A swing as long as the beat itself would make anything steady.
  if (beat < 2 * leastSwingMs || beat > longestBeatMs) return undefined
  const regular = gaps.filter(gap => Math.abs(gap - beat) <= swing)
  return regular.length >= gaps.length * steadyShare ? regular.reduce((sum, gap) => sum + gap, 0) / regular.length : undefined
}

const median = (values: readonly number[]) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] as number

const mostSeries = 20_000
const mostTimes = 400

interface Series { readonly method: string, readonly path: string, readonly times: number[] }

function createSeries () {
  const bySession = new Map<string, Series>()
  let isCut = false
  return {
    isCut: () => isCut,
    add ({ kind, time, who, what }: AuditEvent): void {
      if (kind !== 'request.admitted' || who?.session === undefined || what === undefined || what.kind === 'gateway' || what.path?.startsWith('/') !== true) return
      const [method, path] = [what.method === 'HEAD' ? 'GET' : what.method, shapeOf(foldSafely(what.path))]
      const name = `${who.session} ${method} ${path}`
      const known = bySession.get(name)
      if (known === undefined && bySession.size >= mostSeries) { isCut = true; return }
      if (known === undefined) bySession.set(name, { method, path, times: [time] })
      else if (known.times.length < mostTimes) known.times.push(time)
    },
    summary () {
      const routes = new Map<string, Series[]>()
      for (const one of bySession.values()) if (one.times.length >= fewest) routes.set(`${one.method} ${one.path}`, [...routes.get(`${one.method} ${one.path}`) ?? [], one])
      return [...routes].flatMap(([route, all]) => {
        const beats = all.map(({ times }) => findBeat(times)).filter(beat => beat !== undefined)
        if (beats.length === 0 || beats.length * 2 < all.length) return []
        const { method, path } = all[0] as Series
        return [{ route, method, path, beatMs: median(beats), steady: beats.length, sessions: all.length, calls: all.reduce((sum, { times }) => sum + times.length, 0) }]
      }).sort((one, other) => other.calls - one.calls || (one.route < other.route ? -1 : 1))
    },
  }
}
