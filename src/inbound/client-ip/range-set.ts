// Is an address in one of many ranges? Ranges are sorted and joined once; a look-up is a binary search. IPv4 and IPv6 never match each other.
import { parseAddressRange, type Address, type AddressRange } from './address.ts'

export interface RangeSet {
  has(address: Address): boolean
  /** Whether the ranges together hold every public address of a family, however they are cut. */
  readonly isEverybody: boolean
}

interface Span { readonly first: bigint, last: bigint }

const allIpv4: Span = { first: 0n, last: (1n << 32n) - 1n }
/** 2000::/3, from which all public IPv6 addresses are given out (RFC 4291 section 2.4). */
const globalIpv6: Span = { first: 1n << 125n, last: (1n << 126n) - 1n }

/** Compiles ranges. Throws a TypeError on text that is not one. */
export function compileRangeSet (texts: readonly string[]): RangeSet {
  const ranges = texts.map(parseAddressRange)
  const ipv4 = joinSpans(ranges.filter(range => range.family === 4))
  const ipv6 = joinSpans(ranges.filter(range => range.family === 6))
  return {
    has: address => isInside(address.family === 4 ? ipv4 : ipv6, address.value),
    isEverybody: ipv4.some(span => holds(span, allIpv4)) || ipv6.some(span => holds(span, globalIpv6)),
  }
}

function joinSpans (ranges: readonly AddressRange[]): readonly Span[] {
  const sorted = ranges.toSorted((one, other) => (one.first < other.first ? -1 : Number(one.first > other.first)))
  const joined: Span[] = []
  for (const { first, last } of sorted) {
    const before = joined.at(-1)
    if (before === undefined || first > before.last + 1n) joined.push({ first, last })
    else if (last > before.last) before.last = last
  }
  return joined
}

function holds (outer: Span, inner: Span): boolean {
  return outer.first <= inner.first && outer.last >= inner.last
}

function isInside (spans: readonly Span[], value: bigint): boolean {
  let low = 0
  let high = spans.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const span = spans[middle] as Span
    if (value < span.first) high = middle - 1
    else if (value > span.last) low = middle + 1
    else return true
  }
  return false
}
