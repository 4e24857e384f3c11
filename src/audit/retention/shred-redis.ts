// Takes the sealed part of one record out of its stream in Redis. Entries cannot be changed, so the stream is copied beside itself without it and takes its own
// place in one step, together with what was added meanwhile. Of two at once the later one goes on: otherwise each would bring back what the other took away.
import { randomUUID } from 'node:crypto'
import type { RedisClient } from '../../shared/redis.ts'
import { nameStream, parseEntry, readEntries } from '../redis-stream.ts'
import type { Content, ShreddedPlace } from './shredding.ts'

const page = 512

// KEYS: the stream, the copy, the mark of who copies it. ARGV: after which entry, how many, the entry to be emptied. Returns the last entry copied, or nothing once
// the copy is in place.
const copyPage = `
if redis.call('HGET', KEYS[3], 'copy') ~= KEYS[2] then return redis.error_reply('TAKEN by a later one') end
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
for _, entry in ipairs(entries) do
  local fields = entry[2]
  if entry[1] == ARGV[3] then
    for at = 1, #fields, 2 do
      if fields[at] == 'seal' then fields[at + 1] = '' end
    end
  end
  redis.call('XADD', KEYS[2], entry[1], unpack(fields))
end
if #entries == tonumber(ARGV[2]) then return entries[#entries][1] end
redis.call('RENAME', KEYS[2], KEYS[1])
redis.call('DEL', KEYS[3])
return false`

/** What Redis had of it; undefined when it is not there. Throws a RedisError: `TAKEN` when another one began meanwhile. */
export async function shredInRedis (client: RedisClient, place: ShreddedPlace & { readonly gateway: string }, { isRehearsal = false } = {}): Promise<Content | undefined> {
  const { gateway, writer, epoch, seq } = place
  const stream = nameStream({ gateway, writer, epoch })
  const id = `${seq}-0`
  const [entry] = await readEntries(client, stream, { from: id, to: id, count: 1 })
  if (entry === undefined) return undefined
  const content = parseEntry(entry)?.record.seal === '' ? 'gone' : 'full'
  if (isRehearsal || content === 'gone') return content
  // The part in braces is the same, so that all lie in one slot of a cluster.
  const mark = `${stream}:shredding`
  const copy = `${mark}:${randomUUID()}`
  const earlier = await client.call('HGET', mark, 'copy') as string | null
  await client.call('HSET', mark, 'copy', copy)
  // Of one that broke off, or is stopped by this.
  if (earlier !== null) await client.call('DEL', earlier)
  let from = '-'
  try {
    for (;;) {
      const last = await client.call('EVAL', copyPage, 3, stream, copy, mark, from, page, id) as string | null
      if (last === null) return content
      from = `(${last}`
    }
  } catch (error) {
    await client.call('DEL', copy).catch(() => undefined) // the next one takes it away
    throw error
  }
}
