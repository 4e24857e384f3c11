// Gathers what a verification finds.
import type { AuditEvent } from '../event.ts'
import type { Hold } from '../retention/holds.ts'
import { HoldsOnRecord } from '../retention/holds-on-record.ts'
import { nameOf, readShredding, Shreddings } from '../retention/shredding.ts'
import { keptFindings, type VerifyFinding } from './report.ts'

export interface Collector {
  find (finding: VerifyFinding): void
  /** A sentence that is no finding. */
  remark (sentence: string): void
  count (): void
  /** Any event that could be opened: it may say that a record was shredded, or that a legal hold was set or ended. */
  note (event: AuditEvent): void
  /** A record without content: a finding, unless an operation on record, in whichever place, did it. */
  holdShredded (finding: VerifyFinding): void
  /** Once everything was read. */
  settleShredded (): void
  /** What stands in the archive. */
  compareHolds (held: readonly Hold[]): void
  /** Everything so far; `found` counts the findings that are not kept as well. */
  all (): { readonly findings: readonly VerifyFinding[], readonly found: number, readonly records: number, readonly remarks: readonly string[] }
}

const brokenOff = 'its content was taken away by a shredding that is on record as begun and not as done: run sallyport audit shred for it again, which completes it'

export function createCollector (): Collector {
  const findings: VerifyFinding[] = []
  const remarks: string[] = []
  const shreddings = new Shreddings()
  const holds = new HoldsOnRecord()
  const shredded = new Map<string, VerifyFinding[]>()
  let [found, records] = [0, 0]
  const find = (finding: VerifyFinding) => {
    found += 1
    // One of each class is kept in any case: the verdict rests on the classes.
    if (findings.length < keptFindings || !findings.some(each => each.class === finding.class)) findings.push(finding)
  }
  return {
    find,
    remark (sentence) { remarks.push(sentence) },
    count () { records += 1 },
    note (event) {
      const step = readShredding(event)
      if (step !== undefined) shreddings.note(step)
      holds.note(event)
    },
    holdShredded (finding) { shredded.set(nameOf(finding), [...shredded.get(nameOf(finding)) ?? [], finding]) },
    settleShredded () {
      let count = 0
      for (const each of shredded.values()) {
        const answers = each.map(finding => ({ finding, answer: shreddings.answer(finding, finding.source) }))
        const findings = answers.filter(({ answer }) => answer !== 'accounted')
        if (findings.length === 0) count += 1
        for (const { finding, answer } of findings) find(answer === undefined ? finding : { ...finding, detail: brokenOff })
      }
      if (count > 0) remarks.push(`${count === 1 ? '1 record was' : `${count} records were`} shredded by an operation on record: what was said is gone on purpose, the place in the chain is kept.`)
      shredded.clear()
    },
    compareHolds (held) {
      const names = new Set(held.map(({ name }) => name))
      for (const { name, by, at } of holds.inForce()) {
        if (names.has(name)) continue
        const detail = `the legal hold ${name}, which ${by} set on ${new Date(at).toISOString()}, is not there any more, and no operation on record ended it`
        find({ class: 'gap', source: 'the archive', writer: '', epoch: 0, seq: 0, detail })
      }
    },
    all: () => ({ findings, found, records, remarks }),
  }
}
