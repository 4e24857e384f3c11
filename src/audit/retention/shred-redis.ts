// Takes the sealed part of one record out of its stream in Redis. Entries cannot be changed, so the stream is copied beside itself without it and takes its own
// place in one step, together with what was added meanwhile.
import type { RedisClient } from '../../shared/redis.ts'
import { nameStream, parseEntry, readEntries } from '../redis-stream.ts'
import type { ShreddedPlace } from './shredding.ts'

const page = 512

// KEYS: the stream, the copy. ARGV: after which entry, how many, the entry to be emptied. Returns the last entry copied, or nothing once the copy is in place.
const copyPage = `
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
return false`

/** Whether the record is there. Throws a RedisError. */
export async function shredInRedis (client: RedisClient, { gateway, writer, epoch, seq }: ShreddedPlace & { readonly gateway: string }): Promise<boolean> {
  const stream = nameStream({ gateway, writer, epoch })
  const id = `${seq}-0`
  const [entry] = await readEntries(client, stream, { from: id, to: id, count: 1 })
  if (entry === undefined) return false
  if (parseEntry(entry)?.record.seal === '') return true
  // The part in braces is the same, so that both lie in one slot of a cluster.
  const copy = `${stream}:shredding`
  await client.call('DEL', copy)
  let from = '-'
  for (;;) {
    const last = await client.call('EVAL', copyPage, 2, stream, copy, from, page, id) as string | null
    if (last === null) return true
    from = `(${last}`
  }
}
