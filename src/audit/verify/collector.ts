// Gathers what a verification finds.
import type { AuditEvent } from '../event.ts'
import { readShredding } from '../retention/shredding.ts'
import { keptFindings, type VerifyFinding } from './report.ts'

export interface Collector {
  find (finding: VerifyFinding): void
  /** A sentence that is no finding. */
  remark (sentence: string): void
  count (): void
  /** Any event that could be opened: it may say that a record was shredded. */
  noteShredding (event: AuditEvent): void
  /** A record without content: a finding, unless an operation on record, in whichever place, did it. */
  holdShredded (finding: VerifyFinding): void
  /** Once everything was read. */
  settleShredded (): void
  /** Everything so far; `found` counts the findings that are not kept as well. */
  all (): { readonly findings: readonly VerifyFinding[], readonly found: number, readonly records: number, readonly remarks: readonly string[] }
}

const nameOf = ({ writer, epoch, seq }: { readonly writer: string, readonly epoch: number, readonly seq: number }) => `${writer} ${epoch} ${seq}`

export function createCollector (): Collector {
  const findings: VerifyFinding[] = []
  const remarks: string[] = []
  const shreddings = new Set<string>()
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
    noteShredding (event) {
      const place = readShredding(event)
      if (place !== undefined) shreddings.add(nameOf(place))
    },
    holdShredded (finding) { shredded.set(nameOf(finding), [...shredded.get(nameOf(finding)) ?? [], finding]) },
    settleShredded () {
      let count = 0
      for (const [name, each] of shredded) {
        if (shreddings.has(name)) count += 1
        else for (const finding of each) find(finding)
      }
      if (count > 0) remarks.push(`${count === 1 ? '1 record was' : `${count} records were`} shredded by an operation on record: what was said is gone on purpose, the place in the chain is kept.`)
      shredded.clear()
    },
    all: () => ({ findings, found, records, remarks }),
  }
}
