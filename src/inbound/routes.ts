// The gateway's own pages as routes: sign in, assertion consumer, single logout, sign out. They were admitted by the same hook as all others.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Denial, Failure } from '../shared/errors.ts'
import { attemptsPerMinute, createAttemptLimit } from './attempt-limit.ts'
import { placeIn, type Carried } from './carried.ts'
import { describePerson } from './describe.ts'
import { forgettingHeaders } from './clear-site-data.ts'
import { clearingFreshMark, hasFreshMark, settingFreshMark } from './fresh-mark.ts'
import { createFormReader, leaveRest } from './read-form.ts'
import { ownPaths, ownPrefix } from './own-paths.ts'
import { inboundReasons } from './reasons.ts'
import type { InboundRooms } from './rooms.ts'
import type { Session } from './session/session.ts'
import { registerIdle, requireOwnPage } from './idle-routes.ts'
import { registerUnsent } from './unsent-routes.ts'
import { clearingUnsent } from './unsent/unsent.ts'
import { samlReasons, type SamlAnswer } from './saml/saml.ts'
import type { Page, Pages } from './pages/pages.ts'

export async function registerOwnRoutes (root: FastifyInstance, rooms: InboundRooms): Promise<void> {
  // A scope of its own, so that its hook does not touch the CRM's answers.
  await root.register(async app => { registerPages(app, rooms) })
  root.setNotFoundHandler(async request => {
    throw inboundReasons.deny(request.originalUrl.startsWith(`${ownPrefix}/`) ? 'inbound.methodNotAllowed' : 'inbound.ownPath')
  })
}

function registerPages (app: FastifyInstance, rooms: InboundRooms): void {
  const readForm = createFormReader({ clock: rooms.clock })
  const mayAttempt = createAttemptLimit({ clock: rooms.clock, perMinute: attemptsPerMinute })
  app.addHook('onSend', async (request, reply) => { if (leaveRest(request.raw)) reply.header('connection', 'close') })
  app.get(ownPaths.metadata, async (_request, reply) => reply.header('content-type', 'application/samlmetadata+xml; charset=utf-8').send(rooms.saml.metadata()))
  app.get<{ Querystring: { attempt?: string } }>(ownPaths.signIn, async (request, reply) => {
    const { known } = (request as unknown as Carried).carried
    if (!mayAttempt(known.client.address)) throw inboundReasons.deny('inbound.tooManySignIns', { retryAfterSeconds: 60 })
    const { attempt } = request.query
    const { cookie } = request.headers
    return sendSaml(reply, await rooms.saml.start(typeof attempt === 'string' ? attempt : undefined, cookie, { isFresh: hasFreshMark(cookie) }), pagesFor(request, rooms))
  })
  app.post(ownPaths.assertionConsumer, async (request, reply) => signIn(request, reply, { rooms, readForm }))
  app.route({ method: ['GET', 'POST'], url: ownPaths.singleLogout, handler: (request, reply) => singleLogout(request, reply, { rooms, readForm }) })
  app.get(ownPaths.signOut, async (request, reply) => sendPage(reply, pagesFor(request, rooms).confirmSignOut(await nameOf(request, rooms))))
  app.post(ownPaths.signOut, async (request, reply) => signOut(request, reply, rooms))
  app.get<{ Querystring: { cause?: string } }>(ownPaths.signedOut, async (request, reply) => {
    // Any site can lead a browser here: who is signed in loses nothing by it. Somebody elsewhere is told that, and nothing about a cause that is not theirs.
    // What is not known to be over (a store that does not answer, a cookie that a newer version reads) is not said to be, and nothing of it is forgotten.
    const isOver = await rooms.session.findHere(request.headers.cookie, placeIn(request)).then(() => false, (error: unknown) => {
      if (error instanceof Denial && overCodes.has(error.code)) return true
      throw error
    })
    if (isOver) reply.headers(forgettingHeaders)
    return sendPage(reply, pagesFor(request, rooms).signedOut(readCause(request.query.cause), isOver))
  })
  registerIdle(app, rooms)
  registerUnsent(app, rooms, readForm)
  // Everything else below our prefix, with any method.
  app.all(`${ownPrefix}/*`, async () => { throw inboundReasons.deny('inbound.ownPath') })
}

/** Refusals that say that no session of this browser is live. */
const overCodes: ReadonlySet<string> = new Set(['session.missing', 'session.idle', 'session.absolute', 'session.ended'])

type Proven = Pick<Awaited<ReturnType<InboundRooms['saml']['consume']>>, 'principal' | 'returnTo'>
const describeBinding = (boundTo: string) => boundTo === 'none' ? {} : { boundTo }

interface Way { readonly rooms: InboundRooms, readonly readForm: ReturnType<typeof createFormReader> }

/** Whoever was not sent away by us has nothing to post: not a byte of theirs is read. */
async function consume (request: FastifyRequest, { rooms, readForm }: Way) {
  const { cookie } = request.headers
  if (!rooms.saml.mayConsume(cookie)) throw samlReasons.deny('saml.browserUnknown')
  return rooms.saml.consume(await readForm(request.raw), cookie)
}

