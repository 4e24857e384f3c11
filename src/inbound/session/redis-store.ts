// Sessions in Redis: for several gateways. Every decision is one script on the server; a command that is not answered in time refuses.
import { createRedisClient, RedisError, type RedisArgument, type RedisClient } from '../../shared/redis.ts'
import type { RedisConfig } from '../../shared/redis-config.ts'
import { sessionReasons } from './reasons.ts'
import { acknowledgeScript, addScript, allScripts, dueScript, endScript, placeScript, putOnceScript, takeScript, visitScript, type RedisScript } from './redis-scripts.ts'
import { readEndCause, rememberedMs, sessionForm, setBackMs, type EndedSession, type SessionStore, type StoredSession, type Visit } from './store.ts'

/** A request needs one command, at most two; together they stay within the second in which it must be refused. */
const commandTimeoutMs = 400

/** Sessions that end while no gateway runs are still found, and put on record, for so long. */
const marginMs = rememberedMs

/** Keys in one command at most: a long one would hold the server up for everybody. */
const batchSize = 500

/** Ends that nobody reported, looked at in one go. */
const unreportedSize = 100
const mostPages = 20

type Answer = readonly (string | null)[]

export function createRedisStore (config: RedisConfig, gateway: string): SessionStore {
  const client = createRedisClient(config, { commandTimeoutMs })
  const server = createCommands(client)
  const names = nameKeys(gateway)
  const keysOf = (key: string) => [names.live(key), names.ended(key), names.active, names.ends, names.unreported]
  const acknowledge = async (key: string) => await server.run(acknowledgeScript, [names.ended(key), names.unreported], [key]) as Answer
  return {
    opened: () => new Promise(resolve => { client.onReady(resolve) }),
    async add (session) {
      const { key, sealed, person, nameId, index, beganAt, lastActiveAt, endsAt, form, place } = session
      const timeToLive = endsAt - lastActiveAt + marginMs
      await server.run(addScript, [names.live(key), names.active, names.ends, names.person(person), names.nameId(nameId)],
        [key, timeToLive, sealed, person, nameId, index, beganAt, lastActiveAt, endsAt, form, place])
    },
    async visit (key, { now, idleMs, moves }) {
      return readVisit(key, await server.run(visitScript, keysOf(key), [key, now, rememberedMs, names.prefix, idleMs, moves ? 1 : 0]) as Answer)
    },
    async place (key, sealed) { await server.run(placeScript, [names.live(key)], [sealed]) },
    async end (keys, { cause, now }) {
      const ended: StoredSession[] = []
      for (const batch of batches(keys)) {
        const answers = await Promise.all(batch.map(key => server.run(endScript, keysOf(key), [key, now, rememberedMs, names.prefix, cause])))
        for (const [at, answer] of answers.entries()) if ((answer as Answer).length > 0) ended.push(readSession(batch[at] as string, answer as Answer))
      }
      return ended
    },
    ...createRedisLookUps(server, names),
    acknowledge: async key => (await acknowledge(key)).length > 0,
    async takeUnreported (before) {
      const taken: EndedSession[] = []
      // What a newer version wrote is left where it is, and must not hide what lies behind it.
      for (let left = 0, page = 0; taken.length < unreportedSize && page < mostPages; page += 1) {
        const keys = await server.call('ZRANGE', names.unreported, '-inf', `(${before}`, 'BYSCORE', 'LIMIT', left, unreportedSize) as string[]
        const heads = await Promise.all(keys.map(key => server.call('HMGET', names.ended(key), 'cause', 'form'))) as Answer[]
        const known = keys.filter((_key, at) => isKnown(heads[at] as Answer))
        left += keys.length - known.length
        for (const key of known) {
          const [text, ...fields] = await acknowledge(key)
          const cause = readEndCause(text)
          if (cause !== undefined && typeof fields[0] === 'string') taken.push({ session: readSession(key, fields), cause })
        }
        if (keys.length < unreportedSize) break
      }
      return taken
    },
    count: async () => Number(await server.call('ZCARD', names.active)),
    async purge () { /* every key has a time to live */ },
    onEndedElsewhere (listener) { listenForEnds(client, `${names.prefix}ended`, listener) },
    ...createRedisOnce(server, names),
    async close () { client.close() },
  }
}

type Commands = ReturnType<typeof createCommands>
type Names = ReturnType<typeof nameKeys>

