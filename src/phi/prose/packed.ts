// Finds base64 that stands within a text and has a text in it: whoever reads it can unpack it. A whole value that is base64 is opened and packed again elsewhere (nested.ts).
import type { Span } from './span.ts'

const packed = /(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_-])/g
/** Words have no capital behind a small letter or a digit; base64 of a text has nearly always. */
const isMixed = /[a-z0-9][A-Z]/
// eslint-disable-next-line no-control-regex -- what a text does not have
const unreadable = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/
/** Longer than this a readable text inside is no accident. */
const longestAccident = 16

/** `hasFindings`: whether a text has something in it that must go. */
export function findPacked (text: string, hasFindings: (inner: string) => boolean): readonly Span[] {
  if (!isMixed.test(text)) return []
  const spans: Span[] = []
  packed.lastIndex = 0
  for (let match = packed.exec(text); match !== null; match = packed.exec(text)) {
    const letters = match[0].replace(/=+$/, '')
    if (!isMixed.test(letters) || letters.length % 4 === 1) continue
    const inner = Buffer.from(letters, 'base64').toString('utf8')
    if (unreadable.test(inner) || !/[\p{L}\p{N}]{2}/u.test(inner)) continue
    if (letters.length >= longestAccident || hasFindings(inner)) spans.push({ start: match.index, end: packed.lastIndex, kind: 'other' })
  }
  return spans
}
