// Finds e-mail addresses, web addresses and addresses of machines.
import { isIP } from 'node:net'
import { cues } from './cue-words.ts'
import { signs, type Scan } from './scan.ts'
import { findPattern, type Span } from './span.ts'

// eslint-disable-next-line no-control-regex -- everything beyond ASCII may stand there (RFC 6531)
const local = /[A-Za-z0-9._%+'*/=?^`{|}~!#$&-]|[^\x00-\x7f]/
// eslint-disable-next-line no-control-regex -- as above
const domain = /[A-Za-z0-9.-]|[^\x00-\x7f]/
const longestLocal = 64
const longestDomain = 255

/** From each @ outwards, so that a text of a million letters costs no more than its @ signs. */
function findEmails (text: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > 0 && at - start < longestLocal && local.test(text[start - 1] as string)) start -= 1
    let end = at + 1
    while (end < text.length && end - at <= longestDomain && domain.test(text[end] as string)) end += 1
    while (end > at + 1 && /[.-]/.test(text[end - 1] as string)) end -= 1
    // "Jane Roe"@clinic.example
    if (start === at && text[at - 1] === '"') start = Math.max(0, text.lastIndexOf('"', at - 2), at - longestLocal)
    if (end > at + 1 && start < at) spans.push({ start, end, kind: 'email' })
  }
  return spans
}

const written = /(?<![A-Za-z0-9])[A-Za-z0-9._+-]{1,64} {0,2}[[({<] {0,1}at {0,1}[\])}>] {0,2}[A-Za-z0-9-]{1,63}(?: {0,2}(?:\.|[[({<] {0,1}dot {0,1}[\])}>]| dot ) {0,2}[A-Za-z0-9-]{1,63}){1,4}/gi
const spoken = /(?<![A-Za-z0-9])(?:[A-Za-z0-9_+-]{1,32} (?:dot|underscore|dash) ){0,3}[A-Za-z0-9._+-]{1,64} at [A-Za-z0-9-]{1,63}(?: dot [A-Za-z0-9-]{1,63}){1,4}(?![A-Za-z0-9])/gi
const apart = /(?<![A-Za-z0-9])[A-Za-z0-9._+-]{1,64} {0,2}(?:@|[[({<] {0,1}@ {0,1}[\])}>]) {0,2}[A-Za-z0-9-]{1,63}(?: {0,2}\. {0,2}[A-Za-z0-9-]{1,63}){1,4}/g
const defanged = /(?<![A-Za-z0-9@.-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.|\[\.\]|\(\.\)|\[dot\])){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9-])(?:[/?#][^\s<>"]{0,2048})?/g
const scheme = /(?<![A-Za-z0-9])(?:[hH](?:[tT]{2}|[xX]{2})[pP][sS]?|[fF][tT][pP]|[wW][sS]{1,2}|[fF][iI][lL][eE]|[sS]3)(?::|\[:\])[/\\]{2}[^\s<>"]{1,2048}|(?<![A-Za-z0-9])(?:mailto|tel|sms|data|callto|skype):[^\s<>"]{1,2048}/g
const www = /(?<![A-Za-z0-9@.-])www\.[^\s<>"]{1,512}/gi
const topLevel = 'com|net|org|edu|gov|mil|int|io|co|us|uk|ca|de|fr|at|ch|it|es|nl|eu|au|info|biz|health|care|clinic|app|dev|me|tv|ai|xyz|online|site|test|example|invalid|local|localhost|internal'
const bare = new RegExp(`(?<![A-Za-z0-9@.-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\\.){1,6}(?:${topLevel})(?![A-Za-z0-9-])(?::\\d{1,5})?(?:[/?#][^\\s<>"]{0,2048})?`, 'gi')

// A look for the part that all matches have costs a fraction of a look for the whole.
const hasScheme = /:[/\\]{2}|\[:\]|(?:mailto|tel|sms|data|callto|skype):/i
const hasTopLevel = new RegExp(`\\.(?:${topLevel})(?![A-Za-z0-9-])`, 'i')

/** A sentence goes on behind an address. */
function trimEnd (text: string, { start, end, kind }: Span): Span {
  let to = end
  while (to > start + 1 && /[.,;:!?)\]}'’"]/.test(text[to - 1] as string)) to -= 1
  return { start, end: to, kind }
}

const v4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d])(?:\/\d{1,2}(?!\d))?/g
const v6 = /(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{0,4}|(?:\d{1,3}\.){3}\d{1,3})(?![\w:])/g
const mac = /(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])/g

/** Addresses that are written so that machines do not take them for one. */
function findDisguised ({ text, signs: has, cues: said }: Scan): Span[] {
  const spans: Span[] = []
  const isBracketed = (has & signs.opening) !== 0
  if (isBracketed && (said & cues.at) !== 0 && /[[({<] ?at ?[\])}>]/i.test(text)) spans.push(...findPattern(text, written, { kind: 'email' }))
  // "meet @ clinic. Then" is no address: a stop that stands apart has a blank on both sides.
  if ((has & signs.at) !== 0 && /(?: @|@ |[[({<]@)/.test(text)) {
    spans.push(...findPattern(text, apart, { kind: 'email', accept: match => / \. |[^ ]\.[^ ]/.test(match[0].slice(match[0].indexOf('@'))) && !/[^ ]\. /.test(match[0]) }))
  }
  if (isBracketed && /\[\.\]|\(\.\)|\[dot\]/.test(text)) spans.push(...findPattern(text, defanged, { kind: 'url', accept: match => /[[(]/.test(match[0]) }))
  if ((said & cues.dot) !== 0) spans.push(...findPattern(text, spoken, { kind: 'email' }))
  return spans
}

export function findNetworkIdentifiers (scan: Scan): readonly Span[] {
  const { text, signs: has, cues: said, joints, colons } = scan
  const spans: Span[] = [...(has & signs.at) === 0 ? [] : findEmails(text), ...findDisguised(scan)]
  if (colons > 0 && hasScheme.test(text)) spans.push(...findPattern(text, scheme, { kind: 'url' }))
  if (joints >= 5 && /[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]/.test(text)) spans.push(...findPattern(text, mac, { kind: 'device' }))
  if ((said & cues.www) !== 0) spans.push(...findPattern(text, www, { kind: 'url' }))
  if ((has & signs.stopLetter) !== 0 && hasTopLevel.test(text)) spans.push(...findPattern(text, bare, { kind: 'url' }))
  if ((has & signs.stopDigit) !== 0) spans.push(...findPattern(text, v4, { kind: 'ip', accept: match => match[0].split(/[./]/).slice(0, 4).every(part => Number(part) < 256) }))
  if (colons >= 2 && /:[0-9a-fA-F]{0,4}:/.test(text)) spans.push(...findPattern(text, v6, { kind: 'ip', accept: match => isIP(match[0]) === 6 }))
  return spans.map(span => span.kind === 'url' ? trimEnd(text, span) : span)
}
