// What a person sent after their session had ended: kept sealed on the server for ten minutes, for the same person in the same browser, for one use.
// Neither a cookie nor an id is enough to get it, and it says itself nothing about whether it may be sent: it is judged like every request then.
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../shared/clock.ts'
import { createSecretId } from '../../shared/ids.ts'
import { compileRouteTable } from '../../shared/route-pattern.ts'
import { sizeBytes } from '../../shared/schema.ts'
import type { OneTimeStore } from '../one-time-store.ts'
import type { Principal } from '../principal.ts'
import type { UnsentConfig } from './config.ts'
import { summarize, type Summary } from './summarize.ts'

export type { Summary } from './summarize.ts'

/** Names the expired session in the browser, after its own cookie was taken away. */
export const unsentCookieName = '__Host-sallyport-unsent'
/** Which kept request the browser comes with now. */
export const sendCookieName = '__Host-sallyport-send'

/** The CRM may neither read nor set them, also while nothing is kept. */
export const unsentCookieNames = [unsentCookieName, sendCookieName] as const

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax'
/** The IdP's answer, with which somebody else may sign in, is a cross-site POST: it carries SameSite=None cookies only. */
const markAttributes = 'Path=/; Secure; HttpOnly; SameSite=None'
export const clearingUnsent = `${unsentCookieName}=; Max-Age=0; ${markAttributes}`
export const clearingSend = `${sendCookieName}=; Max-Age=0; ${attributes}`

/** Who an expired session was for, and when it ended. */
export interface Expired { readonly key: string, readonly principal: Principal, readonly endedAt: number }

export interface Sent {
  /** The refused request's number. */
  readonly id: string
  readonly method: string
  readonly href: string
  readonly foldedPath: string
  /** Fields that the CRM needs again; the browser's cookies are not among them. */
  readonly headers: Readonly<Record<string, string>>
  /** One character for each byte. */
  readonly body: string
}

/** What is told of a kept request. */
export interface Offer extends Summary {
  readonly id: string
  readonly method: string
  readonly href: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly endsAt: number
}

export interface Kept { readonly from: string, readonly method: string, readonly headers: Readonly<Record<string, string>>, readonly body: Buffer }

type Who = Pick<Principal, 'id' | 'idp'>
interface Holder { readonly principal: Principal, readonly cookie: string | undefined }

export interface UnsentRoom {
  readonly maxBytes: number
  /** A session ended by its idle or absolute time: for ten minutes it is known whose it was. */
  remember(session: { readonly key: string, readonly principal: Principal }, endedAt: number): Promise<void>
  /** Set-Cookie that lets this browser be known by the session that ended in it. */
  mark(key: string): string
  /** The session that ended here within ten minutes; `keys`: those that the session cookie names. */
  findExpired(keys: readonly string[], cookieHeader: string | undefined): Promise<Expired | undefined>
  /** Whether the route's content is kept at all. */
  mayKeep(target: { readonly method: string, readonly foldedPath: string }): boolean
  /** Keeps it. Undefined when there is no more room for this person or at all. */
  keep(expired: Expired, sent: Sent): Promise<Offer | undefined>
  /** What waits for this person in this browser. */
  offers(holder: Holder): Promise<readonly Offer[]>
  /** The person wants it sent. Returns where to, and the Set-Cookie value with which the browser comes; undefined when it is not there for them. */
  permit(id: string, holder: Holder & { readonly sessionKey: string }): Promise<{ readonly href: string, readonly setCookie: string } | undefined>
  /** Takes what the browser comes with, once; undefined when this is not what was permitted to this session. */
  claim(target: { readonly href: string }, holder: Holder & { readonly sessionKey: string }): Promise<Kept | undefined>
  drop(id: string, holder: Holder): Promise<void>
  /** Somebody signed in here. `waiting`: they have something; `foreign`: it was somebody else's, and is gone. */
  settle(holder: Holder): Promise<'none' | 'waiting' | 'foreign'>
}

export interface UnsentDeps {
  readonly clock: Clock
  readonly store: OneTimeStore
  /** For the cookie alone; the same on every replica. */
  readonly key: Buffer
}

const keptMs = 10 * 60_000
const permitMs = 60_000
/** So many for one person, with `maxSize` the most bytes too. */
const slots = [0, 1, 2, 3] as const
/** Of one gateway within ten minutes, all people together. */
const mostBytes = 64 * 1024 * 1024

interface Entry extends Offer { readonly key: string, readonly from: string }

