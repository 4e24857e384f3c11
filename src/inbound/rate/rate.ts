// Whether an address, or a person, asks too often. It decides by counts of the running minute and by nothing else, and lets everybody in again when it is
// over; it never waits for another machine.
import { createHmac } from 'node:crypto'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { RedisConfig } from '../../shared/redis-config.ts'
import type { RatesConfig } from './config.ts'
import { rateReasons } from './reasons.ts'
import { createSharedCounts } from './shared-counts.ts'
import { createWindow } from './window.ts'

export interface RateRoom {
  /** Counts a request of this class; throws a Denial when there were too many. */
  requireAddress(address: string, routeClass: string): void
  requirePerson(id: string, routeClass: string): void
  close(): void
}

interface RateDeps {
  readonly clock: Clock
  /** Makes names that Redis may see. */
  readonly key: Buffer | Uint8Array
  readonly gateway: string
  /** Where the sessions are, when they are in Redis. */
  readonly redis: RedisConfig | undefined
}

const tellEveryMs = 500
/** Of an IPv6 network (/64) somebody has all addresses: they are one, also where zeros are left out (`2001:db8::7`). */
function networkOf (address: string): string {
  if (!address.includes(':')) return address
  const [before = '', after] = address.split('::')
  const [head, tail] = [before, after ?? ''].map(part => part === '' ? [] : part.split(':')) as [string[], string[]]
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)
  return [...head, ...new Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':')
}

export function createRateRoom (config: RatesConfig | undefined, { clock, key, gateway, redis }: RateDeps): RateRoom {
  if (config === undefined) return { requireAddress () { /* nobody is counted */ }, requirePerson () { /* nobody is counted */ }, close () { /* nothing is open */ } }
  const window = createWindow()
  const shared = redis === undefined ? undefined : createSharedCounts(redis, gateway)
  const nameOf = (kind: string, whose: string, routeClass: string) => createHmac('sha256', key).update(JSON.stringify([kind, whose, routeClass])).digest('base64url').slice(0, 22)
  let timer: Timer | undefined
  let isClosed = false

  const tell = async () => {
    const now = clock.now()
    const counts = window.untold(now)
    const minute = window.minuteOf(now)
    const sums = counts.length === 0 ? undefined : await shared?.add(minute, counts).catch(() => undefined)
    for (const [name, told] of counts) {
      const all = sums?.get(name)
      if (all !== undefined) window.learn(name, { minute, told, all })
    }
  }
  const tellLater = () => {
    if (shared === undefined || timer !== undefined || isClosed) return
    timer = clock.after(tellEveryMs, () => {
      void tell().finally(() => { timer = undefined })
    })
  }
  const require = (kind: 'address' | 'person', whose: string, routeClass: string) => {
    const limit = config[kind]?.[routeClass as 'read' | 'write' | 'socket']
    if (limit === undefined) return
    const now = clock.now()
    const count = window.add(nameOf(kind, whose, routeClass), now)
    tellLater()
    if (count > limit) throw rateReasons.deny(`rate.${kind}`, { retryAfterSeconds: Math.ceil(window.leftMs(now) / 1000) })
  }
  return {
    requireAddress (address, routeClass) { require('address', networkOf(address), routeClass) },
    requirePerson (id, routeClass) { require('person', id, routeClass) },
    close () {
      isClosed = true
      timer?.cancel()
      shared?.close()
    },
  }
}
