// The CRM's own sign-out ends the session here too: with the CRM's answer the browser is told to forget, and when the answer is through the session ends
// everywhere. It leaves the answer as the CRM gave it.
import type { FastifyReply } from 'fastify'
import { Failure } from '../shared/errors.ts'
import { forgettingHeaders } from './clear-site-data.ts'
import { settingFreshMark } from './fresh-mark.ts'
import type { Admitted } from './pipeline.ts'
import type { InboundRooms } from './rooms.ts'

/** Whether this exchange is the CRM's sign-out. */
export function isCrmSignOut ({ judgedBy, question, method }: Admitted): boolean {
  return method !== 'HEAD' && judgedBy.access.isSignOut(question)
}

/** Call it before the request is forwarded. */
export function signOutWithAnswer (reply: FastifyReply, { session, id }: Admitted, rooms: InboundRooms): void {
  for (const cookie of [...rooms.session.clearingCookies(), settingFreshMark]) reply.header('set-cookie', cookie)
  reply.headers(forgettingHeaders)
  // At its close: the session's end cuts what is open under it, and this answer is. Whatever the CRM said: who asked to be signed out is.
  reply.raw.once('close', () => {
    rooms.session.end({ by: 'key', key: session.key }, 'signedOut').catch((error: unknown) => {
      if (error instanceof Failure) rooms.log.error('session.notSignedOut', { code: error.code, id })
      else rooms.log.bug('session.notSignedOut', error, { id })
    })
  })
}
