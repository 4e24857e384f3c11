// Rewrites HL7 version 2 in place: a field is a leaf, `PID-5`. What a message is (MSH) stays where it is a word of the standard.
import { Hold } from '../hold.ts'
import type { Spot, Visitor } from '../visitor.ts'

/** Fields of MSH that are words of the standard. */
const words: Readonly<Record<number, RegExp>> = { 9: /^[A-Z]{3}(?:\^[A-Z]\d\d(?:\^[A-Z]{3}_[A-Z]\d\d)?)?$/, 11: /^[DPT]$/, 12: /^2\.\d(?:\.\d)?$/, 18: /^[A-Z0-9 -]{1,20}$/ }

export function looksLikeHl7 (text: string): boolean {
  return /^\s*MSH\|\^~\\&\|/.test(text)
}

function rewriteSegment (segment: string, visitor: Visitor, root: Spot): string {
  const [name = '', ...fields] = segment.split('|')
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) throw new Hold('unknownType')
  const isHeader = name === 'MSH'
  return [name, ...fields.map((value, index) => {
    // MSH-1 is the separator itself.
    const number = isHeader ? index + 2 : index + 1
    if (value === '' || (isHeader && (number === 2 || words[number]?.test(value) === true))) return value
    const answer = visitor.leaf(root.child(`${name}-${number}`), value, 'string')
    return answer === undefined ? value : (answer ?? '').replace(/[|^~\\&\r\n]/g, ' ')
  })].join('|')
}

/** Throws a Hold for what is not HL7 with the usual separators. */
export function rewriteHl7 (text: string, visitor: Visitor, root: Spot): string {
  if (!looksLikeHl7(text)) throw new Hold('unknownType')
  const end = text.includes('\r') ? '\r' : '\n'
  return text.split(/\r\n|\r|\n/).map(segment => segment.trim() === '' ? '' : rewriteSegment(segment.trimStart(), visitor, root)).join(end)
}
