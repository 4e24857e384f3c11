// Whose address a request comes from. X-Forwarded-For is believed only as far as trusted proxies wrote it; `Forwarded` (RFC 7239) is never read.
import type { IncomingHttpHeaders } from 'node:http'
import type { KnownAddress, KnownAddresses } from './known-addresses.ts'

/** What is known of a connection: the kernel's peer, and the source that a PROXY header named. */
export interface ConnectionPeer {
  readonly remoteAddress: string
  /** Source from PROXY protocol v2, when the peer is in proxyProtocolFrom. */
  readonly proxiedSource?: string | undefined
}

export interface ClientReading {
  /** undefined when it cannot be told with certainty. */
  readonly client: KnownAddress | undefined
  /** The socket's peer. */
  readonly peer: KnownAddress | undefined
}

const maxHeaderLength = 2048
const maxElements = 32

/** Never throws on anything that a client can send. */
export function readClient (known: KnownAddresses, peer: ConnectionPeer, headers: IncomingHttpHeaders): ClientReading {
  const socketPeer = known.look(peer.remoteAddress)
  const source = readSource(known, peer, socketPeer)
  if (source === undefined || !source.isTrustedProxy) return { client: source, peer: socketPeer }
  const line = headers['x-forwarded-for']
  if (line === undefined) return { client: source, peer: socketPeer }
  return { client: readForwarded(known, Array.isArray(line) ? line.join(',') : line), peer: socketPeer }
}

/** The connection's far end: the source that a PROXY header named, else the socket's peer. A source from a peer that may not name one is no answer. */
function readSource (known: KnownAddresses, peer: ConnectionPeer, socketPeer: KnownAddress | undefined): KnownAddress | undefined {
  if (peer.proxiedSource === undefined || socketPeer === undefined) return socketPeer
  return socketPeer.isProxyProtocolPeer ? known.look(peer.proxiedSource) : undefined
}

/** The right-most address that is no trusted proxy, or the left-most when all are. One malformed element makes the whole line unreadable. */
function readForwarded (known: KnownAddresses, line: string): KnownAddress | undefined {
  if (line.length > maxHeaderLength) return undefined
  const elements = line.split(',')
  if (elements.length > maxElements) return undefined
  let client: KnownAddress | undefined
  for (const element of elements.reverse()) {
    const address = known.look(trimBlanks(element))
    if (address === undefined) return undefined
    if (client === undefined || client.isTrustedProxy) client = address
  }
  return client
}

/** Only space and tab are optional whitespace (RFC 9110 section 5.6.3); `trim` would also take away what Unicode calls a space. */
function trimBlanks (text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start += 1
  while (end > start && isBlank(text[end - 1])) end -= 1
  return text.slice(start, end)
}

function isBlank (character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}
