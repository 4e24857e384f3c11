// The page that offers what was kept: it says what would be sent, never a value of it, and sends or deletes it only when the person says so here.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Carried } from './carried.ts'
import { ownPaths } from './own-paths.ts'
import { placeOf } from './request.ts'
import { inboundReasons } from './reasons.ts'
import type { createFormReader } from './read-form.ts'
import type { InboundRooms } from './rooms.ts'

export function registerUnsent (app: FastifyInstance, rooms: InboundRooms, readForm: ReturnType<typeof createFormReader>): void {
  const { unsent, session } = rooms
  if (unsent === undefined) return
  const holderOf = async (request: FastifyRequest) => {
    const { known, inbound } = (request as unknown as Carried).carried
    const { cookie } = request.headers
    const found = await session.findHere(cookie, placeOf(known.client, inbound.peer))
    return { principal: found.principal, cookie, sessionKey: found.key, found }
  }
  app.get(ownPaths.unsent, async (request, reply) => {
    const page = rooms.pages.speak(request.headers['accept-language']).unsent(await unsent.offers(await holderOf(request)))
    return reply.code(page.status).headers(page.headers).send(page.body)
  })
  app.post(ownPaths.unsent, async (request, reply) => {
    // A browser says with every POST where it comes from; here the id, which only our own page shows to its person, has to come with it.
    if (request.headers.origin !== rooms.publicOrigin) throw inboundReasons.deny('inbound.foreignSend')
    const holder = await holderOf(request)
    await session.touch(holder.found, { method: 'POST', foldedPath: ownPaths.unsent, fetchMode: undefined, fetchDest: undefined, fetchUser: undefined })
    const { known } = (request as unknown as Carried).carried
    const form = new URLSearchParams(await readForm(request.raw))
    const id = form.get('id') ?? ''
    if (form.get('do') === 'drop') {
      await unsent.drop(id, holder)
      rooms.log.info('unsent.dropped', { id: known.id })
      return reply.code(303).header('location', ownPaths.unsent).header('cache-control', 'no-store').send('')
    }
    const permitted = form.get('do') === 'send' ? await unsent.permit(id, holder) : undefined
    if (permitted === undefined) throw inboundReasons.deny('inbound.unsentGone')
    // 307: the browser repeats its POST, at the place where the answer belongs (RFC 9110 section 15.4.8).
    return reply.code(307).headers({ location: permitted.href, 'set-cookie': permitted.setCookie, 'cache-control': 'no-store' }).send('')
  })
}
