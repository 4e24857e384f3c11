// What a feed tells of a record. Unless the administrator asks for clear content it holds no value of a person, patient or record, but their tokens: enough to
// count and to correlate, and to ask the trail about.
import { cefLine } from '../export/cef.ts'
import type { ExportContext } from '../export/format.ts'
import { toOcsf } from '../export/ocsf.ts'
import type { AuditEvent } from '../event.ts'
import type { Found } from '../questions/answer.ts'
import { toRow, wholeEvent } from '../questions/row.ts'
import { formatRecord } from '../record-form.ts'

export interface FeedForm {
  readonly format: 'cef' | 'ocsf' | 'json'
  readonly content: 'sealed' | 'tokens' | 'clear'
}

export function writeFeedText (found: Found, form: FeedForm, context: ExportContext): string {
  if (form.content === 'sealed') return found.record === undefined ? '{}' : formatRecord(found.record)
  const told = form.content === 'clear' ? found : withoutValues(found)
  if (form.format === 'cef') return cefLine(told, context)
  return JSON.stringify(form.format === 'ocsf' ? toOcsf(told, context) : toRow(told))
}

/** The same record with tokens in the place of values; an ending has those of its beginning. Facts, names, paths and queries are left out. */
function withoutValues (found: Found): Found {
  const { kind, time, id, who, what, decision, outcome, count } = wholeEvent(found)
  const tokens = { ...found.begun?.record?.tokens, ...found.record?.tokens }
  const { person, session, address } = tokens
  const facts = Object.fromEntries(Object.entries({ sessionToken: session, addressToken: address }).filter(([, token]) => token !== undefined)) as Record<string, string>
  const event: AuditEvent = {
    kind,
    time,
    id,
    ...(who === undefined ? {} : { who: { id: person ?? 'unknown', roles: who.roles } }),
    ...(what === undefined ? {} : { what: describeTarget(what, tokens) }),
    ...(decision === undefined ? {} : { decision }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(count === undefined ? {} : { count }),
    facts,
  }
  return { ...found, event, begun: undefined }
}

type What = NonNullable<AuditEvent['what']>

function describeTarget ({ kind, method, route, record }: What, tokens: { readonly patient?: string, readonly record?: string }): What {
  const { patient, record: id } = tokens
  return {
    kind,
    method,
    ...(route === undefined ? {} : { route }),
    ...(record === undefined ? {} : { record: { type: record.type, ...(id === undefined ? {} : { id }), ...(patient === undefined ? {} : { patient }) } }),
  }
}
