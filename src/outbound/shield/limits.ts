// How much one address outside, and everybody together to one alias, may send. It forgets within a minute, and its memory is bounded however many addresses come.
import { BlockList, isIP } from 'node:net'
import type { Clock } from '../../shared/clock.ts'
import type { ShieldListenerConfig } from './config.ts'

export interface ShieldLimits {
  /** Whether mail is taken from there at all. */
  isAllowed (address: string): boolean
  /** Counts a connection that opens; `close` it once whatever the answer was. */
  mayConnect (connection: string, address: string): boolean
  close (connection: string): void
  /** Counts a mail that begins. */
  maySend (address: string): boolean
  mayReceive (alias: string): boolean
}

const minuteMs = 60_000
const mostNames = 10_000
/** Nothing is spelled like this: all that come when the table is full are counted together. */
const everybodyElse = ''

function createCounter (clock: Clock, perMinute: number): (name: string) => boolean {
  const counts = new Map<string, number>()
  let beganAt = clock.now()
  return name => {
    const now = clock.now()
    if (now >= beganAt + minuteMs || now < beganAt) { counts.clear(); beganAt = now }
    const key = counts.has(name) || counts.size < mostNames ? name : everybodyElse
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count <= perMinute
  }
}

/** Whoever has one IPv6 address has the 2^64 beside it. */
export function networkOf (address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')].slice(0, 4).map(group => Number.parseInt(group, 16).toString(16)).join(':')
}

function createTest (networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => true
  const list = new BlockList()
  for (const range of [...networks, '127.0.0.0/8', '::1/128']) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return address => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

export function createShieldLimits (config: ShieldListenerConfig, clock: Clock): ShieldLimits {
  const open = new Map<string, string>()
  const openOf = new Map<string, number>()
  const mayOpen = createCounter(clock, config.connectionsPerMinute)
  const maySend = createCounter(clock, config.messagesPerMinute)
  return {
    isAllowed: createTest(config.networks),
    mayConnect (connection, address) {
      const network = networkOf(address)
      const count = (openOf.get(network) ?? 0) + 1
      open.set(connection, network)
      openOf.set(network, count)
      return mayOpen(network) && count <= config.maxConnectionsPerAddress
    },
    close (connection) {
      const network = open.get(connection)
      if (network === undefined) return
      open.delete(connection)
      const left = (openOf.get(network) ?? 1) - 1
      if (left > 0) openOf.set(network, left)
      else openOf.delete(network)
    },
    maySend: address => maySend(networkOf(address)),
    mayReceive: createCounter(clock, config.messagesPerMinuteOfAlias),
  }
}
