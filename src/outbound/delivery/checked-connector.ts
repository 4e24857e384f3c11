// How a receiver is connected to: the address checked, before and after; the certificate verified, whatever the environment says.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { buildConnector, type Connectors } from '../../shared/undici.ts'
import { addressRefused, askPinned, createCheckedLookup, refuseAddress, type MayConnect } from './addresses.ts'
import type { deliveryReasons } from './reasons.ts'

export type DeliveryCode = keyof typeof deliveryReasons.table

export interface ConnectorOptions {
  /** PEM file. */
  readonly authority: string | undefined
  readonly timeoutMs: number
  /** Instead of what the name service says. */
  readonly pinned?: string | undefined
}

export function createConnector (mayConnect: MayConnect, { authority, timeoutMs, pinned }: ConnectorOptions): Connectors.connector {
  const connect = buildConnector({
    lookup: createCheckedLookup(mayConnect, pinned === undefined ? undefined : askPinned(pinned)),
    timeout: timeoutMs,
    allowH2: false,
    rejectUnauthorized: true, // whatever the environment says
    minVersion: 'TLSv1.2',
    ...(authority === undefined ? {} : { ca: readFileSync(authority, 'utf8') }),
  })
  return (options, done) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    // A literal address is not looked up.
    if (isIP(host) !== 0 && !mayConnect(host)) { done(refuseAddress(), null); return }
    connect(options, (...result) => {
      const [error, socket] = result
      if (error !== null) { done(error, null); return }
      if (!mayConnect(socket.remoteAddress ?? '')) { socket.destroy(); done(refuseAddress(), null); return }
      done(null, socket)
    })
  }
}

export function codeOf (error: unknown): DeliveryCode {
  for (let here = error; here instanceof Error; here = here.cause) {
    const code = 'code' in here && typeof here.code === 'string' ? here.code : ''
    if (code === addressRefused) return 'delivery.addressRefused'
    if (/CERT|TLS_CERT|SELF_SIGNED|VERIFY_LEAF|ISSUER/.test(code)) return 'delivery.certificate'
    if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'delivery.tooSlow'
    if (here instanceof AggregateError) for (const inner of here.errors) if (codeOf(inner) !== 'delivery.unavailable') return codeOf(inner)
  }
  return 'delivery.unavailable'
}
