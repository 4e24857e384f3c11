// What came before is remembered for a day, and never takes more memory than it is given, however long the ids of messages are.
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { createReplayMemory } from '../../src/outbound/sender/replay-memory.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const hour = 3_600_000

function heldBytes (): number {
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

t.test('a day, and not while it is under way', async t => {
  let now = 0
  const memory = createReplayMemory(() => now)
  t.equal(memory.begin('a'), true)
  t.equal(memory.begin('a'), false)
  t.equal(memory.has('a'), false)
  memory.end('a', true)
  t.equal(memory.has('a'), true)
  t.equal(memory.begin('b'), true)
  memory.end('b', false)
  t.equal(memory.has('b'), false, 'what was not taken may come again')
  now = 24 * hour
  t.equal(memory.has('a'), false)
})

t.test('fifty thousand, of which the newest stay, in 16 MiB', async t => {
  const memory = createReplayMemory(() => 0)
  const before = heldBytes()
  const ids: string[] = []
  for (let index = 0; index < 60_000; index++) {
    const id = `${index}.${randomBytes(1000).toString('hex')}`
    memory.begin(id)
    memory.end(id, true)
    if (index === 0 || index === 59_999) ids.push(id)
  }
  t.ok(heldBytes() - before < 16 * 1024 * 1024)
  t.same(ids.map(id => memory.has(id)), [false, true])
})
