// Compare and append: records go to a stream only behind the very record that came before them. What is there already is not written again, what does
// not fit is never overwritten, and the same call may be made any number of times.
import { hash } from 'node:crypto'
import { RedisError, type RedisArgument } from '../shared/redis.ts'
import type { AuditRecord } from './record-form.ts'
import { streamFields, toBytes, toValues, type StreamClient } from './redis-stream.ts'

export type AppendAnswer =
  /** The stream now ends with the last record of the call, or did before. */
  | { readonly is: 'stored' }
  /** The stream ends before the first record of the call. */
  | { readonly is: 'behind' }
  /** The stream holds something else where these records belong: a second writer, a restored copy, or somebody's hand. */
  | { readonly is: 'conflict', readonly at: string }

const script = `
local names = {${streamFields.map(name => `'${name}'`).join(', ')}}
local width, head = #names, 2
local hashColumn = ${streamFields.indexOf('hash') + 1}
local first = tonumber(ARGV[1])
local count = (#ARGV - head) / width
local final = first + count - 1
local function hashOf(fields)
  for i = 1, #fields, 2 do if fields[i] == 'hash' then return fields[i + 1] end end
  return ''
end
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local seq, hash = 0, ''
if top then
  seq, hash = tonumber(string.match(top[1], '^(%d+)-0$') or ''), hashOf(top[2])
  if not seq then return {'conflict', top[1]} end
end
if seq < first - 1 then return {'behind'} end
local from = first
if seq == first - 1 then
  if seq > 0 and hash ~= ARGV[2] then return {'conflict', top[1]} end
else
  local known = math.min(seq, final)
  if known < seq then
    local entry = redis.call('XRANGE', KEYS[1], string.format('%.0f-0', known), string.format('%.0f-0', known))[1]
    if not entry then return {'conflict', top[1]} end
    hash = hashOf(entry[2])
  end
  if hash ~= ARGV[head + (known - first) * width + hashColumn] then return {'conflict', top[1]} end
  from = known + 1
end
for n = from, final do
  local entry = {KEYS[1], string.format('%.0f-0', n)}
  for column = 1, width do
    entry[#entry + 1] = names[column]
    entry[#entry + 1] = ARGV[head + (n - first) * width + column]
  end
  local added = redis.pcall('XADD', unpack(entry))
  if type(added) == 'table' and added.err then
    if string.find(added.err, 'equal or smaller') then return {'conflict', 'last-generated-id'} end
    return redis.error_reply(added.err)
  end
end
return {'stored'}
`
const scriptDigest = hash('sha1', script)

/** Appends records that follow each other. `before` is the hash of the one before the first. Throws a RedisError. */
export async function appendToStream (client: Pick<StreamClient, 'call'>, stream: string, batch: { readonly records: readonly AuditRecord[], readonly before: string }): Promise<AppendAnswer> {
  const { records, before } = batch
  const values: RedisArgument[] = [String(records[0]?.seq), toBytes(before)]
  for (const record of records) values.push(...toValues(record))
  const answer = await client.call('EVALSHA', scriptDigest, 1, stream, ...values).catch(async (error: unknown) => {
    if (error instanceof RedisError && error.code === 'NOSCRIPT') return client.call('EVAL', script, 1, stream, ...values)
    throw error
  })
  return readAnswer(answer)
}

function readAnswer (answer: unknown): AppendAnswer {
  const parts = Array.isArray(answer) ? answer.map(String) : []
  if (parts[0] === 'stored') return { is: 'stored' }
  if (parts[0] === 'behind') return { is: 'behind' }
  return { is: 'conflict', at: parts[1] ?? '' }
}