/** An administrator ended this person's sessions (undefined: everybody's): what was kept before is offered no more. */
export async function barUnsent (store: OneTimeStore, person: string | undefined, now: number): Promise<void> {
  const name = barOf(person)
  await store.take(name)
  await store.putOnce(name, String(now), 2 * keptMs)
}

const barOf = (person: string | undefined) => person === undefined ? 'unsent.barredAll' : `unsent.barred:${person}`
const nameOf = ({ id, idp }: Who) => hash('sha256', JSON.stringify([idp, id]), 'base64url')
const isSame = (one: Who, other: Who) => one.id === other.id && one.idp === other.idp

export function createUnsentRoom (config: UnsentConfig, deps: UnsentDeps): UnsentRoom {
  const { clock, store } = deps
  const tickets = createTickets(deps.key)
  const except = compileRouteTable(config.except.map(pattern => ({ pattern, value: true })))
  const readOwner = async (key: string): Promise<Expired | undefined> => {
    const text = await store.peek(`unsent.owner:${key}`)
    return text === undefined ? undefined : JSON.parse(text) as Expired
  }
  const budget = createBudget(clock)
  const shelf = createShelf(deps, { readTicket: cookieHeader => tickets.read(cookieHeader), giveBack: id => { budget.giveBack(id) } })
  return {
    maxBytes: sizeBytes(config.maxSize),
    async remember ({ key, principal }, endedAt) {
      // Twice as long as is kept: what was kept at the last moment must find its owner when somebody else signs in.
      const ttlMs = endedAt + 2 * keptMs - clock.now()
      if (ttlMs > 0) await store.putOnce(`unsent.owner:${key}`, JSON.stringify({ key, principal, endedAt }), ttlMs, { mayBeLost: true })
    },
    mark: key => tickets.write(key),
    async findExpired (keys, cookieHeader) {
      if (keys.length > 1) return undefined
      const key = keys[0] ?? tickets.read(cookieHeader)
      const owner = key === undefined ? undefined : await readOwner(key)
      if (owner === undefined || clock.now() >= owner.endedAt + keptMs) return undefined
      return await shelf.barredAt(owner.principal) >= owner.endedAt ? undefined : owner
    },
    mayKeep: ({ method, foldedPath }) => except.find(method, foldedPath) !== true,
    keep: createKeeping(deps, budget),
    offers: async holder => (await shelf.heldBy(holder)).map(({ entry }) => entry).sort((one, other) => one.at - other.at),
    ...createSending(deps, shelf),
    async settle (holder) {
      const key = tickets.read(holder.cookie)
      const owner = key === undefined ? undefined : await readOwner(key)
      if (owner === undefined) return 'none'
      if (isSame(owner.principal, holder.principal)) return (await shelf.heldBy(holder)).length === 0 ? 'none' : 'waiting'
      await store.take(`unsent.owner:${owner.key}`)
      for (const item of await shelf.slotsOf(owner.principal)) if (item.entry.key === owner.key) await shelf.remove(item)
      return 'foreign'
    },
  }
}

interface Item { readonly name: string, readonly entry: Entry }
type Shelf = ReturnType<typeof createShelf>

/** What lies in the store of a person, and which of it this browser may see. */
interface ShelfWay { readonly readTicket: (cookieHeader: string | undefined) => string | undefined, readonly giveBack: (id: string) => void }

function createShelf ({ clock, store }: UnsentDeps, { readTicket, giveBack }: ShelfWay) {
  const barredAt = async ({ id }: Who) => Math.max(...(await Promise.all([store.peek(barOf(id)), store.peek(barOf(undefined))])).map(text => Number(text ?? -1)))
  const slotsOf = async (who: Who): Promise<readonly Item[]> => {
    const names = slots.map(slot => slotOf(who, slot))
    const found = await Promise.all(names.map(async name => ({ name, text: await store.peek(name) })))
    return found.flatMap(({ name, text }) => text === undefined ? [] : [{ name, entry: JSON.parse(text) as Entry }])
  }
  const heldBy = async ({ principal, cookie }: Holder) => {
    const key = readTicket(cookie)
    if (key === undefined) return []
    const after = await barredAt(principal)
    return (await slotsOf(principal)).filter(({ entry }) => entry.key === key && entry.at > after && entry.endsAt > clock.now())
  }
  return {
    barredAt,
    slotsOf,
    heldBy,
    find: async (id: string, holder: Holder) => (await heldBy(holder)).find(({ entry }) => entry.id === id),
    /** Returns the content, to the one caller that took it. */
    async remove ({ name, entry }: Item) {
      const [, content] = await Promise.all([store.take(name), store.take(`unsent.body:${entry.id}`)])
      giveBack(entry.id)
      return content
    },
  }
}

