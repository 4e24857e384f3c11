// Random edits of a spool, and what a verification must call each: none is called intact while a record is not what was written or missing.
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Test } from 'tap'
import type { DamageClass } from '../../src/audit/audit.ts'
import { copyTrail, editLines, readHashes, segmentsOf, spoolOf, verify, writeVerifiedTrail } from './verified-trail.ts'

/** The same numbers in every run (mulberry32). */
export function createDice (seed: number) {
  let state = seed
  const roll = (sides: number): number => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
  return { roll, pick: <T>(list: readonly T[]): T => list[roll(list.length)] as T }
}

export type Dice = ReturnType<typeof createDice>

interface Edit {
  readonly name: string
  /** One of these is named. */
  readonly classes: readonly DamageClass[]
  act (file: string, dice: Dice, root: string): void
}

const bytes = (file: string, edit: (whole: Buffer) => Buffer) => { writeFileSync(file, edit(readFileSync(file))) }
export const changed: readonly DamageClass[] = ['edit', 'key outside epoch']
export const cut: readonly DamageClass[] = ['gap', 'truncation', 'replayed backup']

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

/** Tries so many random edits; the same ones for the same seed. */
export async function trySpoolEdits (t: Test, { count, seed }: { readonly count: number, readonly seed: number }): Promise<void> {
  const trail = await writeVerifiedTrail(t, { epochs: 2, exchanges: 3 })
  const whole = await readHashes(trail.root, trail.config)
  const root = copyTrail(t, trail)
  const dice = createDice(seed)
  const done = new Map<string, number>()
  const missed: string[] = []
  let harmless = 0
  for (let round = 0; round < count; round += 1) {
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
}
