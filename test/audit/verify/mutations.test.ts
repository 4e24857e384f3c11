// Ten thousand random edits of a trail: none is called intact while a record is not what was written or missing, and what was done is named.
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import type { DamageClass } from '../../../src/audit/audit.ts'
import { connectClient, listStreams } from '../../support/audit.ts'
import { startRedis } from '../../support/redis.ts'
import { copyTrail, createRoot, editLines, openVerifiedTrail, readHashes, segmentsOf, spoolOf, verify, writeVerifiedTrail } from '../../support/verified-trail.ts'
import { admitted, completed } from '../../support/audit.ts'

const spoolEdits = 10_000
const redisEdits = 1000

/** The same numbers in every run (mulberry32). */
function createDice (seed: number) {
  let state = seed
  const roll = (sides: number): number => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
  return { roll, pick: <T>(list: readonly T[]): T => list[roll(list.length)] as T }
}

type Dice = ReturnType<typeof createDice>

interface Edit {
  readonly name: string
  /** One of these is named. */
  readonly classes: readonly DamageClass[]
  act (file: string, dice: Dice, root: string): void
}

const bytes = (file: string, edit: (whole: Buffer) => Buffer) => { writeFileSync(file, edit(readFileSync(file))) }
const changed: readonly DamageClass[] = ['edit', 'key outside epoch']
const cut: readonly DamageClass[] = ['gap', 'truncation', 'replayed backup']

const edits: readonly Edit[] = [{
  name: 'a byte is changed',
  classes: [...changed, ...cut],
  act: (file, dice) => {
    bytes(file, whole => {
      const at = dice.roll(whole.length)
      return Buffer.from(whole.map((byte, place) => place === at ? byte ^ (1 + dice.roll(255)) : byte))
    })
  },
}, {
  name: 'bytes are put in',
  classes: [...changed, ...cut],
  act: (file, dice) => {
    bytes(file, whole => {
      const at = dice.roll(whole.length)
      return Buffer.concat([whole.subarray(0, at), Buffer.alloc(1 + dice.roll(5), dice.roll(256)), whole.subarray(at)])
    })
  },
}, {
  name: 'bytes are taken out',
  classes: [...changed, ...cut],
  act: (file, dice) => { bytes(file, whole => { const at = dice.roll(whole.length); return Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1 + dice.roll(80))]) }) },
}, {
  name: 'the file is cut',
  classes: [...changed, ...cut],
  act: (file, dice) => { bytes(file, whole => whole.subarray(0, dice.roll(whole.length))) },
}, {
  name: 'lines are taken out',
  classes: [...changed, ...cut],
  act: (file, dice) => { editLines(file, lines => lines.toSpliced(dice.roll(lines.length), 1 + dice.roll(2))) },
}, {
  name: 'two lines change places',
  classes: [...changed, 'reorder'],
  act: (file, dice) => {
    editLines(file, lines => {
      const [one, other] = [dice.roll(lines.length), dice.roll(lines.length)]
      return lines.with(one, lines[other] as string).with(other, lines[one] as string)
    })
  },
}, {
  name: 'a line is repeated',
  classes: [...changed, 'reorder', ...cut],
  act: (file, dice) => { editLines(file, lines => lines.toSpliced(dice.roll(lines.length + 1), 0, dice.pick(lines))) },
}, {
  name: 'a line of another segment is put in',
  classes: [...changed, 'reorder', ...cut],
  act: (file, dice, root) => {
    const other = readFileSync(dice.pick(segmentsOf(root)), 'latin1').split('\n').slice(0, -1)
    editLines(file, lines => lines.toSpliced(dice.roll(lines.length + 1), dice.roll(2), dice.pick(other)))
  },
}, {
  name: 'a field of another record is put in',
  classes: changed,
  act: (file, dice) => {
    editLines(file, lines => {
      const [one, other] = [dice.roll(lines.length), dice.roll(lines.length)]
      const name = dice.pick(['n', 't', 'k', 'o', 'person', 'session', 'address', 'patient', 'record', 'leaf', 'hash', 'mac', 'seal'])
      const field = new RegExp(`"${name}":("[^"]*"|\\d+)`)
      const taken = field.exec(lines[other] as string)?.[0]
      return taken === undefined ? lines.with(one, `${lines[one]} `) : lines.with(one, (lines[one] as string).replace(field, taken))
    })
  },
}, {
  name: 'a segment is deleted',
  classes: cut,
  act: file => { rmSync(file) },
}, {
  name: 'a segment stands in the place of another',
  classes: [...changed, ...cut],
  act: (file, dice, root) => { cpSync(dice.pick(segmentsOf(root).filter(other => other !== file)), file) },
}, {
  name: 'a segment has the number of another epoch',
  classes: [...changed, ...cut, 'stale'],
  act: (file, dice) => { renameSync(file, join(file, '..', basename(file).replace(/^\d{12}/, text => String(Number(text) + 1 + dice.roll(3)).padStart(12, '0')))) },
}]

