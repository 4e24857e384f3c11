// Reads the header lines as they came and refuses every set that two servers could read differently. It changes none of them.
import { connectionHeaders, connectionOptions } from './header-names.ts'
import { readHeaderName } from './read-header-name.ts'
import { canonicalReasons } from './reasons.ts'

/** What the checks need of the headers; each list has the values in order. */
export interface HeaderReading {
  readonly hosts: readonly string[]
  /** Values of headers that occur once. */
  readonly single: ReadonlyMap<string, string>
}

const maxLines = 200
// A folded line shows as CR or LF in the value (RFC 9112 section 5.2).
const badValue = /[^\t\x20-\x7e\x80-\xff]/

/** Throws a Denial `canonical.*`. `rawHeaders` is name, value, name, value as they came. */
export function readHeaders (rawHeaders: readonly string[], message: { readonly method: string, readonly isHttp2: boolean }): HeaderReading {
  if (rawHeaders.length > maxLines * 2) throw canonicalReasons.deny('canonical.tooManyHeaders')
  if (rawHeaders.length % 2 !== 0) throw canonicalReasons.deny('canonical.headerMalformed')
  const hosts: string[] = []
  const options: string[] = []
  const single = new Map<string, string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const { name, role } = readHeaderName(rawHeaders[index] as string)
    const value = rawHeaders[index + 1] as string
    if (badValue.test(value)) throw canonicalReasons.deny('canonical.headerMalformed')
    if (message.isHttp2) requireHttp2Header(name, value)
    if (role === 'host') hosts.push(value)
    else if (role === 'connection') options.push(value)
    else if (role === 'single' || (role === 'cookie' && !message.isHttp2)) addOnce(single, name, value)
  }
  requireConnection(options)
  requireFraming(single, message.method)
  requireUpgrade(single, { ...message, options })
  const expectation = single.get('expect')
  if (expectation !== undefined && expectation.toLowerCase() !== '100-continue') throw canonicalReasons.deny('canonical.expectation')
  return { hosts, single }
}

/** Cookie may come in several lines over HTTP/2 only (RFC 9113 section 8.2.3, RFC 6265 section 5.4). */
function addOnce (single: Map<string, string>, name: string, value: string): void {
  if (single.has(name)) throw canonicalReasons.deny('canonical.headerRepeated')
  single.set(name, value)
}

function requireHttp2Header (name: string, value: string): void {
  const isForeign = connectionHeaders.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers')
  if (isForeign) throw canonicalReasons.deny('canonical.connectionHeader')
}

function requireConnection (options: readonly string[]): void {
  for (const option of options.flatMap(value => value.split(','))) {
    if (!connectionOptions.has(option.trim().toLowerCase())) throw canonicalReasons.deny('canonical.connectionHeader')
  }
}

/** RFC 9112 section 6.3. A body of GET or HEAD has no meaning (RFC 9110 section 9.3.1) and would be judged but not forwarded. */
function requireFraming (single: ReadonlyMap<string, string>, method: string): void {
  const length = single.get('content-length')
  const coding = single.get('transfer-encoding')
  const isBroken = (length !== undefined && coding !== undefined) ||
    (length !== undefined && !/^\d{1,15}$/.test(length)) ||
    (coding !== undefined && coding.toLowerCase() !== 'chunked')
  const hasBody = coding !== undefined || (length !== undefined && Number(length) > 0)
  if (isBroken || (hasBody && (method === 'GET' || method === 'HEAD'))) throw canonicalReasons.deny('canonical.framing')
}

function requireUpgrade (single: ReadonlyMap<string, string>, message: { readonly method: string, readonly options: readonly string[] }): void {
  if (single.has('http2-settings')) throw canonicalReasons.deny('canonical.upgrade')
  const protocol = single.get('upgrade')
  if (protocol === undefined) return
  const isAsked = message.options.some(value => value.toLowerCase().split(',').some(option => option.trim() === 'upgrade'))
  const isWebSocket = protocol.toLowerCase() === 'websocket' && message.method === 'GET' && isAsked
  if (!isWebSocket) throw canonicalReasons.deny('canonical.upgrade')
}
