// Two places that hold the trail of one writer must hold the same records. Which of them is right is told where only one has a record as it was written.
import type { EpochView } from './epoch-view.ts'
import type { Collector } from './verify-trail.ts'

interface Held { readonly name: string, readonly isFollower: boolean, readonly views: readonly EpochView[] }

export function compareViews (first: Held, second: Held, collector: Collector): void {
  const newest = Math.max(0, ...first.views.map(({ epoch }) => epoch), ...second.views.map(({ epoch }) => epoch))
  for (const mine of first.views) {
    const theirs = second.views.find(({ epoch }) => epoch === mine.epoch)
    if (theirs === undefined) continue // an epoch that only one place has is found by the link, or by its checkpoint
    compareRecords({ name: first.name, view: mine }, { name: second.name, view: theirs }, collector)
    for (const [longer, shorter, { name, isFollower }] of [[mine, theirs, second], [theirs, mine, first]] as const) {
      if (longer.last <= shorter.last || isFollower) continue
      const isUnderWay = mine.epoch === newest && longer.lastKind !== 'gateway.stopped'
      const detail = `it and those up to ${longer.last} are not here, and the other place has them`
      if (isUnderWay) collector.remark(`${name}: the last ${longer.last - shorter.last} records of the running epoch ${mine.epoch} are not here yet.`)
      else collector.find({ class: 'truncation', source: name, writer: mine.writer, epoch: mine.epoch, seq: shorter.last + 1, detail })
    }
  }
}

function compareRecords (first: { readonly name: string, readonly view: EpochView }, second: { readonly name: string, readonly view: EpochView }, collector: Collector): void {
  const { writer, epoch } = first.view
  for (let seq = 1; seq <= Math.min(first.view.last, second.view.last); seq += 1) {
    const [mine, theirs] = [first.view.hashOf(seq), second.view.hashOf(seq)]
    if (mine === undefined || theirs === undefined || mine === theirs) continue
    const bad = [first, second].filter(({ view }) => view.isBad(seq))
    if (bad.length > 0) continue // told as an edit, where it is one
    collector.find({ class: 'fork', source: `${first.name} and ${second.name}`, writer, epoch, seq, detail: 'the two places have different records here, each with a valid seal' })
    return
  }
}
