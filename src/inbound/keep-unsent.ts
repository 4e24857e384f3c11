// Keeps what a person sends just after their session ended. A body is read only here: of a request from an allowed address, whose session is known and
// ended by its idle or absolute time within ten minutes. Whatever else fails, the request is refused as it would be without this.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { RefusalWay } from './answer.ts'
import { isRoutable } from './own-paths.ts'
import { Denial, Failure } from '../shared/errors.ts'
import { holdContent } from './held-content.ts'
import { createFormReader } from './read-form.ts'
import { describeWire } from './request.ts'
import type { InboundRooms } from './rooms.ts'

/** What the person or the program is told. */
export type KeptNote = { readonly until: number } | 'tooLarge' | 'notKept'

const methods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const codes: ReadonlySet<string> = new Set(['session.idle', 'session.absolute', 'session.missing'])

/** Set-Cookie by which the browser is known for ten minutes more: polls that find the session over must not make a form unknown. */
export function markUnsent (code: string, request: FastifyRequest, { session, unsent }: InboundRooms): readonly string[] {
  const [key, ...others] = session.keysOf(request.headers.cookie)
  return unsent === undefined || key === undefined || others.length > 0 || (code !== 'session.idle' && code !== 'session.absolute') ? [] : [unsent.mark(key)]
}

const readers = new WeakMap<InboundRooms, ReturnType<typeof createFormReader>>()

/** Undefined: there was nothing that anybody could miss, or nobody known who could. */
export async function keepUnsent (code: string, way: RefusalWay): Promise<KeptNote | undefined> {
  const { request, rooms } = way
  const { unsent } = rooms
  const { headers, method } = request.raw
  if (unsent === undefined || !codes.has(code) || !methods.has(method ?? '') || !hasContent(request) || isRoutable(request.originalUrl) || !isOwnPage(headers, rooms)) return undefined
  try {
    const expired = await unsent.findExpired(rooms.session.keysOf(headers.cookie), headers.cookie)
    if (expired === undefined) return undefined
    const target = rooms.canonical.require(describeWire(request.raw as IncomingMessage, request.originalUrl))
    rooms.clientIp.requireFor(rooms.clientIp.require(way.peer, headers), expired.principal, target)
    if (!unsent.mayKeep(target)) return 'notKept'
    const body = await readBody(way, unsent.maxBytes)
    const { foldedPath, href } = target
    const kept = await unsent.keep(expired, { id: request.id, method: target.method, href, foldedPath, headers: keptHeaders(headers), body })
    return kept === undefined ? 'notKept' : { until: kept.endsAt }
  } catch (error) {
    if (!(error instanceof Denial) && !(error instanceof Failure)) rooms.log.bug('unsent.bug', error, { id: request.id })
    return error instanceof Denial && error.code === 'inbound.formTooLarge' ? 'tooLarge' : 'notKept'
  }
}

async function readBody ({ request, reply, rooms }: RefusalWay, longest: number): Promise<string> {
  const readWhole = readers.get(rooms) ?? createFormReader({ clock: rooms.clock, longest })
  readers.set(rooms, readWhole)
  return await holdContent(request.raw, { readWhole, invite: () => { reply.raw.writeContinue() } }).read()
}

function hasContent ({ raw }: FastifyRequest): boolean {
  const length = raw.headers['content-length']
  if (length !== undefined) return Number(length) > 0
  return raw.headers['transfer-encoding'] !== undefined || ('stream' in raw && !(raw as unknown as { stream: { endAfterHeaders: boolean } }).stream.endAfterHeaders)
}

/** What another site makes a browser send is not what a person typed here; the mark comes with that too. */
function isOwnPage ({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders, { publicOrigin }: InboundRooms): boolean {
  // `null`: a page that sends no referrer (Fetch, append a request Origin header); of a sandbox or another site the browser says that it is elsewhere.
  if (origin === undefined || origin === 'null') return site === 'same-origin'
  return origin === publicOrigin && (site === undefined || site === 'same-origin')
}

/** Of this connection, this browser or this moment: the request that is sent then has its own. */
const passing = /^(?::.*|cookie|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding|accept-language|user-agent|origin|sec-.*|proxy-.*|forwarded|x-forwarded-.*|via)$/
const mostHeaderBytes = 16 * 1024

function keptHeaders (headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).flatMap(([name, value]) => typeof value === 'string' && !passing.test(name) ? [[name, value] as const] : [])
  return Object.fromEntries(JSON.stringify(kept).length > mostHeaderBytes ? kept.filter(([name]) => name === 'content-type' || name === 'content-encoding') : kept)
}
