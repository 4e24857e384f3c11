// Who is at the screen, as the front door says in its headers (header sign-on), and the CRM's own session cookie.
// It checks no password: whoever runs this CRM must see to it that only the front door can reach it.
import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface Visitor {
  readonly id: string
  readonly email: string
  readonly groups: readonly string[]
  /** What the session cookie stands for. */
  readonly session: VisitorSession
}

export interface VisitorSession {
  readonly person: string
  /** Ids of the patients that were opened last, newest first. */
  recent: string[]
  /** One message for the next page. */
  flash: string | undefined
}

const cookieName = 'crm_session'
const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)?.trim() ?? ''

function readCookie (header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === cookieName) return value
  }
  return undefined
}

export type Visitors = ReturnType<typeof createVisitors>

export function createVisitors () {
  const sessions = new Map<string, VisitorSession>()
  const known = new WeakMap<FastifyRequest, Visitor>()
  return {
    /** Reads the identity headers, and opens or continues the session. False when nobody is named. */
    enter (request: FastifyRequest, reply: FastifyReply): boolean {
      const id = single(request.headers['x-forwarded-user'])
      if (id === '') return false
      const given = readCookie(request.headers.cookie)
      let session = given === undefined ? undefined : sessions.get(given)
      if (session === undefined || session.person !== id) {
        session = { person: id, recent: [], flash: undefined }
        const key = randomBytes(18).toString('base64url')
        sessions.set(key, session)
        if (sessions.size > 5000) sessions.delete(sessions.keys().next().value ?? '')
        reply.header('set-cookie', `${cookieName}=${key}; Path=/; HttpOnly; SameSite=Lax`)
      }
      const groups = single(request.headers['x-forwarded-groups']).split(',').map(group => group.trim()).filter(group => group !== '')
      known.set(request, { id, email: single(request.headers['x-forwarded-email']), groups, session })
      return true
    },
    /** The visitor of a request that `enter` let in. */
    of (request: FastifyRequest): Visitor {
      const visitor = known.get(request)
      if (visitor === undefined) throw new Error('no visitor: enter() was not called')
      return visitor
    },
    /** Ends the session of a request and clears the cookie. */
    leave (request: FastifyRequest, reply: FastifyReply): void {
      const given = readCookie(request.headers.cookie)
      if (given !== undefined) sessions.delete(given)
      reply.header('set-cookie', `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`)
    },
  }
}
