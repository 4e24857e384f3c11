// What differs between the running configuration and a new one, and what of it needs a restart. Pure.
import { isDeepStrictEqual } from 'node:util'
import type { GatewayConfig } from './gateway-config.ts'
import { SecretValue } from '../shared/schema.ts'

export interface ConfigDifference {
  /** Top-level keys that differ. */
  readonly changed: readonly string[]
  /** Of these, settings that only a restart can change. */
  readonly needsRestart: readonly string[]
}

// Who may come in from where and do what: the settings that change by policy, and that open sessions and sockets can be judged by again.
const reloadable: ReadonlySet<string> = new Set(['clientIp', 'access', 'masking', 'profile', 'pages', 'pageFiles', 'associates'])

export function compareConfig (running: GatewayConfig, next: GatewayConfig): ConfigDifference {
  const keys = [...new Set([...Object.keys(running), ...Object.keys(next)])] as Array<keyof GatewayConfig>
  const changed = keys.filter(key => !isSame(running[key], next[key]))
  const needsRestart: string[] = changed.filter(key => !reloadable.has(key) && !(key === 'outbound' && isOtherHostsOnly(running, next)))
  // The listener's router learns its methods once.
  if (!isSame(running.access.methods, next.access.methods)) needsRestart.push('access.methods')
  return { changed, needsRestart }
}

/** Which hosts the CRM may reach: open connections can be judged by it again. */
function isOtherHostsOnly ({ outbound: running }: GatewayConfig, { outbound: next }: GatewayConfig): boolean {
  if (running?.proxy === undefined || next?.proxy === undefined) return false
  const { hosts, reportUnknownUntil } = next.proxy
  return isSame({ ...running, proxy: { ...running.proxy, hosts, reportUnknownUntil } }, { ...next, proxy: { ...next.proxy, hosts, reportUnknownUntil } })
}

function isSame (one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(reveal(one), reveal(other))
}

/** Secrets are compared by value; nothing of it leaves this function. */
function reveal (value: unknown): unknown {
  if (value instanceof SecretValue) return value.reveal()
  if (Array.isArray(value)) return value.map(reveal)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]))
  return value
}
