// Which records can concern a question, from their clear fields alone: what cannot is not opened. It lets through more than the answer, never less.
import type { AuditRecord } from '../record-form.ts'
import type { TokenName } from '../tokens.ts'
import { isEnding } from '../open-exchanges.ts'
import type { TrailQuery, WantedTokens } from './query.ts'

/** An exchange that goes on longer than this after `to` counts as one without an ending. */
const longestExchangeMs = 25 * 3_600_000
/** Records stand in the order in which they became durable, which is not quite that of their times. */
const disorderMs = 60_000

export function createSieve (query: TrailQuery, tokens: WantedTokens): (record: AuditRecord) => boolean {
  const names = Object.keys(tokens) as TokenName[]
  const from = (query.from ?? -Infinity) - disorderMs
  const to = (query.to ?? Infinity) + disorderMs
  // Endings do not say what they are about: they are known by the address of a beginning that concerned the question.
  const addresses = new Set<string>()
  const agrees = (record: AuditRecord, name: TokenName, isEndingRecord: boolean): boolean => {
    const token = record.tokens[name]
    return token === undefined ? isEndingRecord : tokens[name]?.includes(token) === true
  }
  return record => {
    const ends = isEnding(record.kind)
    if (record.time > to + (ends ? longestExchangeMs : 0) || record.time < from) return false
    if (!names.every(name => agrees(record, name, ends))) return false
    const { address } = record.tokens
    if (!ends && address !== undefined) addresses.add(address)
    return !ends || names.length === 0 || address === undefined || addresses.has(address)
  }
}
