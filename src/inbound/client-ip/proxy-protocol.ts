// Reads a PROXY protocol v2 header and nothing after it. Ours, because the packages on npm (proxy-protocol-js, proxyproto) also take v1, do not stop at
// the header's own length, check no checksum and read without a bound in size or time.
import { addressFromBytes } from './address.ts'
import { crc32c } from './crc32c.ts'

export interface ProxyHeader {
  /** The source in its one textual form; undefined when the balancer speaks for itself (LOCAL, a health check). */
  readonly source: string | undefined
}

/** Bytes before the addresses: signature, version and command, family, length. */
export const prefixLength = 16
/** The addresses and all that a balancer adds (a client certificate's name, a cloud's endpoint id) stay far below. */
const maxRestLength = 4096

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const local = 0x20
const proxy = 0x21
/** Address family and transport (section 2.2): TCP over IPv4 and over IPv6. Datagrams, Unix sockets and UNSPEC name nobody who could be judged. */
const addressLengths: ReadonlyMap<number, 4 | 16> = new Map([[0x11, 4], [0x21, 16]])
const crc32cType = 0x03

/** How many bytes follow the prefix, or undefined when it is not the beginning of a v2 header that we take. */
export function restLengthOf (prefix: Buffer): number | undefined {
  if (prefix.length !== prefixLength || !prefix.subarray(0, signature.length).equals(signature)) return undefined
  const command = prefix[12]
  const length = prefix.readUInt16BE(14)
  const isTaken = (command === local || (command === proxy && addressLengths.has(prefix[13] as number))) && length <= maxRestLength
  return isTaken ? length : undefined
}

/** Reads one whole header, or undefined when it is malformed, of another version, or has bytes too few or too many. */
export function parseProxyProtocolV2 (header: Buffer): ProxyHeader | undefined {
  const restLength = restLengthOf(header.subarray(0, prefixLength))
  if (restLength === undefined || header.length !== prefixLength + restLength) return undefined
  // "The receiver must accept this connection as valid and must use the real connection endpoints and discard the protocol block."
  if (header[12] === local) return { source: undefined }
  const addressLength = addressLengths.get(header[13] as number) as 4 | 16
  const attributes = prefixLength + addressLength * 2 + 4
  if (header.length < attributes || !areAttributesSound(header, attributes)) return undefined
  return { source: addressFromBytes([...header.subarray(prefixLength, prefixLength + addressLength)]).text }
}

/** Steps over the attributes (type, length, value); a checksum among them must be right. */
function areAttributesSound (header: Buffer, start: number): boolean {
  let isChecked = false
  let at = start
  while (at < header.length) {
    if (at + 3 > header.length) return false
    const end = at + 3 + header.readUInt16BE(at + 1)
    if (end > header.length) return false
    if (header[at] === crc32cType) {
      if (isChecked || end - at !== 7 || !isChecksumRight(header, at + 3)) return false
      isChecked = true
    }
    at = end
  }
  return true
}

/** Over the whole header with the checksum's own bytes as zero. */
function isChecksumRight (header: Buffer, at: number): boolean {
  const zeroed = Buffer.from(header)
  zeroed.writeUInt32BE(0, at)
  return crc32c(zeroed) === header.readUInt32BE(at)
}
