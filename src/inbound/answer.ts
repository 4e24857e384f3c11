// The answer to a refusal or a failure: a redirect to sign in, a page, or problem JSON. Our own bugs are answered with a bare 500.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Denial, Failure } from '../shared/errors.ts'
import type { Peer } from './connection/connection.ts'
import type { CarriedValue } from './carried.ts'
import { breakOff, type RawResponse } from './exchange.ts'
import { forgettingHeaders } from './clear-site-data.ts'
import { hasFreshMark, settingFreshMark } from './fresh-mark.ts'
import { keepUnsent, markUnsent } from './keep-unsent.ts'
import { ownPaths } from './own-paths.ts'
import { reasonOf } from './raw-answer.ts'
import { refusalPage } from './refusal-page.ts'
import { isNavigation } from './request.ts'
import type { InboundRooms } from './rooms.ts'

/** Refusals that signing in (again) answers. */
const signInCodes: ReadonlySet<string> = new Set(['session.missing', 'session.idle', 'session.absolute', 'session.ended', 'session.ambiguous', 'session.newerForm'])

/** The session is used from where it is not bound to. The person reads why before signing in anew: it may be somebody else's doing. */
const elsewhereCodes: ReadonlySet<string> = new Set(['session.otherAddress', 'session.otherNetwork', 'session.otherCertificate', 'session.moved'])

/** The cookie is left alone: it may be good for a newer version beside this one. */
const keepsCookie: ReadonlySet<string> = new Set(['session.missing', 'session.newerForm'])

export interface RefusalWay { readonly request: FastifyRequest, readonly reply: FastifyReply, readonly rooms: InboundRooms, readonly address: string, readonly peer: Peer }

/** `address`: the client's, as far as it can be told. */
export async function answerRefusal (error: unknown, way: RefusalWay): Promise<void> {
  const { request, reply, rooms } = way
  const carried = (request as unknown as { carried: CarriedValue | null }).carried
  // Admitted already: what broke afterwards is how the exchange ends.
  carried?.exchange.fail(error)
  logRefusal(error, request.id, rooms)
  if (reply.raw.headersSent) { breakOff(reply.raw as RawResponse); return }
  const { code, reason, retryAfterSeconds } = reasonOf(error)
  const isSignIn = signInCodes.has(code)
  const kept = await keepUnsent(code, way)
  // A dead cookie is taken away at once, so that nothing is left behind but the mark that a session ended here.
  const hasEnded = isSignIn ? !keepsCookie.has(code) : elsewhereCodes.has(code) && rooms.session.hasEnded(request.headers.cookie)
  if (hasEnded) {
    for (const cookie of [...rooms.session.clearingCookies(), settingFreshMark, ...markUnsent(code, request, rooms)]) reply.header('set-cookie', cookie)
    reply.headers(forgettingHeaders)
  }
  // A form leads to a page of ours and no further: the policy of the CRM's page (form-action) would stop it on the way to the IdP, unseen.
  if (isSignIn && kept === undefined && isNavigation(request.headers)) {
    try {
      const location = await signInLocation(way, hasEnded || hasFreshMark(request.headers.cookie))
      await reply.code(303).header('location', location).header('cache-control', 'no-store').send('')
    } catch (broken) {
      // The store that would remember where the person was is away: its own page, which no sign-in answers.
      await answerRefusal(broken, way)
    }
    return
  }
  // What is refused here for being elsewhere may have ended the session: the page that asked leads to the words for that.
  const cause = error instanceof Denial ? error.because ?? (hasEnded && !isSignIn ? 'moved' : undefined) : undefined
  const { status, publicText } = reason
  const page = refusalPage({ status, code, publicText, requestId: request.id, retryAfterSeconds, kept, cause }, { headers: request.headers, rooms })
  // A body that nobody will read: do not let the client go on sending it over a connection that we keep.
  if (request.raw.httpVersionMajor === 1 && !request.raw.complete) reply.header('connection', 'close')
  await reply.code(page.status).headers(page.headers).send(page.body)
}

function logRefusal (error: unknown, id: string, { log }: InboundRooms): void {
  if (error instanceof Failure) log.warn('request.failed', { id, code: error.code, source: error.source })
  else if (error instanceof Denial) log.info('request.denied', { id, code: error.code })
  else log.bug('request.bug', error, { id })
}

/** Where to sign in. Beyond what one address may leave here, the sign-in leads to the first page. */
async function signInLocation ({ request, rooms, address }: RefusalWay, isFresh: boolean): Promise<string> {
  if (!rooms.mayLeaveReturnPath(address)) return ownPaths.signIn
  return `${ownPaths.signIn}?attempt=${await rooms.saml.prepare(returnPath(request), isFresh)}`
}

/** Where the person was: only a GET can be done again by itself. */
function returnPath (request: FastifyRequest): string {
  return request.method === 'GET' ? request.originalUrl : '/'
}
