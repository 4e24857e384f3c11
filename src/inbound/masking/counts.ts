// How often each rule changed something. It knows rules, and nothing of what they were about.
import type { FieldRule } from './plan.ts'

export type Counts = ReadonlyMap<FieldRule, number>

export function addCount (counts: Map<FieldRule, number>, rule: FieldRule, times = 1): void {
  counts.set(rule, (counts.get(rule) ?? 0) + times)
}

export function addCounts (counts: Map<FieldRule, number>, more: Counts): void {
  for (const [rule, times] of more) addCount(counts, rule, times)
}

/** What was masked, for the record: rules and counts, never a name or a value that the CRM sent. */
export function describeCounts (counts: Counts, isTrial = false): string {
  return [...counts].filter(([rule]) => rule.isTrial === isTrial).map(([{ field, action }, count]) => `${field} ${action} ${count}`).join('; ').slice(0, 2000)
}
