import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { addToKeyRing, followTrail } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { admitted, createDirectory, createFaultyDisk, createKey, openTrail, systemError, until } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'

function collect (view: AsyncIterable<{ readonly event: { readonly id: string } | undefined, readonly problems: readonly string[] }>) {
  const ids: string[] = []
  const problems: string[] = []
  const done = (async () => {
    for await (const entry of view) {
      ids.push(entry.event?.id ?? '?')
      problems.push(...entry.problems)
    }
  })()
  return { ids, problems, done }
}

t.test('from now on: what was there before is not shown, segments and failed batches are passed without a repeat', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { config: { segmentSize: '4KiB' }, deps: { disk } })
  for (let n = 0; n < 10; n++) await trail.record(admitted(`old-${n}`))
  const ending = new AbortController()
  const clock = createMovableClock()
  let looks = 0
  const counting = { ...clock, after: (ms: number, action: () => void) => { looks += 1; return clock.after(ms, action) } } // it pauses after each look
  const view = collect(followTrail({ directory, key, clock: counting, signal: ending.signal }))
  await until(() => looks === 1)
  for (let n = 0; n < 10; n++) {
    if (n === 5) {
      let failures = 0
      disk.faults = { sync: async () => { if (failures++ === 0) throw systemError('EIO') } }
    }
    await trail.record(admitted(`new-${n}`))
    // The view may still be busy with its last look when the clock moves, and begin to wait only then.
    await until(async () => {
      await clock.advance(200)
      return view.ids.includes(`new-${n}`)
    })
  }
  ending.abort()
  await view.done
  t.same(view.ids.filter(id => /^(old|new)-/.test(id)), Array.from({ length: 10 }, (_, n) => `new-${n}`))
  t.same(view.problems, [])
})

t.test('a key that is rotated while somebody watches is asked for when an epoch has it', async t => {
  const { trail, directory, key } = await openTrail(t, {})
  await trail.record(admitted('before'))
  await trail.close()
  const epoch = Number(readdirSync(directory).find(name => name.endsWith('.audit'))?.slice(0, 12))
  const rotated = new SecretValue(addToKeyRing(key.reveal(), { key: randomBytes(32), until: epoch + 1 }))
  let asked = 0
  const watch = (readKey?: () => Promise<SecretValue>) => {
    const ending = new AbortController()
    return { ending, ...collect(followTrail({ directory, key, readKey, clock: createSystemClock(), signal: ending.signal, from: 'start', pollMs: 5 })) }
  }
  const views = [watch(async () => { asked += 1; return rotated }), watch()]
  await until(() => views.every(view => view.ids.includes('before')))
  const next = await openTrail(t, { directory, config: { key: rotated } })
  await next.trail.record(admitted('after'))
  const [knowing, unknowing] = views as [ReturnType<typeof watch>, ReturnType<typeof watch>]
  await until(() => knowing.ids.includes('after') && unknowing.problems.length > 0)
  for (const { ending, done } of views) { ending.abort(); await done }
  t.same(knowing.problems, [])
  t.equal(asked, 1)
  t.ok(unknowing.problems.includes('key'))
  await next.trail.close()
})

t.test('a directory that is not there yet: the view waits for the gateway to start', async t => {
  const place = createDirectory()
  const key = createKey()
  const directory = `${place.directory}/audit`
  const ending = new AbortController()
  const clock = createSystemClock()
  let looks = 0
  const counting = { ...clock, after: (ms: number, action: () => void) => { looks += 1; return clock.after(ms, action) } }
  const view = collect(followTrail({ directory, key, clock: counting, signal: ending.signal, pollMs: 5 }))
  await until(() => looks > 1)
  const { trail } = await openTrail(t, { directory, config: { key } })
  await trail.record(admitted('first'))
  await until(() => view.ids.includes('first'))
  ending.abort()
  await view.done
  await trail.close()
  place.remove()
})
