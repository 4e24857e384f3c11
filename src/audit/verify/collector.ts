// Gathers what a verification finds.
import { keptFindings, type VerifyFinding } from './report.ts'

export interface Collector {
  find (finding: VerifyFinding): void
  /** A sentence that is no finding. */
  remark (sentence: string): void
  count (): void
  /** Everything so far; `found` counts the findings that are not kept as well. */
  all (): { readonly findings: readonly VerifyFinding[], readonly found: number, readonly records: number, readonly remarks: readonly string[] }
}

export function createCollector (): Collector {
  const findings: VerifyFinding[] = []
  const remarks: string[] = []
  let [found, records] = [0, 0]
  return {
    find (finding) {
      found += 1
      // One of each class is kept in any case: the verdict rests on the classes.
      if (findings.length < keptFindings || !findings.some(each => each.class === finding.class)) findings.push(finding)
    },
    remark (sentence) { remarks.push(sentence) },
    count () { records += 1 },
    all: () => ({ findings, found, records, remarks }),
  }
}