function createCommands (client: RedisClient) {
  const refuse = (error: unknown): never => {
    if (error instanceof RedisError) throw sessionReasons.fail('session.storeUnavailable', 'store', { cause: error, retryAfterSeconds: 2 })
    throw error
  }
  // So that a request needs one round trip. A server that does not allow it gets the text with the first call.
  client.onReady(() => { for (const { text } of allScripts) void client.call('SCRIPT', 'LOAD', text).catch(() => { /* see run */ }) })
  return {
    call: (command: string, ...args: readonly RedisArgument[]): Promise<unknown> => client.call(command, ...args).catch(refuse),
    run: ({ sha, text }: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> =>
      client.call('EVALSHA', sha, keys.length, ...keys, ...args).catch((error: unknown) => {
        // The server was restarted and forgot the script. Nothing was executed.
        if (error instanceof RedisError && error.code === 'NOSCRIPT') return client.call('EVAL', text, keys.length, ...keys, ...args)
        throw error
      }).catch(refuse),
  }
}

/** All keys of a gateway are in one slot of a cluster, by the hash tag. */
function nameKeys (gateway: string) {
  const prefix = `sallyport:{${gateway}}:session:`
  return {
    prefix,
    active: `${prefix}active`,
    ends: `${prefix}ends`,
    unreported: `${prefix}unreported`,
    live: (key: string) => `${prefix}live:${key}`,
    ended: (key: string) => `${prefix}ended:${key}`,
    person: (hash: string) => `${prefix}person:${hash}`,
    nameId: (hash: string) => `${prefix}nameid:${hash}`,
    once: (hash: string) => `${prefix}once:${hash}`,
  }
}

function createRedisLookUps (server: Commands, names: Names): Pick<SessionStore, 'find' | 'read' | 'due' | 'dead'> {
  return {
    async find (query) {
      if (query.by === 'all') return await server.call('ZRANGE', names.active, 0, -1) as string[]
      if (query.by === 'person') return await server.call('SMEMBERS', names.person(query.person)) as string[]
      const keys = await server.call('SMEMBERS', names.nameId(query.nameId)) as string[]
      if (query.index === undefined) return keys
      const indexes = await Promise.all(keys.map(key => server.call('HGET', names.live(key), 'index')))
      return keys.filter((_key, at) => indexes[at] === query.index || indexes[at] === '')
    },
    async read (keys) {
      const found: StoredSession[] = []
      for (const batch of batches(keys)) {
        const answers = await Promise.all(batch.map(key => server.call('HMGET', names.live(key), ...storedFields))) as Answer[]
        for (const [at, answer] of answers.entries()) if (answer[0] !== null) found.push(readSession(batch[at] as string, answer))
      }
      return found
    },
    due: async ({ now, idleMs }, limit) => await server.run(dueScript, [names.active, names.ends], [names.prefix, now, now - idleMs, now + setBackMs, limit]) as string[],
    async dead (keys) {
      const scores = await Promise.all([...batches(keys)].map(batch => server.call('ZMSCORE', names.active, ...batch)))
      const live = (scores as Answer[]).flat()
      const gone = keys.filter((_key, at) => live[at] === null)
      const causes = await Promise.all(gone.map(key => server.call('HGET', names.ended(key), 'cause')))
      return new Map(gone.map((key, at) => [key, readEndCause(causes[at])]))
    },
  }
}

function createRedisOnce (server: Commands, names: Names): Pick<SessionStore, 'putOnce' | 'take' | 'peek'> {
  const unlessOver = ([value, expiresAt]: Answer, now: number) => typeof value !== 'string' || Number(expiresAt) <= now ? undefined : value
  return {
    putOnce: async (name, value, { now, ttlMs }) => await server.run(putOnceScript, [names.once(name)], [now, value, now + ttlMs, ttlMs]) === 1,
    take: async (name, now) => unlessOver(await server.run(takeScript, [names.once(name)], []) as Answer, now),
    peek: async (name, now) => unlessOver(await server.call('HMGET', names.once(name), 'value', 'expiresAt') as Answer, now),
  }
}

const storedFields = ['sealed', 'person', 'nameId', 'index', 'beganAt', 'lastActiveAt', 'endsAt', 'form', 'place']

/** Without a form: of a version before forms had numbers. Without a cause: forgotten, so nobody can report it any more. */
function isKnown ([cause, form]: Answer): boolean {
  return (cause === null || cause === undefined || readEndCause(cause) !== undefined) && Number(form ?? 1) <= sessionForm
}

function readVisit (key: string, answer: Answer): Visit {
  const [state, cause, ...fields] = answer
  if (state === 'live') return { state, session: readSession(key, fields) }
  if (state === 'newer') return { state }
  const known = readEndCause(cause)
  if (state === 'ended' && known !== undefined) return { state, session: readSession(key, fields), cause: known }
  return { state: 'dead', cause: known }
}

function readSession (key: string, fields: Answer): StoredSession {
  const [sealed, person, nameId, index, beganAt, lastActiveAt, endsAt, form, place] = fields as readonly string[]
  return {
    key,
    sealed: sealed ?? '',
    person: person ?? '',
    nameId: nameId ?? '',
    index: index ?? '',
    beganAt: Number(beganAt),
    lastActiveAt: Number(lastActiveAt),
    endsAt: Number(endsAt),
    form: Number(form ?? 1),
    place: place ?? '',
  }
}

function * batches (keys: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += batchSize) yield keys.slice(at, at + batchSize)
}

/** Subscribes as soon as the server is there, and until it worked; from then on the client subscribes again by itself after a cut. */
function listenForEnds (client: RedisClient, channel: string, listener: (key: string, cause: ReturnType<typeof readEndCause> & string) => void): void {
  let subscribed = false
  client.onReady(() => {
    if (subscribed) return
    subscribed = true
    client.subscribe(channel, message => {
      const [key, cause] = message.split(' ')
      const known = readEndCause(cause)
      if (key !== undefined && known !== undefined) listener(key, known)
    }).catch(() => { subscribed = false })
  })
}
