// Two places that hold the trail of one writer must hold the same records. Which of them is right is told where only one has a record as it was written.
import type { Collector } from './collector.ts'
import type { EpochView } from './epoch-view.ts'
import type { Holding } from './place.ts'

/** Every place with every other; an epoch that only one has is found by the link, or by its checkpoint. */
export function comparePlaces (holdings: readonly Holding[], collector: Collector): void {
  for (const [at, first] of holdings.entries()) for (const second of holdings.slice(at + 1)) compareHoldings(first, second, collector)
}

function compareHoldings (first: Holding, second: Holding, collector: Collector): void {
  const newest = Math.max(first.newest, second.newest)
  for (const [epoch, mine] of first.epochs) {
    const theirs = second.epochs.get(epoch)
    if (theirs === undefined) continue
    compareRecords(mine, theirs, { source: `${first.name} and ${second.name}`, collector })
    compareLengths(mine, theirs, { held: second, newest, collector })
    compareLengths(theirs, mine, { held: first, newest, collector })
  }
}

interface Comparing { readonly held: Holding, readonly newest: number, readonly collector: Collector }

/** Whether `held` lacks an end that the other place has. */
function compareLengths (longer: EpochView, shorter: EpochView, { held, newest, collector }: Comparing): void {
  if (longer.last <= shorter.last || held.isFollower) return
  const { writer, epoch, last } = longer
  const detail = `it and those up to ${last} are not here, and the other place has them`
  const isUnderWay = epoch === newest && longer.lastKind !== 'gateway.stopped'
  if (isUnderWay) collector.remark(`${held.name}: the last ${last - shorter.last} records of the running epoch ${epoch} are not here yet.`)
  else collector.find({ class: 'truncation', source: held.name, writer, epoch, seq: shorter.last + 1, detail })
}

function compareRecords (mine: EpochView, theirs: EpochView, { source, collector }: { readonly source: string, readonly collector: Collector }): void {
  const { writer, epoch } = mine
  for (let seq = 1; seq <= Math.min(mine.last, theirs.last); seq += 1) {
    const [one, other] = [mine.hashOf(seq), theirs.hashOf(seq)]
    // A bad one is told as an edit, where it is one.
    if (one === undefined || other === undefined || one === other || mine.isBad(seq) || theirs.isBad(seq)) continue
    collector.find({ class: 'fork', source, writer, epoch, seq, detail: 'the two places have different records here, each with a valid seal' })
    return
  }
}
