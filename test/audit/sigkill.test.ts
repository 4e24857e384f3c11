// Killed in the middle of its work, again and again: every acknowledged record is there, the chain is whole, and what was open has one ending.
import t from 'tap'
import { createDirectory, createKey } from '../support/audit.ts'
import { recordUntilKilled } from '../support/kill-rounds.ts'
import { readEntries } from '../support/trail.ts'

const rounds = 24

t.test(`${rounds} times SIGKILL: nothing acknowledged is lost, nothing is broken, every start works`, async t => {
  const { directory, remove } = createDirectory()
  t.teardown(remove)
  const key = createKey()
  const acknowledged: string[] = []
  for (let round = 0; round < rounds; round++) {
    acknowledged.push(...await recordUntilKilled({ directory, round, key: key.reveal(), count: 20 + round * 40 }))
  }
  const entries = await readEntries(directory, key)
  t.same(entries.flatMap(entry => entry.problems), [])
  t.equal(new Set(entries.map(entry => entry.epoch)).size, rounds)
  const admitted = new Map<string, number>()
  const ended = new Map<string, number>()
  for (const { event } of entries) {
    const counts = event?.kind === 'request.admitted' ? admitted : event?.kind === 'request.completed' || event?.kind === 'request.abandoned' ? ended : undefined
    if (counts !== undefined && event !== undefined) counts.set(event.id, (counts.get(event.id) ?? 0) + 1)
  }
  t.ok(acknowledged.length > rounds * 400, `${acknowledged.length} acknowledged, ${entries.length} on disk`)
  t.same(acknowledged.filter(id => admitted.get(id) !== 1), [], 'each acknowledged record is there, once')
  t.same([...ended].filter(([id, count]) => count !== 1 || !admitted.has(id)), [], 'no exchange has two endings, none without a beginning')
  const open = [...admitted.keys()].filter(id => !ended.has(id))
  t.same(open.filter(id => !id.startsWith(`${rounds - 1}-`)), [], 'only the last, killed process left exchanges open')
})
