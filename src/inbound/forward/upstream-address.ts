// Where the CRM is and how its certificate is verified: one answer for HTTP and for upgrades. Verification has no switch.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { UpstreamConfig } from './config.ts'

export interface UpstreamAddress {
  readonly url: URL
  readonly secure: boolean
  /** Without brackets. */
  readonly hostname: string
  readonly port: number
  /** Name to ask for and to find in the certificate; undefined for an address, which the certificate must then hold. */
  readonly serverName: string | undefined
  /** Authorities in PEM; undefined means those that Node.js comes with. */
  readonly authority: string | undefined
}

/** Throws when the authority's file cannot be read. */
export function readUpstreamAddress (config: UpstreamConfig): UpstreamAddress {
  const url = new URL(config.url)
  const secure = url.protocol === 'https:'
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return {
    url,
    secure,
    hostname,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    serverName: config.serverName ?? (isIP(hostname) === 0 ? hostname : undefined),
    authority: config.authority === undefined ? undefined : readFileSync(config.authority, 'utf8'),
  }
}