t.test(`${spoolEdits} random edits of a spool`, { timeout: 300_000 }, async t => {
  const trail = await writeVerifiedTrail(t, { epochs: 2, exchanges: 3 })
  const whole = await readHashes(trail.root, trail.config)
  const root = copyTrail(t, trail)
  const dice = createDice(20261126)
  const done = new Map<string, number>()
  const missed: string[] = []
  let harmless = 0
  for (let round = 0; round < spoolEdits; round += 1) {
    const edit = dice.pick(edits)
    const file = dice.pick(segmentsOf(root))
    edit.act(file, dice, root)
    const report = await verify(root, trail.config)
    if (report.verdict === 'intact') {
      // A line that is repeated where a failed batch could have left it changes no record.
      if (await readHashes(root, trail.config) === whole) harmless += 1
      else missed.push(`${round}: ${edit.name}`)
    } else {
      done.set(edit.name, (done.get(edit.name) ?? 0) + 1)
      if (!report.findings.some(finding => edit.classes.includes(finding.class))) missed.push(`${round}: ${edit.name} is called ${report.findings.map(finding => finding.class).join(', ')}`)
    }
    rmSync(spoolOf(root), { recursive: true })
    cpSync(spoolOf(trail.root), spoolOf(root), { recursive: true })
  }
  t.same(missed, [])
  t.equal((await verify(root, trail.config)).verdict, 'intact')
  t.comment(`${harmless} edits changed nothing that is read; the others: ${[...done].map(([name, count]) => `${name} ${count}`).join(', ')}`)
  t.equal(done.size, edits.length, 'every kind of edit was tried and found')
})

type Entry = [id: string, fields: string[]]

const redisActs: ReadonlyArray<{ readonly name: string, readonly classes: readonly DamageClass[], act (entries: Entry[], dice: Dice): Entry[] }> = [{
  name: 'an entry is deleted', classes: cut, act: (entries, dice) => entries.toSpliced(dice.roll(entries.length), 1),
}, {
  name: 'the head is trimmed', classes: cut, act: (entries, dice) => entries.slice(1 + dice.roll(entries.length - 1)),
}, {
  name: 'the tail is cut', classes: cut, act: (entries, dice) => entries.slice(0, dice.roll(entries.length)),
}, {
  name: 'a letter of a field is changed',
  classes: changed,
  act: (entries, dice) => {
    const at = dice.roll(entries.length)
    const [id, fields] = entries[at] as Entry
    const which = dice.roll(fields.length)
    const text = fields[which] as string
    const letter = dice.roll(Math.max(1, text.length))
    return entries.with(at, [id, fields.with(which, `${text.slice(0, letter)}${text[letter] === 'x' ? 'y' : 'x'}${text.slice(letter + 1)}`)])
  },
}, {
  name: 'two entries change their content',
  classes: changed,
  act: (entries, dice) => {
    const one = dice.roll(entries.length - 1)
    const [left, right] = [entries[one] as Entry, entries[one + 1] as Entry]
    return entries.with(one, [left[0], right[1]]).with(one + 1, [right[0], left[1]])
  },
}, {
  name: 'an entry is added at the end', classes: [...changed, 'fork'], act: (entries, dice) => [...entries, [`${entries.length + 1}-0`, (dice.pick(entries))[1]]],
}]

t.test(`${redisEdits} random edits of the streams in Redis, alone and beside the spool`, { timeout: 300_000 }, async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const trail = await writeVerifiedTrail(t, { epochs: 1, exchanges: 3, config: { redis: { url: redis.url } }, root: createRoot(t) })
  const next = await openVerifiedTrail(trail)
  await next.record(admitted('in the second epoch'))
  next.note(completed('in the second epoch'))
  await next.flush({ timeoutMs: 5000, ship: true })
  await next.close()
  const client = await connectClient(t, redis.url)
  const images = new Map<string, Entry[]>()
  for (const stream of await listStreams(client)) images.set(stream, await client.call('XRANGE', stream, '-', '+') as Entry[])
  const put = async (stream: string, entries: readonly Entry[]) => {
    await client.call('DEL', stream)
    for (const [id, fields] of entries) await client.call('XADD', stream, id, ...fields)
  }
  const alone = { redisUrl: redis.url, withSpool: false }
  t.equal((await verify(trail.root, trail.config, alone)).verdict, 'intact')
  t.equal((await verify(trail.root, trail.config, { redisUrl: redis.url })).verdict, 'intact')
  const dice = createDice(11)
  const missed: string[] = []
  for (let round = 0; round < redisEdits; round += 1) {
    const [stream, entries] = dice.pick([...images])
    const edit = dice.pick(redisActs)
    await put(stream, edit.act(entries, dice))
    for (const also of [alone, { redisUrl: redis.url }]) {
      const report = await verify(trail.root, trail.config, also)
      if (report.verdict === 'intact') missed.push(`${round}: ${edit.name}`)
      else if (!report.findings.some(finding => finding.source === 'Redis' && edit.classes.includes(finding.class))) missed.push(`${round}: ${edit.name} is called ${JSON.stringify(report.findings.slice(0, 3))}`)
    }
    await put(stream, entries)
  }
  t.same(missed, [])
  t.equal((await verify(trail.root, trail.config, alone)).verdict, 'intact')
})
