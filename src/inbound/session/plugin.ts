// The session cookie: an opaque id, sealed by @fastify/secure-session. It carries nothing about the person and decides nothing: whether an
// id is live is the store's to say. The same code serves HTTP requests and upgrade requests, which never run through Fastify.
import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import { plainFastify } from '../../shared/plain-fastify.ts'
import { remember } from '../../shared/remember.ts'

export const sessionCookieName = '__Host-sallyport'

export interface SessionCookies {
  /** Set-Cookie value that gives the browser this id. */
  seal(id: string): string
  /** Every different id in valid cookies of our name, in the order sent. Whatever does not open is not there. */
  open(cookieHeader: string | undefined): readonly string[]
  /** Set-Cookie values that remove our cookie from the browser. */
  clearing(): readonly string[]
}

const sessionName = 'sallyportSession'

// `__Host-` makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis section 4.1.3.2): no subdomain can plant it.
const attributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const

// The plugin would count a lifetime of its own, by the wall clock of its own and renewed by every touch. Ours is in the store.
const hundredYearsSeconds = 3_155_760_000

const idShape = /^[A-Za-z0-9_-]{43}$/

/** Registers @fastify/secure-session on an application of its own, which never listens. `key`: 32 bytes, for this purpose alone. */
export async function registerSessionCookies (options: { readonly key: Buffer }): Promise<SessionCookies> {
  const app = Fastify(plainFastify)
  await app.register(secureSession, [{ sessionName, cookieName: sessionCookieName, key: options.key, expiry: hundredYearsSeconds, cookie: attributes }])
  await app.ready()
  // Opening a cookie asks nobody and gives the same id each time: whether that id is live is the store's to say, each time.
  const idOf = remember((value: string): string => {
    const id: unknown = app.decodeSecureSession(value, app.log, sessionName)?.get('id')
    return typeof id === 'string' && idShape.test(id) ? id : ''
  }, { limit: 8192 })
  return {
    seal: id => app.serializeCookie(sessionCookieName, app.encodeSecureSession(app.createSecureSession({ id }), sessionName), attributes),
    open (cookieHeader) {
      return [...new Set(valuesOfOurName(cookieHeader).map(idOf).filter(id => id !== ''))]
    },
    clearing: () => [app.serializeCookie(sessionCookieName, '', { ...attributes, maxAge: 0, expires: new Date(0) })],
  }
}

/** All values of our name. A cookie parser would give one of several and not say that there were more. */
function valuesOfOurName (cookieHeader: string | undefined): string[] {
  if (cookieHeader === undefined) return []
  const found: string[] = []
  for (const pair of cookieHeader.split(';')) {
    const at = pair.indexOf('=')
    if (at === -1 || pair.slice(0, at).trim() !== sessionCookieName) continue
    const value = decode(pair.slice(at + 1).trim())
    if (value !== undefined) found.push(value)
  }
  return found
}

function decode (value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
