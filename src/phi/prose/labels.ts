// Finds what a text itself says is an identifier: "MRN #…", "member id: …", "DOB", "VIN". Without such a word a short number stays.
import type { Kind } from '../identifier-kinds.ts'
import { cues } from './cue-words.ts'
import { signs, type Scan } from './scan.ts'
import { findPattern, type Span } from './span.ts'

const labels: readonly (readonly [Kind, string])[] = [
  ['mrn', 'mrn|m\\.r\\.n\\.?|medical rec(?:ord)?|med rec|mr ?#|mr no|chart|patient id(?:entifier)?|patient (?:number|no|#)|pt id|hospital (?:number|no|id)|unit number|accession|encounter|visit id|specimen|case'],
  ['plan', 'member(?:ship)?(?: id)?|subscriber(?: id)?|beneficiary|policy(?: ?holder)?(?: id)?|insurance id|insurance (?:number|no|#)|group (?:number|no|id|#)|hicn|mbi|medicare|medicaid|health plan|plan id|rx ?bin|rx ?pcn|rx ?grp|claim'],
  ['account', 'rx ?(?:#|no\\.?|number)|prescription (?:#|no\\.?|number)|account|acct|a\\/c|iban|routing|aba|sort code|credit card|debit card|card|invoice|billing id|bank|customer (?:id|number|no|#)|loan|order|confirmation'],
  ['licence', 'licen[cs]e|lic|dl|driver\'?s? licen[cs]e|npi|dea|passport|certificate|cert|tax id|ein|tin|itin|national id|nhs'],
  ['vehicle', 'vin|plate|license plate|licence plate|registration|tag'],
  ['device', 'serial|s\\/n|sn|imei|udi|device(?: id)?|implant|pacemaker|lot|mac address|model no'],
  ['ssn', 'ssn|ss ?#|soc(?:ial)? ?sec(?:urity)?|social'],
  ['zip', 'zip|zip ?code|postal code|postcode'],
  ['fax', 'fax|telefax|facsimile'],
  ['phone', 'phone|tel|telephone|mobile|cell|call(?:back)?|ext|extension|pager|whatsapp'],
  ['date', 'dob|d\\.o\\.b\\.?|date of birth|birth ?date|birthday|born|date of death|dod'],
  ['other', '(?:lead|deal|contact|opportunity) ?#|job|trip|id|identifier|ref|reference|ticket|record|username|user id|login|handle|pin|passcode|password|token|key|booking|reservation'],
]

const joint = '(?: ?(?:numbers?|num|no\\.?|nr\\.?|id|ids|code|#|card))?[ \\t]{0,2}(?:is|was|are|given as|listed as|ending in|ends? with|of)?[ \\t]{0,2}[:=#\\-(.]{0,3}[ \\t]{0,2}#?'
const value = '([A-Za-z0-9*][A-Za-z0-9._/*-]{0,39}(?:[ -][A-Za-z]{0,3}\\d[A-Za-z0-9._/-]{0,20}){0,5})'
// One pass for all: a group for each row of the table, and the value behind them.
const pattern = new RegExp(`(?<![A-Za-z0-9])(?:${labels.map(([, words]) => `(${words})`).join('|')})(?![A-Za-z])${joint}${value}`, 'gi')

const isMeasure = /^\d{1,5}(?:\.\d+)? ?(?:mg|ml|mcg|kg|units?|hours?|hrs?|days?|weeks?|months?|years?|times|minutes?|mins?|x|%)/i

interface Labelled {
  readonly label: string
  readonly found: string
  /** The value and what stands behind it. */
  readonly after: string
}

/** A year stays; so does what only counts or measures. */
function isIdentifier (kind: Kind, { label, found, after }: Labelled): boolean {
  const digits = found.match(/\d/g)?.length ?? 0
  if (digits === 0) return kind === 'other' && isSecret(label, found)
  const isYear = /^(?:19|20)\d\d$/.test(trimmed(found))
  if (kind === 'date') return digits > 4 || !isYear
  if (kind === 'zip') return digits >= 3
  if (isMeasure.test(after)) return false
  if (kind === 'phone' || kind === 'fax') return digits >= 3
  // "social given as 2071" is no year.
  if (isYear && !/[:=#]/.test(label) && !(kind === 'ssn' && / (?:is|as|in|with) /.test(label))) return false
  return digits >= 4 || (digits >= 2 && found.length >= 3 && isMarked(label))
}

function isMarked (label: string): boolean {
  return /[:=#]|\b(?:number|no\.?|id|is|mrn|vin|npi|dea|ssn)\b/i.test(label)
}

/** A word without a digit is an identifier behind few labels only. */
function isSecret (label: string, found: string): boolean {
  return found.length > 2 && /[:=]/.test(label) && /(?:user ?name|login|handle|password|passcode|token|key)/i.test(label)
}

/** The end of a value without the punctuation of its sentence. */
function trimmed (found: string): string {
  return found.replace(/[._/-]+$/, '')
}

/** A question and its answer in a chat: "And the zip code?", "Visitor: 12345". */
const asked = /(zip|postal|member|subscriber|policy|account|social|ssn|record number|mrn|pin|code)[^\n?]{0,24}\?[ \t]{0,3}\n(?:[ \t>]{0,3}\[[^\]\n]{1,16}\])?(?:[^\n:]{1,30}:)?[^\n\d]{0,20}(\d[\d -]{2,14}\d)(?!\d)/dgi

function findAsked (text: string): Span[] {
  return /\?[ \t]{0,3}\n/.test(text) ? findPattern(text, asked, { kind: 'other', group: 2 }).map(span => ({ ...span, kind: span.end - span.start === 5 ? 'zip' as const : span.kind })) : []
}

const abbreviated = /m\.r\.n|d\.o\.b|a\/c|s\/n/i

export function findLabelled ({ text, signs: has, cues: said }: Scan): readonly Span[] {
  if ((has & (signs.digit | signs.colon | signs.equals)) === 0) return []
  const spans = (has & signs.digit) === 0 ? [] : findAsked(text)
  if ((said & cues.record) === 0 && ((said & cues.abbreviation) === 0 || !abbreviated.test(text))) return spans
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const found = match.at(-1) ?? ''
    const start = pattern.lastIndex - found.length
    const kind = labels[match.slice(1, -1).findIndex(label => label !== undefined)]?.[0] ?? 'other'
    if (isIdentifier(kind, { label: text.slice(match.index, start), found, after: text.slice(start, start + 40) })) spans.push({ start, end: start + trimmed(found).length, kind })
    // What looks like a value can be the next label: "account number: ID 123".
    pattern.lastIndex = start
  }
  return spans
}
