// Which hosts the CRM may reach through the proxy, and how: blocked, tunnelled, opened. It judges names and never connects. Pure.
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { OpenHostConfig, ProxyConfig, ProxyHostConfig, TunnelHostConfig } from './config.ts'
import { createRequestCheck, type RequestCheck } from './judge-request.ts'
import { proxyReasons } from './reasons.ts'

export { proxyReasons }
export type { LeafMaker } from './authority.ts'
export { readServerName } from './client-hello.ts'
export type { CallTarget, RawRequest, RequestCheck } from './judge-request.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface OpenedHost {
  readonly config: OpenHostConfig
  readonly check: RequestCheck
}

export type Way =
  | { readonly is: 'open', readonly opened: OpenedHost }
  | { readonly is: 'tunnel', readonly config: TunnelHostConfig }
  /** Not in the list, and let through for a while so that it becomes known. */
  | { readonly is: 'report' }

export interface ProxyRoom {
  /** Throws a Denial. `values`: of Proxy-Authorization. */
  requireClient (values: readonly string[]): void
  /** Throws a Denial. `target`: as CONNECT names it. */
  readTarget (target: string): Endpoint
  /** Throws a Denial. */
  requireWay (endpoint: Endpoint, now: number): Way
}

/** Only when it is needed, because what writes certificates takes its time to load. */
export const loadAuthority = () => import('./authority.ts')

const dayMs = 86_400_000
const hostShape = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Digests are of one length whatever was sent, so a comparison tells nothing about it. */
function isSame (one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** RFC 7617: any name, the password behind the first colon. */
function readPassword (value: string): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(value)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : undefined
}

/** An address in any spelling that some resolver takes for one: dotted, hexadecimal, octal, a plain number, in brackets. */
const isAddress = (host: string) => isIP(host) !== 0 || host.startsWith('[') || /(?:^|\.)(?:0x[0-9a-f]*|\d+)$/.test(host)

function wayOf (config: ProxyHostConfig): Way | undefined {
  if (config.action === 'block') return undefined
  return config.action === 'open' ? { is: 'open', opened: { config, check: createRequestCheck(config) } } : { is: 'tunnel', config }
}

export function createProxyRoom ({ listener, hosts, reportUnknownUntil }: ProxyConfig): ProxyRoom {
  const password = listener.password.reveal().trim()
  const ways = new Map(hosts.map(config => [config.host, { config, way: wayOf(config) }]))
  const reportsUntil = reportUnknownUntil === undefined ? 0 : Date.parse(`${reportUnknownUntil}T00:00:00Z`) + dayMs
  return {
    requireClient (values) {
      const [value] = values
      const shown = value === undefined || values.length > 1 ? undefined : readPassword(value)
      if (shown === undefined || !isSame(shown, password)) throw proxyReasons.deny('proxy.notSignedIn')
    },
    readTarget (target) {
      const [, name = '', digits = ''] = /^(.{1,300}):([1-9]\d{0,4})$/.exec(target) ?? []
      const host = name.toLowerCase()
      const port = Number(digits)
      if (isAddress(host)) throw proxyReasons.deny('proxy.address')
      if (!hostShape.test(host) || port === 0 || port > 65_535) throw proxyReasons.deny('proxy.malformed')
      return { host, port }
    },
    requireWay ({ host, port }, now) {
      const known = ways.get(host)
      if (known === undefined) {
        if (now < reportsUntil) return { is: 'report' }
        throw proxyReasons.deny('proxy.unknownHost')
      }
      if (known.way === undefined || known.config.action === 'block') throw proxyReasons.deny('proxy.blocked')
      if (!known.config.ports.includes(port)) throw proxyReasons.deny('proxy.port')
      return known.way
    },
  }
}
