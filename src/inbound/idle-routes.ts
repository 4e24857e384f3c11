// What the idle script is, and what it asks and tells. Asking moves nothing; reporting is the person's doing, and only our own pages may.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { placeIn } from './carried.ts'
import { ownPaths, ownPrefix } from './own-paths.ts'
import { inboundReasons } from './reasons.ts'
import type { InboundRooms } from './rooms.ts'
import type { Session } from './session/session.ts'

const plain = { 'x-content-type-options': 'nosniff' } as const

export function registerIdle (app: FastifyInstance, rooms: InboundRooms): void {
  if (rooms.idle === undefined) return
  const { session, clock } = rooms
  // A reload can put another room there, never none.
  const idle = () => rooms.idle as NonNullable<InboundRooms['idle']>
  app.get<{ Params: { name: string } }>(`${ownPrefix}/idle-:name`, async (request, reply) => {
    const found = idle().scriptAt(`${ownPrefix}/idle-${request.params.name}`, rooms.pages.languageOf(request.headers['accept-language']))
    if (found === undefined) throw inboundReasons.deny('inbound.ownPath')
    return reply.headers({ ...plain, 'content-type': 'text/javascript; charset=utf-8', 'cache-control': found.isCurrent ? 'public, max-age=31536000, immutable' : 'no-store' }).send(found.text)
  })
  const answer = (reply: FastifyReply, found: Session) => reply.headers({ ...plain, 'cache-control': 'no-store' }).send({ leftMs: idle().leftOf(found, clock.now()), who: idle().markOf(found.principal) })
  app.get(ownPaths.session, async (request, reply) => answer(reply, await session.findHere(request.headers.cookie, placeIn(request))))
  app.post(ownPaths.session, async (request, reply) => {
    requireOwnPage(request, rooms, 'inbound.foreignReport')
    const found = await session.findHere(request.headers.cookie, placeIn(request))
    return answer(reply, await session.touch(found, { method: 'POST', foldedPath: ownPaths.session, fetchMode: undefined, fetchDest: undefined, fetchUser: undefined }))
  })
}

/** What another site makes a browser send is nobody's doing here. */
export function requireOwnPage (request: FastifyRequest, rooms: InboundRooms, reason: 'inbound.foreignReport' | 'inbound.foreignSignOut'): void {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  if ((origin !== undefined && origin !== rooms.publicOrigin) || (site !== undefined && site !== 'same-origin' && site !== 'none')) throw inboundReasons.deny(reason)
}
