// Who is here now: the same answers as a Set gives, and nothing of those who went stays in memory.
import t from 'tap'
import fc from 'fast-check'
import { getHeapSpaceStatistics } from 'node:v8'
import { createRoster } from '../../src/shared/roster.ts'

t.test('whoever is here is met, whoever went is not, and nobody goes twice', async t => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 200 }), acts => {
    const roster = createRoster<{ readonly n: number }>()
    const here = new Set<{ readonly n: number }>()
    const came: Array<{ readonly value: { readonly n: number }, readonly leave: () => boolean }> = []
    for (const [isComing, which] of acts) {
      if (isComing || came.length === 0) {
        const value = { n: came.length }
        came.push({ value, leave: roster.enter(value) })
        here.add(value)
      } else {
        const one = came[which % came.length] as typeof came[number]
        if (one.leave() !== here.delete(one.value)) return false
      }
      if (roster.size !== here.size || new Set([...roster]).symmetricDifference(here).size > 0) return false
    }
    return true
  }))
  t.pass()
})

t.test('some go while all are looked at', async t => {
  const roster = createRoster<{ readonly leave: () => void }>()
  for (let n = 0; n < 10; n += 1) {
    const leave = roster.enter({ leave: () => { leave() } })
  }
  for (const one of roster) one.leave()
  t.same([...roster], [])
  t.equal(roster.size, 0)
})

t.test('two hundred thousand come and go, a hundred at a time: those who went are not kept for those who come', async t => {
  const oldBytes = () => getHeapSpaceStatistics().find(space => space.space_name === 'old_space')?.space_used_size ?? 0
  const roster = createRoster<{ readonly held: readonly number[] }>()
  const leaves: Array<() => boolean> = []
  const before = oldBytes()
  let most = 0
  for (let n = 0; n < 200_000; n += 1) {
    leaves.push(roster.enter({ held: Array.from({ length: 100 }, () => n) }))
    if (leaves.length > 100) leaves.splice(0, 50).forEach(leave => { leave() })
    // As in a gateway: time passes, and the first of them become old.
    if (n % 1000 !== 0) continue
    await new Promise(resolve => { setImmediate(resolve) })
    most = Math.max(most, oldBytes() - before)
  }
  t.ok(most < 16 * 1024 ** 2, `${Math.round(most / 1024 ** 2)} MiB of old objects; a Set has 30 to 50`)
})
