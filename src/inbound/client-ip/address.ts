// Reads addresses and ranges in their one strict spelling. The only place that knows ipaddr.js; what it reads leniently is refused before it is asked.
import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface Address {
  readonly family: 4 | 6
  /** The address as a number of 32 or 128 bits. */
  readonly value: bigint
  /** Dotted quad or RFC 5952. */
  readonly text: string
}

export interface AddressRange {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const dottedQuad = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
const mappedPrefix = 0xffffn

/**
 * Reads one address, or undefined. IPv4 is a strict dotted quad (no octal, hexadecimal or short forms); an IPv4-mapped IPv6 address is its IPv4 address.
 * NAT64 (64:ff9b::/96), 6to4 (2002::/16), Teredo and IPv4-compatible addresses stay IPv6 and match IPv6 ranges only: what they embed is a claim
 * of whoever built them, not where the packet came from. Zones are refused: a link-local address names no network.
 */
export function parseAddress (text: string): Address | undefined {
  if (text.length > 45) return undefined
  if (dottedQuad.test(text)) return addressFromBytes(text.split('.').map(Number))
  if (!isIPv6(text) || text.includes('%')) return undefined
  const plain = writeTailInHex(text)
  return plain === undefined ? undefined : addressFromBytes(ipaddr.IPv6.parse(plain).toByteArray())
}

/** `::1.2.3.4` as `::102:304`, because ipaddr.js reads the first as the mapped `::ffff:1.2.3.4`, which is another address. */
function writeTailInHex (text: string): string | undefined {
  if (!text.includes('.')) return text
  const start = text.lastIndexOf(':') + 1
  if (!dottedQuad.test(text.slice(start))) return undefined
  const [a, b, c, d] = text.slice(start).split('.').map(Number) as [number, number, number, number]
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/** The address of 4 or 16 bytes. Throws a TypeError on any other length. */
export function addressFromBytes (bytes: readonly number[]): Address {
  if (bytes.length !== 4 && bytes.length !== 16) throw new TypeError('an address has 4 or 16 bytes')
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  if (bytes.length === 4) return { family: 4, value, text: bytes.join('.') }
  if (value >> 32n === mappedPrefix) return addressFromBytes(bytes.slice(12))
  return { family: 6, value, text: new ipaddr.IPv6([...bytes]).toRFC5952String() }
}

/** Why `text` is not a range, or undefined when it is one. */
export function explainAddressRange (text: string): string | undefined {
  const range = readRange(text)
  return typeof range === 'string' ? range : undefined
}

/** Throws a TypeError on text that `explainAddressRange` refuses. */
export function parseAddressRange (text: string): AddressRange {
  const range = readRange(text)
  if (typeof range === 'string') throw new TypeError(range)
  return range
}

function readRange (text: string): AddressRange | string {
  const match = /^([0-9A-Fa-f:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text)
  const address = match === null ? undefined : parseAddress(match[1] as string)
  if (match === null || address === undefined) return 'write an address as 203.0.113.7 or 2001:db8::7, a range as 203.0.113.0/24, without zeros before a number'
  if (address.family === 4 && text.includes(':')) return `write an IPv4-mapped address as IPv4: ${address.text}`
  const width = address.family === 4 ? 32 : 128
  const length = match[2] === undefined ? width : Number(match[2])
  if (length > width) return `the length of this range is at most /${width}`
  const size = 1n << BigInt(width - length)
  const hostBits = address.value % size
  if (hostBits !== 0n) return `the address has bits outside /${length}: write the first address of the range`
  return { family: address.family, first: address.value, last: address.value + size - 1n }
}
