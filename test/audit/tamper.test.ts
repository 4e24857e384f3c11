// Any edit of a segment is noticed by whoever reads it with the key.
import t from 'tap'
import fc from 'fast-check'
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSpool, type TrailEntry } from '../../src/audit/audit.ts'
import { createAuditTrail } from '../../src/audit/audit.ts'
import type { SecretValue } from '../../src/shared/schema.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { admitted, completed, createConfig, createDirectory, createTestLog, gateway } from '../support/audit.ts'

async function read (directory: string, key: SecretValue): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = []
  for await (const entry of readSpool({ directory, key })) entries.push(entry)
  return entries
}

const problemsOf = (entries: readonly TrailEntry[]) => entries.flatMap(entry => entry.problems)
const segmentsOf = (directory: string) => readdirSync(directory).filter(name => name.endsWith('.audit')).sort()

/** Three epochs of a few segments each, closed. */
async function writeTrail (t: { teardown: (action: () => unknown) => void }) {
  const place = createDirectory()
  t.teardown(place.remove)
  const config = createConfig({ segmentSize: '3KiB' })
  for (let epoch = 0; epoch < 3; epoch++) {
    const trail = await createAuditTrail(config, { clock: createSystemClock(), log: createTestLog(), directory: place.directory, gateway })
    for (let n = 0; n < 4; n++) {
      await trail.record(admitted(`request-${epoch}-${n}`))
      trail.note(completed(`request-${epoch}-${n}`))
      await trail.flush({ timeoutMs: 5000, ship: false })
    }
    await trail.close()
  }
  return { directory: place.directory, key: config.key }
}

t.test('an untouched trail has no problems', async t => {
  const { directory, key } = await writeTrail(t)
  const entries = await read(directory, key)
  t.same(problemsOf(entries), [])
  t.equal(entries.length, 3 * 10)
  t.ok(segmentsOf(directory).length > 6, 'several segments an epoch')
  t.same(entries.map(entry => entry.event?.kind).filter(kind => kind === 'gateway.started').length, 3)
})

t.test('any changed byte of any segment is noticed', async t => {
  const { directory, key } = await writeTrail(t)
  const names = segmentsOf(directory)
  await fc.assert(fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, where, change) => {
    const path = join(directory, names[which % names.length] as string)
    const whole = readFileSync(path)
    const edited = Buffer.from(whole)
    const at = where % edited.length
    edited[at] = (edited[at] as number) ^ change
    writeFileSync(path, edited)
    try { return problemsOf(await read(directory, key)).length > 0 } finally { writeFileSync(path, whole) }
  }), { numRuns: 400 })
})

t.test('every single byte of one segment, flipped, is noticed', async t => {
  const { directory, key } = await writeTrail(t)
  for (const name of segmentsOf(directory).slice(1)) rmSync(join(directory, name))
  const path = join(directory, segmentsOf(directory)[0] as string)
  const whole = readFileSync(path)
  const missed: number[] = []
  for (let at = 0; at < whole.length; at++) {
    const edited = Buffer.from(whole)
    edited[at] = (edited[at] as number) ^ 1
    writeFileSync(path, edited)
    if (problemsOf(await read(directory, key)).length === 0) missed.push(at)
  }
  t.same(missed, [])
})

t.test('inserted and removed bytes are noticed', async t => {
  const { directory, key } = await writeTrail(t)
  const names = segmentsOf(directory)
  await fc.assert(fc.asyncProperty(fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 5 }), fc.nat({ max: 50 }), async (which, where, added, removed) => {
    const path = join(directory, names[which % names.length] as string)
    const whole = readFileSync(path)
    const at = where % whole.length
    const edited = Buffer.concat([whole.subarray(0, at), added, whole.subarray(at + removed)])
    if (edited.equals(whole)) return true
    writeFileSync(path, edited)
    try { return problemsOf(await read(directory, key)).length > 0 } finally { writeFileSync(path, whole) }
  }), { numRuns: 200 })
})

t.test('lines removed, repeated and exchanged are noticed', async t => {
  const { directory, key } = await writeTrail(t)
  for (const name of segmentsOf(directory)) {
    const path = join(directory, name)
    const whole = readFileSync(path, 'latin1')
    const lines = whole.split('\n').slice(0, -1)
    const edits: string[][] = []
    for (let at = 0; at < lines.length; at++) {
      edits.push(lines.toSpliced(at, 1))
      edits.push(lines.toSpliced(at, 0, lines[at] as string))
      if (at + 1 < lines.length) edits.push(lines.toSpliced(at, 2, lines[at + 1] as string, lines[at] as string))
    }
    const isLastOfEpoch = !segmentsOf(directory).some(other => other.slice(0, 12) === name.slice(0, 12) && other > name)
    const isLast = segmentsOf(directory).at(-1) === name
    for (const edit of edits) {
      writeFileSync(path, edit.map(line => `${line}\n`).join(''), 'latin1')
      const isCutTail = isLast && isLastOfEpoch && edit.length === lines.length - 1 && edit.every((line, at) => line === lines[at])
      // The very end of the last epoch has nothing behind it yet: checkpoints outside this disk are for that.
      if (!isCutTail) t.ok(problemsOf(await read(directory, key)).length > 0, `${name}: ${edit.length} of ${lines.length} lines`)
    }
    writeFileSync(path, whole, 'latin1')
  }
})

t.test('a removed segment, a removed epoch, a segment under another name and a copy of an older one are noticed', async t => {
  const { directory, key } = await writeTrail(t)
  const names = segmentsOf(directory)
  for (const name of names.slice(1, -1)) {
    const path = join(directory, name)
    const whole = readFileSync(path)
    rmSync(path)
    t.ok(problemsOf(await read(directory, key)).length > 0, `${name} removed`)
    writeFileSync(path, readFileSync(join(directory, names[0] as string)))
    t.ok(problemsOf(await read(directory, key)).length > 0, `${name} replaced by the first`)
    writeFileSync(path, whole)
  }
  const epochs = [...new Set(names.map(name => name.slice(0, 12)))]
  const middle = names.filter(name => name.startsWith(epochs[1] as string))
  for (const name of middle) renameSync(join(directory, name), join(directory, `${name}.away`))
  t.same(problemsOf(await read(directory, key)), ['gap'])
})

t.test('a segment sealed under another key is not taken for ours', async t => {
  const { directory } = await writeTrail(t)
  const problems = problemsOf(await read(directory, createConfig().key))
  t.ok(problems.length > 0)
  t.equal(problems[0], 'key')
})

t.test('a record whose sealed part was taken out keeps the chain whole: it can be shredded', async t => {
  const { directory, key } = await writeTrail(t)
  const path = join(directory, segmentsOf(directory)[0] as string)
  const lines = readFileSync(path, 'latin1').split('\n')
  lines[2] = (lines[2] as string).replace(/"seal":"[^"]+"/, '"seal":""')
  writeFileSync(path, lines.join('\n'), 'latin1')
  const entries = await read(directory, key)
  t.same(problemsOf(entries), ['shredded'])
  t.equal(entries[1]?.event, undefined)
})
