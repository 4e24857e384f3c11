// Is the request meant for us? Exactly one name, and it is ours. It never chooses where a request goes.
import { canonicalReasons } from './reasons.ts'

const hostAndPort = /^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/

/**
 * Compiles the names that are ours. Returns a check that throws a Denial `canonical.host*`.
 * A server name without a port has the port of the public URL; the default port equals none (RFC 9110 section 4.2.2).
 */
export function createHostCheck (publicUrl: string, serverNames: readonly string[]): (hosts: readonly string[], authority: string | undefined) => void {
  const origin = new URL(publicUrl)
  const ours = new Set<string>()
  for (const name of [origin.host, ...serverNames]) {
    for (const spelling of spellingsOf(name, origin)) ours.add(spelling)
  }
  return (hosts, authority) => {
    if (hosts.length > 1) throw canonicalReasons.deny('canonical.hostAmbiguous')
    const host = hosts[0]?.toLowerCase()
    const named = authority?.toLowerCase() ?? host
    if (named === undefined) throw canonicalReasons.deny('canonical.hostMissing')
    // RFC 9113 section 8.3.1: a Host that differs from :authority makes a second reading.
    if (host !== undefined && host !== named) throw canonicalReasons.deny('canonical.hostAmbiguous')
    if (ours.has(named)) return
    throw canonicalReasons.deny(hostAndPort.test(named) ? 'canonical.hostUnknown' : 'canonical.hostAmbiguous')
  }
}

function spellingsOf (name: string, origin: URL): readonly string[] {
  if (!hostAndPort.test(name.toLowerCase())) throw new TypeError('a server name must be a host, or a host and a port')
  const hasPort = /:\d+$/.test(name.replace(/^\[.*\]/, ''))
  const { host, hostname, port } = new URL(`${origin.protocol}//${hasPort || origin.port === '' ? name : `${name}:${origin.port}`}`)
  const defaultPort = origin.protocol === 'https:' ? '443' : '80'
  return port === '' ? [host, `${hostname}:${defaultPort}`] : [host]
}
