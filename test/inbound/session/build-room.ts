// Builds session rooms for tests: a moved clock, a log that is kept, an embedded store in its own directory or a real Redis.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionConfig } from '../../../src/inbound/session/config.ts'
import { createNetworkOf } from '../../../src/inbound/client-ip/client-ip.ts'
import type { Principal } from '../../../src/inbound/principal.ts'
import { createSessionRoom, registerSessionCookies, type ActivitySigns, type EndCause, type Place, type Session, type SessionRoom } from '../../../src/inbound/session/session.ts'
import type { Clock } from '../../../src/shared/clock.ts'
import { Denial, Failure } from '../../../src/shared/errors.ts'
import { deriveKey } from '../../../src/shared/keys.ts'
import type { Logger } from '../../../src/shared/log.ts'
import { SecretValue } from '../../../src/shared/schema.ts'
import { createMovableClock } from '../../support/clock.ts'

interface Test { teardown(action: () => unknown): void }

export const minute = 60_000

export function makeSecret (): SecretValue {
  return new SecretValue(randomBytes(32).toString('base64'))
}

export function makeDirectory (t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-session-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  return directory
}

export function makePrincipal (fields: Partial<Principal> = {}): Principal {
  return {
    id: 'front.desk',
    name: 'Front Desk',
    email: 'front.desk@clinic.example',
    groups: ['reception'],
    idp: 'https://idp.example/metadata',
    nameId: 'name-id-of-front-desk',
    nameIdFormat: undefined,
    sessionIndex: 'index-1',
    authnContext: undefined,
    authenticatedAt: Date.UTC(2026, 0, 5, 9, 0, 0),
    notAfter: undefined,
    ...fields,
  }
}

/** A script's GET: not the person's doing. */
export const polls: ActivitySigns = { method: 'GET', foldedPath: '/api/notifications', fetchMode: 'cors', fetchDest: 'empty', fetchUser: undefined }
/** A click on a link. */
export const navigates: ActivitySigns = { method: 'GET', foldedPath: '/leads', fetchMode: 'navigate', fetchDest: 'document', fetchUser: '?1' }
export const posts: ActivitySigns = { method: 'POST', foldedPath: '/leads', fetchMode: 'cors', fetchDest: 'empty', fetchUser: undefined }

export interface Logged { readonly level: string, readonly event: string, readonly fields: object }

/** Where tests sign in when they say nothing else. */
export const here: Place = { address: '203.0.113.7', certificate: undefined }

/** The room, with a place for sign-ins that need none in particular. */
export type TestedRoom = Omit<SessionRoom, 'begin'> & { begin(principal: Principal, place?: Place): ReturnType<SessionRoom['begin']> }

export interface BuiltRoom {
  readonly room: TestedRoom
  readonly ended: { readonly session: Session, readonly cause: EndCause }[]
  readonly logged: Logged[]
}

export interface RoomOptions {
  readonly clock?: Clock
  readonly secret?: SecretValue
  readonly directory?: string
  readonly redisUrl?: string
  readonly gateway?: string
  readonly config?: Partial<SessionConfig>
  readonly background?: readonly string[]
  readonly rolesOf?: (principal: Principal) => readonly string[]
  /** Leaves the room without a listener for ends. */
  readonly deaf?: boolean
}

/** As the schema's defaults. */
export const unbound: SessionConfig['binding'] = { to: 'none', ipv4Prefix: 24, ipv6Prefix: 64, onMismatch: 'refuse', overrides: [] }

export async function buildRoom (t: Test, options: RoomOptions = {}): Promise<BuiltRoom> {
  const secret = options.secret ?? makeSecret()
  const logged: Logged[] = []
  const note = (level: string) => (event: string, fields: unknown = {}) => { logged.push({ level, event, fields: fields as object }) }
  const log = { info: note('info'), warn: note('warn'), error: note('error'), bug: note('bug') } satisfies Logger
  const config: SessionConfig = {
    secret,
    store: options.redisUrl === undefined ? { kind: 'embedded' } : { kind: 'redis', redis: { url: options.redisUrl } },
    idleTimeout: '15m',
    absoluteTimeout: '12h',
    binding: unbound,
    idleScript: true,
    background: [],
    unlistedFetches: 'background',
    ...options.config,
  }
  const cookies = await registerSessionCookies({ key: deriveKey(secret, 'session-cookie') })
  const built = await createSessionRoom(config, {
    clock: options.clock ?? createMovableClock(),
    log,
    directory: options.directory ?? makeDirectory(t),
    gateway: options.gateway ?? 'sallyport',
    cookies,
    binding: { rolesOf: options.rolesOf ?? (() => []), createNetworkOf },
    ...(options.background === undefined ? {} : { background: options.background }),
  })
  const room: TestedRoom = { ...built, begin: (principal, place = here) => built.begin(principal, place) }
  t.teardown(() => room.close())
  const ended: BuiltRoom['ended'] = []
  if (options.deaf !== true) room.onEnded((session, cause) => { ended.push({ session, cause }) })
  return { room, ended, logged }
}

/** What a browser sends back of a Set-Cookie value. */
export function cookieOf (setCookie: string): string {
  return setCookie.split(';')[0] as string
}

/** The code of the Denial or Failure, `live` when there is a session. Anything else is thrown. */
export async function outcomeOf (asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return 'live'
  } catch (error) {
    if (error instanceof Denial || error instanceof Failure) return error.code
    throw error
  }
}

/** Waits until something holds, on real sockets; fails after ten seconds. */
export async function until (holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`did not happen: ${what}`)
    await new Promise<void>(resolve => { setTimeout(resolve, 5) })
  }
}
