// The steps that Redis does as one. Lua runs alone on the server, so what is read and what is written of it cannot come apart.
import { createHash } from 'node:crypto'
import { sessionForm, setBackMs } from './store.ts'

export interface RedisScript { readonly text: string, readonly sha: string }

/** Redis does nothing else meanwhile. */
const mostPassedOver = 20_000

const script = (text: string): RedisScript => ({ text, sha: createHash('sha1').update(text).digest('hex') })

/**
 * KEYS: live, ended, active, ends, unreported. ARGV: key, now, remembered for, prefix, then the script's own.
 * The sets of a person and of a NameID are named by what the session says; by the prefix's hash tag they are in the same slot (Redis Cluster).
 */
const common = `
  local fields = {'sealed', 'person', 'nameId', 'index', 'beganAt', 'lastActiveAt', 'endsAt', 'form', 'place'}
  local key, now, remembered, prefix = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
  local session = redis.call('HMGET', KEYS[1], unpack(fields))
  local function finish (cause)
    redis.call('RENAME', KEYS[1], KEYS[2])
    redis.call('HSET', KEYS[2], 'cause', cause)
    redis.call('PEXPIRE', KEYS[2], remembered)
    redis.call('ZREM', KEYS[3], key)
    redis.call('ZREM', KEYS[4], key)
    redis.call('ZADD', KEYS[5], ARGV[2], key)
    redis.call('SREM', prefix .. 'person:' .. session[2], key)
    redis.call('SREM', prefix .. 'nameid:' .. session[3], key)
    redis.pcall('PUBLISH', prefix .. 'ended', key .. ' ' .. cause)
  end
`

/** ARGV: …, idle, moves. Returns {'live', '', fields…}, {'ended', cause, fields…}, {'dead', cause} or {'newer'}. */
export const visitScript = script(`${common}
  if not session[1] then
    redis.call('ZREM', KEYS[3], key)
    redis.call('ZREM', KEYS[4], key)
    return {'dead', redis.call('HGET', KEYS[2], 'cause') or ''}
  end
  if tonumber(session[8] or 1) > ${sessionForm} then return {'newer'} end
  local idleAt, endsAt = tonumber(session[6]) + tonumber(ARGV[5]), tonumber(session[7])
  local isSetBack = tonumber(session[6]) > now + ${setBackMs}
  if isSetBack or now >= idleAt or now >= endsAt then
    local cause = (isSetBack or idleAt <= endsAt) and 'idle' or 'absolute'
    finish(cause)
    return {'ended', cause, unpack(session)}
  end
  if ARGV[6] == '1' and now > tonumber(session[6]) then
    session[6] = ARGV[2]
    redis.call('HSET', KEYS[1], 'lastActiveAt', ARGV[2])
    redis.call('ZADD', KEYS[3], ARGV[2], key)
  end
  return {'live', '', unpack(session)}
`)

/** ARGV: …, cause. Returns the fields, or nothing when it was not live. */
export const endScript = script(`${common}
  if not session[1] then return {} end
  finish(ARGV[5])
  return session
`)

/** KEYS: live. ARGV: place. A session that ended meanwhile does not come back as a stump. */
export const placeScript = script(`
  if redis.call('HEXISTS', KEYS[1], 'sealed') == 1 then redis.call('HSET', KEYS[1], 'place', ARGV[1]) end
  return 1
`)

/**
 * KEYS: active, ends. ARGV: prefix, now, idle since, set back, limit. Returns keys. Sessions of a newer form are passed over, however many lie in front.
 */
export const dueScript = script(`
  local limit, due, seen = tonumber(ARGV[5]), {}, {}
  local function look (set, from, to)
    local offset, keys = 0, nil
    repeat
      keys = redis.call('ZRANGE', set, from, to, 'BYSCORE', 'LIMIT', offset, limit)
      for _, key in ipairs(keys) do
        if #due < limit and not seen[key] and tonumber(redis.call('HGET', ARGV[1] .. 'live:' .. key, 'form') or 1) <= ${sessionForm} then
          seen[key] = true
          due[#due + 1] = key
        end
      end
      offset = offset + #keys
    until #keys < limit or #due >= limit or offset >= ${mostPassedOver}
  end
  look(KEYS[1], '-inf', ARGV[3])
  look(KEYS[2], '-inf', ARGV[2])
  look(KEYS[1], '(' .. ARGV[4], '+inf')
  return due
`)

/**
 * KEYS: live, active, ends, the person's set, the NameID's set. ARGV: key, time to live, then the nine fields.
 * Nothing here outlives its use by more than the margin: an abandoned installation leaves no litter behind.
 */
export const addScript = script(`
  redis.call('HSET', KEYS[1], 'sealed', ARGV[3], 'person', ARGV[4], 'nameId', ARGV[5], 'index', ARGV[6], 'beganAt', ARGV[7], 'lastActiveAt', ARGV[8], 'endsAt', ARGV[9], 'form', ARGV[10], 'place', ARGV[11])
  redis.call('ZADD', KEYS[2], ARGV[8], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[9], ARGV[1])
  redis.call('SADD', KEYS[4], ARGV[1])
  redis.call('SADD', KEYS[5], ARGV[1])
  for _, name in ipairs(KEYS) do
    if redis.call('PTTL', name) < tonumber(ARGV[2]) then redis.call('PEXPIRE', name, ARGV[2]) end
  end
  return 1
`)

/** KEYS: ended, unreported. ARGV: key. Returns {cause, fields…} to the one caller that took it off the list, else nothing. */
export const acknowledgeScript = script(`
  if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return {} end
  local ended = redis.call('HMGET', KEYS[1], 'cause', 'sealed', 'person', 'nameId', 'index', 'beganAt', 'lastActiveAt', 'endsAt', 'form', 'place')
  redis.call('HDEL', KEYS[1], 'sealed', 'person', 'nameId', 'index', 'place')
  return ended
`)

/** KEYS: the value. ARGV: now, value, expires at, time to live. A value whose time is over by our clock counts as none. */
export const putOnceScript = script(`
  local old = redis.call('HGET', KEYS[1], 'expiresAt')
  if old and tonumber(old) > tonumber(ARGV[1]) then return 0 end
  redis.call('HSET', KEYS[1], 'value', ARGV[2], 'expiresAt', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return 1
`)

/** KEYS: the value. Returns {value, expires at} and forgets it. */
export const takeScript = script(`
  local found = redis.call('HMGET', KEYS[1], 'value', 'expiresAt')
  redis.call('DEL', KEYS[1])
  return found
`)

export const allScripts: readonly RedisScript[] = [visitScript, placeScript, dueScript, endScript, addScript, acknowledgeScript, putOnceScript, takeScript]
