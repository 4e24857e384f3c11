// People at work while something dies: requests one after the other on kept connections, each with a mark of its own, so that every answer and everything
// that the CRM saw can be looked for in the trail.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '../../src/audit/audit.ts'
import type { ProcessPlace } from './process-place.ts'

export interface Load {
  /** Counts anew, until so many were answered or failed; resolves with the counts by status (0: the connection broke). */
  phase(atLeast: number): Promise<ReadonlyMap<number, number>>
  /** Ends it; resolves with the marks that were answered with 200. */
  stop(): Promise<readonly string[]>
}

export function startLoad (wire: ReturnType<ProcessPlace['wire']>, { parallel, prefix = '' }: { readonly parallel: number, readonly prefix?: string }): Load {
  const { headers, ...place } = wire
  const agent = new Agent({ keepAlive: true, maxSockets: parallel, ca: place.ca, servername: place.servername })
  const answered: string[] = []
  let current = { counts: new Map<number, number>(), total: 0 }
  const state = { isStopped: false }
  const work = Array.from({ length: parallel }, async (_, worker) => {
    for (let turn = 0; !state.isStopped; turn += 1) {
      const mark = `${prefix}${worker}-${turn}`
      const phase = current
      const status = await ask({ ...place, agent, path: `/work?mark=${mark}`, headers: { ...headers } })
      if (status === 200) answered.push(mark)
      phase.counts.set(status, (phase.counts.get(status) ?? 0) + 1)
      phase.total += 1
      // Nobody hammers at a door that is closed.
      if (status !== 200) await new Promise(resolve => { setTimeout(resolve, 10) })
    }
  })
  return {
    async phase (atLeast) {
      // What was asked before belongs to the phase before.
      const mine = { counts: new Map<number, number>(), total: 0 }
      current = mine
      const until = performance.now() + 30_000
      while (mine.total < atLeast) {
        if (performance.now() > until) throw new Error(`only ${mine.total} of ${atLeast} requests came to an end within 30 s`)
        await new Promise(resolve => { setTimeout(resolve, 5) })
      }
      return mine.counts
    },
    async stop () {
      state.isStopped = true
      await Promise.all(work)
      agent.destroy()
      return answered
    },
  }
}

async function ask (options: object): Promise<number> {
  return await new Promise(resolve => {
    const outgoing = request(options, message => {
      message.resume()
      message.on('error', () => { resolve(0) }).on('end', () => { resolve(message.statusCode ?? 0) })
    })
    outgoing.on('error', () => { resolve(0) })
    outgoing.setTimeout(10_000, () => { outgoing.destroy() })
    outgoing.end()
  })
}

export interface KillableCrm {
  readonly url: string
  /** Marks of the requests that reached it. */
  readonly marks: string[]
  kill(): Promise<void>
  revive(): Promise<void>
}

/** A CRM that can die and come back at the same address. */
export async function startKillableCrm (): Promise<KillableCrm> {
  const marks: string[] = []
  const start = async (port: number): Promise<Server> => {
    const server = createServer((incoming, response) => {
      const mark = /^\/work\?mark=(.*)$/.exec(incoming.url ?? '')?.[1]
      if (mark !== undefined) marks.push(mark)
      incoming.resume()
      response.end('at work')
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server = await start(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    marks,
    async kill () {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
    async revive () { server = await start(port) },
  }
}

const endings: ReadonlySet<string> = new Set(['request.completed', 'request.failed', 'request.abandoned'])

/** What is missing or too much in a trail of marked requests; all empty when it is right. */
export function judgeMarks (trail: readonly AuditEvent[], seen: { readonly answered: readonly string[], readonly reached: readonly string[] }) {
  const admitted = trail.filter(({ kind }) => kind === 'request.admitted')
  const marks = new Set(admitted.map(event => event.what?.query?.replace('mark=', '')))
  const ended = new Map<string, number>()
  for (const { kind, id } of trail) if (endings.has(kind)) ended.set(id, (ended.get(id) ?? 0) + 1)
  return {
    answeredUnrecorded: seen.answered.filter(mark => !marks.has(mark)),
    reachedUnrecorded: seen.reached.filter(mark => !marks.has(mark)),
    notEndedOnce: admitted.filter(({ id }) => ended.get(id) !== 1).map(({ id }) => id),
  }
}

export const nothingMissing = { answeredUnrecorded: [], reachedUnrecorded: [], notEndedOnce: [] }
