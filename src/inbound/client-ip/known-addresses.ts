// Remembers what was decided about the texts of addresses, because the same few come in again and again. Bounded; it never outlives its configuration.
import { parseAddress, type Address } from './address.ts'
import type { RangeSet } from './range-set.ts'

export interface KnownAddress {
  readonly address: Address
  readonly isAllowed: boolean
  readonly isTrustedProxy: boolean
  readonly isProxyProtocolPeer: boolean
}

export interface KnownAddresses {
  /** undefined when the text is not one address in its strict spelling. */
  look(text: string): KnownAddress | undefined
}

const capacity = 8192

export function createKnownAddresses (lists: { readonly allow: RangeSet, readonly trustedProxies: RangeSet, readonly proxyProtocolFrom: RangeSet }): KnownAddresses {
  const known = new Map<string, KnownAddress>()
  return {
    look (text) {
      const found = known.get(text)
      if (found !== undefined) return found
      const address = parseAddress(text)
      if (address === undefined) return undefined
      const judged = {
        address,
        isAllowed: lists.allow.has(address),
        isTrustedProxy: lists.trustedProxies.has(address),
        isProxyProtocolPeer: lists.proxyProtocolFrom.has(address),
      }
      // The oldest goes first: cheap, and a flood of addresses costs no more than judging each of them.
      if (known.size >= capacity) known.delete(known.keys().next().value as string)
      known.set(text, judged)
      return judged
    },
  }
}
