// Keeps a record under its size: over-long texts are cut, longer lists become a few entries, a count and a digest. It never refuses an event:
// a long record must not fail a request, and who did what to which record is kept to the last.
import { hash } from 'node:crypto'
import { canonicalJson, compileCanonicalJson } from './canonical-json.ts'
import { AuditEvent } from './event.ts'
import { abbreviate, abbreviateBrowser } from './event-text.ts'

/** Bytes of the canonical text of one event. */
export const maxEventBytes = 8192

/** No text in an event is longer than this (`query` in event.ts), so shorter canonical texts need no look at their parts. */
const maxTextLength = 4096

const texts = new Map([['kind', writeWord], ['what.kind', writeWord], ['what.method', writeWord], ['what.protocol', writeWord], ['from.userAgent', abbreviateBrowser]])

const writeEvent = compileCanonicalJson(AuditEvent, { lead: abbreviate, text: path => texts.get(path) })

function writeWord (word: string): string {
  return abbreviate(JSON.stringify(word))
}

/** The text of an event, abbreviated; written out it is canonical JSON, at most `maxEventBytes` long in UTF-8. Throws a TypeError on what is not data. */
export function writeBoundedEvent (event: AuditEvent): string {
  const whole = writeEvent(event)
  if (whole.length <= maxTextLength) return whole
  for (const limits of steps) {
    const text = canonicalJson(shorten(event, limits))
    if (Buffer.byteLength(text) <= maxEventBytes) return text
  }
  return canonicalJson({
    kind: event.kind,
    time: event.time,
    id: cutText(String(event.id), 64),
    facts: { shortened: 'all', bytes: whole.length, sha256: digest(whole) },
  })
}

interface Limits { readonly text: number, readonly list: number }

// Each step halves or quarters what may stay; the first that fits is taken.
const steps: readonly Limits[] = [
  { text: maxTextLength, list: 64 }, { text: 2048, list: 64 },
  { text: 1024, list: 32 }, { text: 512, list: 16 }, { text: 256, list: 8 }, { text: 128, list: 4 }, { text: 40, list: 2 },
]

function shorten (event: AuditEvent, limits: Limits): unknown {
  const { facts, ...rest } = event
  return { ...(cutValue(rest, limits) as object), ...(facts === undefined ? {} : { facts: cutFacts(facts, limits) }) }
}

function cutValue (value: unknown, limits: Limits): unknown {
  if (typeof value === 'string') return cutText(value, limits.text)
  if (Array.isArray(value)) return cutList(value, limits)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cutValue(member, limits)]))
}

/** Facts are the one part of an event with keys of its own, so their number has a bound too. */
function cutFacts (facts: NonNullable<AuditEvent['facts']>, limits: Limits): unknown {
  const entries = Object.entries(facts)
  const kept = entries.slice(0, limits.list).map(([key, member]) => [cutText(key, limits.text), cutValue(member, limits)] as const)
  const left = entries.slice(limits.list)
  return Object.fromEntries(left.length === 0 ? kept : [...kept, ['shortened', `${left.length} more, sha256 ${digest(canonicalJson(Object.fromEntries(left)))}`]])
}

function cutList (list: readonly unknown[], limits: Limits): unknown[] {
  if (list.length <= limits.list) return list.map(member => cutValue(member, limits))
  const kept = list.slice(0, limits.list - 1).map(member => cutValue(member, limits))
  return [...kept, `… ${list.length} in all, sha256 ${digest(canonicalJson(list))}`]
}

/** What `cutText` makes of a text. */
export const shortenedText = /… \d+ long, sha256 [\w-]{43}$/u

function cutText (text: string, limit: number): string {
  if (text.length <= limit) return text
  const mark = `… ${text.length} long, sha256 ${digest(text)}`
  return `${text.slice(0, Math.max(0, limit - mark.length)).toWellFormed()}${mark}`
}

function digest (text: string): string {
  return hash('sha256', text, 'base64url')
}
