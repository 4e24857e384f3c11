// Rules about where requests go and what the CRM is told: not to ourselves, not in the clear unnoticed, not under a name that means something else.
import { isIPv4 } from 'node:net'
import { URL } from 'node:url'
import type { Rule } from '../rule.ts'

function readUrl (text: string | undefined): URL | undefined {
  return text === undefined ? undefined : URL.parse(text) ?? undefined
}

export function isLoopback (host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
}

/** RFC 1918, RFC 4193. A name can be anywhere, so it does not count. */
function isPrivate (host: string): boolean {
  if (isIPv4(host)) return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host)
  return /^\[f[cd]/.test(host)
}

export const refuseForwardingToOurselves: Rule = ({ config: { gateway, upstream, listeners } }, report) => {
  const target = readUrl(upstream?.url)
  if (target === undefined) return
  const own = readUrl(gateway?.publicUrl)
  if (own !== undefined && target.host === own.host) report.refuse(['upstream', 'url'], 'is the public address itself: requests would come back to the gateway for ever. Write where the CRM listens.')
  const port = Number(target.port === '' ? (target.protocol === 'https:' ? 443 : 80) : target.port)
  if (isLoopback(target.hostname) && port === listeners?.public?.port) report.refuse(['upstream', 'url'], `is port ${port} of this machine, where the gateway itself listens: write the CRM's own port.`)
}

export const warnOfUnencryptedUpstream: Rule = ({ config: { upstream } }, report) => {
  const target = readUrl(upstream?.url)
  if (target === undefined || target.protocol === 'https:' || isLoopback(target.hostname) || isPrivate(target.hostname)) return
  report.warn(['upstream', 'url'], 'begins with http:// and is not an address of this machine or a private network: patient data would travel unencrypted. Use https:// if the CRM can (45 CFR 164.312(e)(1)).')
}

/** A trace names nobody, but says when somebody works with what. */
export const warnOfUnencryptedTraces: Rule = ({ config: { operations } }, report) => {
  const target = readUrl(operations?.traces?.endpoint)
  if (target === undefined || target.protocol === 'https:' || isLoopback(target.hostname) || isPrivate(target.hostname)) return
  report.warn(['operations', 'traces', 'endpoint'], 'begins with http:// and is not an address of this machine or a private network: anybody on the way can read and change traces. Use https://.')
}

/** Headers whose meaning HTTP or we have given away already. */
const takenHeaders = new Set([
  'authorization', 'connection', 'content-length', 'content-type', 'cookie', 'expect', 'forwarded', 'host', 'keep-alive', 'origin', 'proxy-authorization',
  'proxy-connection', 'referer', 'set-cookie', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via', 'x-forwarded-for', 'x-forwarded-host',
  'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip',
])

export const requireIdentityHeadersOfTheirOwn: Rule = ({ config: { upstream } }, report) => {
  const { user, email, groups, token } = upstream?.identity ?? {}
  const seen = new Set<string>()
  const named = [['user', user], ['email', email], ['groups', groups], ['token', token?.header]] as const
  for (const [key, header] of named) {
    if (header === undefined) continue
    const path = ['upstream', 'identity', key, ...(key === 'token' ? ['header'] : [])]
    const folded = header.toLowerCase()
    if (takenHeaders.has(folded)) report.refuse(path, `is ${header}, which has another meaning: take a name of its own, as X-Forwarded-User.`)
    if (seen.has(folded)) report.refuse(path, `is ${header}, as another identity header is: each needs a name of its own.`)
    seen.add(folded)
  }
}

export const refuseSharedPorts: Rule = ({ config: { listeners } }, report) => {
  const port = listeners?.health?.port
  if (port !== undefined && port !== 0 && port === listeners?.public?.port) report.refuse(['listeners', 'health', 'port'], `is ${port}, where people come in: health and metrics need a port of their own.`)
}
