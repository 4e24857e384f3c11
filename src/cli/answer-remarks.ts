// What stands under every answer: how much there is, and, loudly, what is damaged or was not asked. The exit code says it to programs.
import type { Told } from '../operations/ask-trail.ts'
import { plain, type Output } from './output.ts'

/** The answer is there, but the trail is damaged or a place could not be asked. */
const exitIncomplete = 3

export function printRemarks ({ damaged, damage, shredded, missing }: Pick<Told, 'damaged' | 'damage' | 'shredded' | 'missing'>, output: Output): number {
  for (const sentence of missing) output.remark(plain(`!! NOT ASKED: ${sentence} What only it has is not in this answer.`))
  if (shredded > 0) {
    output.remark(shredded === 1
      ? '1 record of the trail was shredded: what it said is gone on purpose, its place in the chain is kept.'
      : `${shredded} records of the trail were shredded: what they said is gone on purpose, their place in the chain is kept.`)
  }
  if (damaged > 0) {
    output.remark(`!! DAMAGED: ${damaged === 1 ? '1 record is' : `${damaged} records are`} not as ${damaged === 1 ? 'it was' : 'they were'} written. Each could belong to this answer:`)
    for (const { source, writer, epoch, seq, problems } of damage) output.remark(plain(`!!   ${source}: writer ${writer}, epoch ${epoch}, record ${seq}: ${problems.join(', ')}`))
    if (damaged > damage.length) output.remark(`!!   and ${damaged - damage.length} more`)
    output.remark('!! Keep the files as they are, and let somebody look who did not administer this machine.')
  }
  return damaged > 0 || missing.length > 0 ? exitIncomplete : 0
}