const slotOf = (who: Who, slot: number) => `unsent.slot:${nameOf(who)}:${slot}`

function createKeeping ({ clock, store }: UnsentDeps, budget: ReturnType<typeof createBudget>): UnsentRoom['keep'] {
  return async ({ key, principal }, { id: from, method, href, headers, body }) => {
    const taken = await Promise.all(slots.map(slot => store.peek(slotOf(principal, slot))))
    const id = createSecretId()
    // Whoever has no slot left takes no room from others.
    if (!taken.includes(undefined) || !budget.take(id, body.length)) return undefined
    const now = clock.now()
    const entry: Entry = {
      id, key, from, method, href, at: now, endsAt: now + keptMs, ...summarize(body, headers['content-type'] ?? '', headers['content-encoding'] !== undefined),
    }
    await store.putOnce(`unsent.body:${id}`, JSON.stringify({ headers, body: Buffer.from(body, 'latin1').toString('base64') }), keptMs)
    for (const slot of slots) if (await store.putOnce(slotOf(principal, slot), JSON.stringify(entry), keptMs)) return entry
    await store.take(`unsent.body:${id}`)
    budget.giveBack(id)
    return undefined
  }
}

function createSending ({ store }: UnsentDeps, shelf: Shelf): Pick<UnsentRoom, 'permit' | 'claim' | 'drop'> {
  return {
    async permit (id, holder) {
      const found = await shelf.find(id, holder)
      if (found === undefined) return undefined
      await store.take(`unsent.permit:${id}`)
      await store.putOnce(`unsent.permit:${id}`, holder.sessionKey, permitMs)
      return { href: found.entry.href, setCookie: `${sendCookieName}=${id}; Max-Age=${permitMs / 1000}; ${attributes}` }
    },
    async claim ({ href }, holder) {
      const id = readCookie(holder.cookie, sendCookieName)
      const found = id === undefined ? undefined : await shelf.find(id, holder)
      if (found === undefined || found.entry.href !== href) return undefined
      // Atomic: of two that come with it, one gets it.
      if (await store.take(`unsent.permit:${found.entry.id}`) !== holder.sessionKey) return undefined
      const text = await shelf.remove(found)
      if (text === undefined) return undefined
      const { headers, body } = JSON.parse(text) as { readonly headers: Record<string, string>, readonly body: string }
      return { from: found.entry.from, method: found.entry.method, headers, body: Buffer.from(body, 'base64') }
    },
    async drop (id, holder) {
      const found = await shelf.find(id, holder)
      if (found !== undefined) await shelf.remove(found)
    },
  }
}

/** The key of an ended session with a proof that we wrote it: the key alone stands in the trail too. */
function createTickets (cookieKey: Buffer) {
  const prove = (key: string) => createHmac('sha256', cookieKey).update(key).digest('base64url')
  return {
    write: (key: string) => `${unsentCookieName}=${key}.${prove(key)}; Max-Age=${2 * keptMs / 1000}; ${markAttributes}`,
    read (cookieHeader: string | undefined): string | undefined {
      const [key = '', proof = ''] = readCookie(cookieHeader, unsentCookieName)?.split('.') ?? []
      const expected = Buffer.from(prove(key))
      const given = Buffer.from(proof)
      return key !== '' && given.length === expected.length && timingSafeEqual(given, expected) ? key : undefined
    },
  }
}

/** Undefined when there is none, or more than one. */
export function readCookie (cookieHeader: string | undefined, name: string): string | undefined {
  const values = (cookieHeader ?? '').split(';').map(pair => pair.trim()).filter(pair => pair.startsWith(`${name}=`))
  return values.length === 1 ? (values[0] as string).slice(name.length + 1) : undefined
}

/** Bytes kept within ten minutes. */
function createBudget (clock: Clock) {
  const taken = new Map<string, { readonly at: number, readonly bytes: number }>()
  return {
    take (id: string, bytes: number): boolean {
      const now = clock.now()
      let sum = bytes
      for (const [old, each] of taken) {
        if (now - each.at < keptMs && each.at <= now) sum += each.bytes
        else taken.delete(old)
      }
      if (sum > mostBytes) return false
      taken.set(id, { at: now, bytes })
      return true
    },
    giveBack (id: string) { taken.delete(id) },
  }
}
