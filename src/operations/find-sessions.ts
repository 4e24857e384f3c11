// The sessions that lie in the store, whichever gateway they are used at, and which of them an administrator means. Looking moves no idle clock and ends nothing.
import type { GatewayConfig } from '../config/config.ts'
import { createAccessRoom, type AccessRoom } from '../inbound/access/access.ts'
import { createAddressTest, createNetworkOf, explainAddressRange } from '../inbound/client-ip/client-ip.ts'
import type { Principal } from '../inbound/principal.ts'
import { createSessionRoom, registerSessionCookies, type ListedSession, type SessionRoom } from '../inbound/session/session.ts'
import type { Clock } from '../shared/clock.ts'
import { deriveKey } from '../shared/keys.ts'
import type { Logger } from '../shared/log.ts'
import { OperationError } from './operation-error.ts'

/** All that are given must hold. */
export interface SessionFilter {
  readonly person?: string | undefined
  /** As the IdP names it. */
  readonly group?: string | undefined
  /** An address or a range: where the session began, or was used last. */
  readonly address?: string | undefined
  /** The key of one, as in the trail, or its first characters. */
  readonly session?: string | undefined
}

export interface FoundSessions {
  readonly matching: readonly ListedSession[]
  /** Of these nobody here can say whether they match: another version wrote them, or another session.secret is in use. */
  readonly unreadable: number
}

export interface OpenSessions {
  readonly room: SessionRoom
  readonly rolesOf: AccessRoom['rolesOf']
}

/** So many characters name one of millions of sessions, and are what lists show. */
export const shortKeyLength = 10
const leastKeyLength = 6

export function describeFilter ({ person, group, address, session }: SessionFilter): Readonly<Record<string, string>> {
  return {
    ...(person === undefined ? {} : { person }),
    ...(group === undefined ? {} : { group }),
    ...(address === undefined ? {} : { address }),
    ...(session === undefined ? {} : { session }),
  }
}

/** Throws an OperationError when the filter cannot be what somebody means. */
export function requireSoundFilter ({ address, session }: SessionFilter): void {
  const mistake = address === undefined ? undefined : explainAddressRange(address)
  if (mistake !== undefined) throw new OperationError(`The address cannot be read: ${mistake}.`)
  if (session !== undefined && !/^[\w-]+$/.test(session)) throw new OperationError('A session is named by its id, which has letters, digits, - and _ only: take it from sessions list, or from who.session in the trail.')
  if (session !== undefined && session.length < leastKeyLength) throw new OperationError(`The id of a session needs at least ${leastKeyLength} of its characters, or it could be another one's too.`)
}

/** Opens the store for the time of `use`. */
export async function withSessions<T> (config: GatewayConfig, deps: { readonly clock: Clock, readonly log: Logger }, use: (open: OpenSessions) => Promise<T>): Promise<T> {
  const access = createAccessRoom(config.access, { createAddressTest, profile: config.profile })
  const rolesOf = (principal: Principal) => access.rolesOf(principal)
  const cookies = await registerSessionCookies({ key: deriveKey(config.session.secret, 'session-cookie') })
  const { name: gateway, dataDirectory: directory } = config.gateway
  const room = await createSessionRoom(config.session, { ...deps, directory, gateway, cookies, binding: { rolesOf, createNetworkOf }, sweeps: false })
  try {
    return await use({ room, rolesOf })
  } finally {
    await room.close()
  }
}

/** Throws an OperationError when the first characters of a key name more than one session. */
export async function findSessions ({ room }: { readonly room: Pick<SessionRoom, 'list'> }, filter: SessionFilter): Promise<FoundSessions> {
  const listed = await room.list(filter.person)
  const isMeant = compileFilter(filter)
  const { session } = filter
  const named = session === undefined ? listed : listed.filter(({ key }) => key.startsWith(session))
  if (session !== undefined && named.length > 1) throw new OperationError(`${named.length} sessions begin with ${session}: write more characters of the id.`)
  const isUnsure = (each: ListedSession) => isMeant(each) === undefined
  return { matching: named.filter(each => isMeant(each) === true), unreadable: named.filter(isUnsure).length }
}

/** Undefined: it cannot be told. */
function compileFilter ({ group, address }: SessionFilter): (listed: ListedSession) => boolean | undefined {
  if (group === undefined && address === undefined) return () => true
  const isInside = address === undefined ? undefined : createAddressTest([address])
  const folded = group === undefined ? undefined : fold(group)
  return ({ session }) => {
    if (session === undefined) return undefined
    if (folded !== undefined && !session.principal.groups.some(each => fold(each) === folded)) return false
    if (isInside === undefined) return true
    const addresses = [session.beganFrom?.address, session.lastAddress].filter(each => each !== undefined)
    // Begun by an older version, and not used since.
    return addresses.length === 0 ? undefined : addresses.some(isInside)
  }
}

/** A name that differs in letter case or Unicode form must not escape a revocation. */
function fold (name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
