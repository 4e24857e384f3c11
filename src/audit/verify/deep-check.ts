// What only a look into every record can tell: that its clear fields and tokens say what is sealed, and that each exchange has one ending.
import type { AuditEvent } from '../event.ts'
import type { AuditKeys } from '../keys.ts'
import { exchangeOf, isEnding } from '../open-exchanges.ts'
import type { TrailEntry } from '../reader.ts'
import { outcomeOf } from '../seal.ts'
import { shortenedText } from '../shorten-event.ts'
import { tokenNames, tokeniserOf, type TokenName } from '../tokens.ts'
import type { Trouble } from './epoch-view.ts'

export interface DeepCheck {
  take (entry: TrailEntry): readonly Trouble[]
  /** Exchanges that began and did not end. */
  unended (): ReadonlyArray<{ readonly writer: string, readonly epoch: number, readonly seq: number, readonly kind: string }>
}

export function createDeepCheck (keys: AuditKeys): DeepCheck {
  const open = new Map<string, { readonly writer: string, readonly epoch: number, readonly seq: number, readonly kind: string }>()
  const ended = new Set<string>()
  return {
    take ({ writer, epoch, seq, record, event }) {
      if (record === undefined || event === undefined) return []
      const troubles: Trouble[] = []
      const clear = { kind: event.kind, time: event.time, outcome: outcomeOf(event) }
      if (clear.kind !== record.kind || clear.time !== record.time || clear.outcome !== record.outcome) troubles.push({ class: 'edit', seq, detail: 'its clear fields do not say what is sealed' })
      const tokens = tokeniserOf(keys, epoch).tokensOf(event)
      if (tokenNames.some(name => tokens[name] !== record.tokens[name] && !isShortened(event, name))) troubles.push({ class: 'edit', seq, detail: 'its tokens are not those of what is sealed' })
      const exchange = exchangeOf(event)
      if (exchange === undefined) return troubles
      const name = `${writer} ${exchange}`
      if (!isEnding(event.kind)) open.set(name, { writer, epoch, seq, kind: event.kind })
      else if (!open.delete(name) && ended.has(name)) troubles.push({ class: 'edit', seq, detail: 'its exchange had an ending already' })
      else ended.add(name)
      return troubles
    },
    unended: () => [...open.values()],
  }
}

const sources: Readonly<Record<TokenName, (event: AuditEvent) => ReadonlyArray<string | undefined>>> = {
  person: ({ who }) => [who?.id],
  session: ({ who }) => [who?.session],
  address: ({ from }) => [from?.address],
  patient: ({ what }) => [what?.record?.patient],
  record: ({ what }) => [what?.record?.type, what?.record?.id],
}

/** A text that was cut has another token than the whole one, which the record carries. Of an event that was too long in any case nothing is left. */
function isShortened (event: AuditEvent, name: TokenName): boolean {
  return event.facts?.['shortened'] === 'all' || sources[name](event).some(text => text !== undefined && shortenedText.test(text))
}
