// Whose address a request comes from, and whether that address may come in. Any doubt and any exception mean no.
import type { IncomingHttpHeaders } from 'node:http'
import { remember } from '../../shared/remember.ts'
import { parseAddress } from './address.ts'
import type { ClientIpConfig } from './config.ts'
import { explainClientIpConfig } from './explain-config.ts'
import { createKnownAddresses } from './known-addresses.ts'
import { compileRangeSet } from './range-set.ts'
import { readClient, type ConnectionPeer } from './read-client.ts'
import { clientIpReasons } from './reasons.ts'
import { compileRestrictions, type Route, type Who } from './restrictions.ts'

export { acceptProxyProtocol } from './accept-proxy-protocol.ts'
export { explainAddressRange } from './address.ts'
export { explainClientIpConfig, type ConfigMistake } from './explain-config.ts'
export type { ConnectionPeer } from './read-client.ts'

export interface ClientAddress {
  /** The client's address in its one textual form: dotted quad (IPv4-mapped unwrapped) or RFC 5952. From `resolve` also `unknown`. */
  readonly address: string
  /** The socket's peer, in the same form; a trusted proxy when it differs from `address`. */
  readonly peer: string
  /** What would refuse it if the lists with `mode: report` were enforced: a reason, or the setting of an entry of `restrict`. */
  readonly wouldRefuse?: string
}

export interface ClientIpRoom {
  /** Resolves the client's address, and throws a Denial `clientIp.*` (403) when it is not on the allowlist. */
  require(peer: ConnectionPeer, headers: IncomingHttpHeaders): ClientAddress
  /** Resolves without judging, for records of what was refused: the peer's when the client's own cannot be read. Never throws. */
  resolve(peer: ConnectionPeer, headers: IncomingHttpHeaders): ClientAddress
  /** The narrower lists, after sign-in: throws a Denial `clientIp.restricted` (403), or returns the client with what the lists on trial would have said. */
  requireFor(client: ClientAddress, who: Who, route: Route): ClientAddress
  /** At accept: may this peer talk to us at all (it is allowed, or it is a trusted proxy)? */
  mayConnect(remoteAddress: string): boolean
  /** At accept: must this peer send a PROXY protocol v2 header? */
  isProxyProtocolPeer(remoteAddress: string): boolean
}

/** For rooms with ranges of their own: whether an address in its one textual form is in one of them; one that cannot be read is not. Throws a TypeError on a bad range. */
export function createAddressTest (ranges: readonly string[]): (address: string) => boolean {
  const set = compileRangeSet(ranges)
  return remember(text => {
    const address = parseAddress(text)
    return address !== undefined && set.has(address)
  }, { limit: 4096 })
}

/** For rooms that compare networks: gives the network of an address, of so many bits, as text; undefined for what is no address. */
export function createNetworkOf ({ ipv4, ipv6 }: { readonly ipv4: number, readonly ipv6: number }): (address: string) => string | undefined {
  return remember(text => {
    const address = parseAddress(text)
    if (address === undefined) return undefined
    const { family, value } = address
    return `${family}:${value >> BigInt(family === 4 ? 32 - ipv4 : 128 - ipv6)}`
  }, { limit: 4096 })
}

/** Throws a TypeError when the configuration has mistakes that `explainClientIpConfig` finds: nothing starts with them. */
export function createClientIpRoom (config: ClientIpConfig): ClientIpRoom {
  const mistake = explainClientIpConfig(config)[0]
  if (mistake !== undefined) throw new TypeError(`clientIp.${mistake.path}: ${mistake.message}`)
  const known = createKnownAddresses({
    allow: compileRangeSet(config.allow),
    trustedProxies: compileRangeSet(config.trustedProxies),
    proxyProtocolFrom: compileRangeSet(config.proxyProtocolFrom),
  })
  const restrictions = compileRestrictions(config.restrict)
  const isTrial = config.mode === 'report'
  const readSafely = (peer: ConnectionPeer, headers: IncomingHttpHeaders) => attempt(() => readClient(known, peer, headers))
  return {
    require (peer, headers) {
      const reading = readSafely(peer, headers)
      if (reading?.client === undefined || reading.peer === undefined) throw clientIpReasons.deny('clientIp.unreadable')
      const { isAllowed, address } = reading.client
      if (!isAllowed && !isTrial) throw clientIpReasons.deny('clientIp.notAllowed')
      const client = { address: address.text, peer: reading.peer.address.text }
      return isAllowed ? client : { ...client, wouldRefuse: 'clientIp.notAllowed' }
    },
    resolve (peer, headers) {
      const reading = readSafely(peer, headers)
      const address = reading?.client ?? reading?.peer
      return { address: address?.address.text ?? 'unknown', peer: reading?.peer?.address.text ?? 'unknown' }
    },
    requireFor (client, who, route) {
      const address = attempt(() => known.look(client.address)?.address)
      const verdict = address === undefined ? undefined : attempt(() => restrictions.judge(address, who, route))
      if (verdict?.isAllowed !== true) throw clientIpReasons.deny('clientIp.restricted')
      return client.wouldRefuse !== undefined || verdict.wouldRefuse === undefined ? client : { ...client, wouldRefuse: verdict.wouldRefuse }
    },
    mayConnect (remoteAddress) {
      const peer = attempt(() => known.look(remoteAddress))
      return peer !== undefined && (isTrial || peer.isAllowed || peer.isTrustedProxy || peer.isProxyProtocolPeer)
    },
    isProxyProtocolPeer: remoteAddress => attempt(() => known.look(remoteAddress))?.isProxyProtocolPeer === true,
  }
}

/** Any exception means no: an address that breaks the reading is not on any list. */
function attempt<T> (read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