async function signIn (request: FastifyRequest, reply: FastifyReply, way: Way) {
  const { rooms } = way
  const { known } = (request as unknown as Carried).carried
  const proven = await consume(request, way).catch((error: unknown) => {
    if (error instanceof Denial) rooms.audit.note({ kind: 'session.refused', time: rooms.clock.now(), id: known.id, from: { address: known.client.address }, decision: { reason: error.code } })
    throw error
  })
  // The sign-in is over whatever comes next: its cookie goes.
  for (const cookie of proven.setCookie) reply.header('set-cookie', cookie)
  const roles = rooms.access.rolesOf(proven.principal)
  const who = { id: proven.principal.id, name: proven.principal.name, roles: [...roles], idp: proven.principal.idp }
  try {
    // Somebody without a role is told so now, and gets no session.
    rooms.access.requireRole(proven.principal)
    rooms.clientIp.requireFor(known.client, proven.principal, { method: 'GET', foldedPath: ownPaths.assertionConsumer })
    rooms.session.requireBindable(proven.principal, placeIn(request))
  } catch (error) {
    // Whoever signs in next here may be somebody else: the IdP asks again.
    reply.header('set-cookie', settingFreshMark)
    if (error instanceof Denial) rooms.audit.note({ kind: 'session.refused', time: rooms.clock.now(), id: known.id, who, from: { address: known.client.address }, decision: { reason: error.code } })
    throw error
  }
  // One browser, one session: whoever was signed in here before is signed out.
  const replaced = await rooms.session.endByCookie(request.headers.cookie, 'replaced')
  const { session, setCookie } = await rooms.session.begin(proven.principal, placeIn(request))
  await rooms.audit.record({
    kind: 'session.began',
    time: rooms.clock.now(),
    id: known.id,
    who: describePerson(session, roles),
    from: { address: known.client.address },
    facts: { authnContext: proven.principal.authnContext ?? 'none', endsAt: session.endsAt, replaced: replaced.ended !== undefined, ...describeBinding(rooms.session.bindingOf(proven.principal)) },
  }).catch(async (error: unknown) => {
    // No record, no session.
    await rooms.session.end({ by: 'key', key: session.key }, 'policy')
    throw error
  })
  reply.header('set-cookie', setCookie)
  reply.header('set-cookie', clearingFreshMark)
  if (replaced.ended !== undefined) reply.headers(forgettingHeaders)
  return reply.code(303).header('location', await nextPlace(request, reply, { rooms, proven })).header('cache-control', 'no-store').send('')
}

/** Where the person was, or what they sent when their session had ended. Somebody else's is deleted, whatever they want. */
async function nextPlace (request: FastifyRequest, reply: FastifyReply, { rooms, proven }: { readonly rooms: InboundRooms, readonly proven: Proven }): Promise<string> {
  const found = await rooms.unsent?.settle({ principal: proven.principal, cookie: request.headers.cookie }) ?? 'none'
  if (found === 'foreign') reply.header('set-cookie', clearingUnsent)
  return found === 'waiting' ? ownPaths.unsent : proven.returnTo
}

/** Whoever is signed in here, or nothing: asking does not move the idle clock, and the page is there without an answer too. */
async function nameOf (request: FastifyRequest, rooms: InboundRooms): Promise<string> {
  try {
    return (await rooms.session.findHere(request.headers.cookie, placeIn(request))).principal.name
  } catch (error) {
    if (error instanceof Denial || error instanceof Failure) return ''
    throw error
  }
}

async function signOut (request: FastifyRequest, reply: FastifyReply, rooms: InboundRooms) {
  requireOwnPage(request, rooms, 'inbound.foreignSignOut')
  const { ended, setCookie } = await rooms.session.endByCookie(request.headers.cookie, 'signedOut')
  for (const cookie of [...setCookie, settingFreshMark]) reply.header('set-cookie', cookie)
  reply.headers(forgettingHeaders)
  const atIdp = ended === undefined ? undefined : await rooms.saml.startLogout(ended.principal)
  if (atIdp !== undefined) return sendSaml(reply, atIdp, pagesFor(request, rooms))
  return reply.code(303).header('location', `${ownPaths.signedOut}?cause=signedOut`).header('cache-control', 'no-store').send('')
}

async function singleLogout (request: FastifyRequest, reply: FastifyReply, { rooms, readForm }: Way) {
  const query = request.originalUrl.split('?').slice(1).join('?')
  const form = request.method === 'POST' ? await readForm(request.raw) : undefined
  let ended: readonly Session[] = []
  const answer = await rooms.saml.logout({ query, form }, async (nameId, sessionIndex) => {
    ended = await rooms.session.end({ by: 'idp', nameId, sessionIndex }, 'idpLogout')
    return ended.length
  })
  if (ended.length > 0) {
    for (const cookie of [...rooms.session.clearingCookies(), settingFreshMark]) reply.header('set-cookie', cookie)
    reply.headers(forgettingHeaders)
  }
  return sendSaml(reply, answer, pagesFor(request, rooms))
}

function sendSaml (reply: FastifyReply, answer: SamlAnswer, pages: Pages) {
  for (const cookie of answer.setCookie ?? []) reply.header('set-cookie', cookie)
  if (answer.kind === 'form') return sendPage(reply, pages.autoPost(answer))
  return reply.code(303).header('location', answer.location).header('cache-control', 'no-store').send('')
}

/** In the language of whoever asks. */
function pagesFor (request: FastifyRequest, rooms: InboundRooms): Pages {
  return rooms.pages.speak(request.headers['accept-language'])
}

function sendPage (reply: FastifyReply, page: Page) {
  return reply.code(page.status).headers(page.headers).send(page.body)
}

/** The page has words for the causes that there are; anything else says only that it is over. */
function readCause (cause: unknown): string {
  return typeof cause === 'string' ? cause : 'signedOut'
}
