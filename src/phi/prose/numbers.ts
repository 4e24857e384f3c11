// Finds numbers that stand for a person or a thing of theirs: social security, telephone, card, bank, record numbers.
// A check digit raises the certainty of a finding, and its absence never takes one away from a number that is long enough.
import type { Kind } from '../identifier-kinds.ts'
import { signs, type Scan } from './scan.ts'
import { findPattern, type Span } from './span.ts'

const ssn = /(?<![\dA-Za-z])\d{3}(?:[ ._/\\-]{1,3}|[:*~|])\d{2}(?:[ ._/\\-]{1,3}|[:*~|])\d{4}(?!\d)/g
const spaced = /(?<![\dA-Za-z.])(?:\d[ ._-]{1,3}){6,15}\d(?![\dA-Za-z])/g
/** "1 2 3 4 5 6 7" counts something. */
const isCounting = (text: string): boolean => '123456789'.includes(text.replace(/\D/g, ''))
const northAmerican = /(?<![\dA-Za-z])(?:\+?1[ ./-]{0,2})?(?:\( ?\d{3} ?\)|\d{3})[ ./-]{0,3}\d{3}[ ./-]{0,3}\d{4}(?!\d)/g
const international = /(?<![\dA-Za-z])(?:\+|00)[1-9]\d{0,2}(?:[ ./()-]{0,3}\d{1,5}){2,7}(?!\d)/g
const trunk = /(?<![\dA-Za-z.])\(?0\d{1,4}\)?[ ./-]{1,2}\d{2,4}(?:[ ./-]{0,2}\d{2,4}){1,3}(?!\d)/g
const local = /(?<![\dA-Za-z./$-])\d{3}[.-]\d{4}(?![\dA-Za-z/-]|\.\d)/g
const groups = /(?<![\dA-Za-z.,$/-])\(?\d{2,4}\)?(?:[ .-]\d{2,4}){3,5}(?![\dA-Za-z])/g
const pair = /(?<![\dA-Za-z.,$/-])(?:\(\d{2,4}\)[ .-]?\d{3,4}|\d{2,4} \d{3}|\d{3,5})[ .-]\d{3,4}(?![\dA-Za-z/]|-\d|[.,]\d)|(?<![\dA-Za-z.,$/-])\d{2,3} \d{6}(?![\dA-Za-z/]|-\d|[.,]\d)/g
const iban = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])/g
const card = /(?<![\dA-Za-z])\d(?:[ -]{0,2}\d){12,18}(?!\d)/g
const uuid = /(?<![A-Za-z0-9])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![A-Za-z0-9])/g

/** Luhn, ISO/IEC 7812-1. */
function hasCheckDigit (digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    sum += index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

const countDigits = (text: string): number => text.match(/\d/g)?.length ?? 0
const isFax = (text: string, start: number): boolean => /(?:fax|telefax|facsimile)[^\d\n]{0,14}$/i.test(text.slice(Math.max(0, start - 24), start))

const extension = /[ ,;]{0,2}(?:x|ext\.?|extension|#)[ :.]{0,2}\d{1,6}(?!\d)/yi

function withExtension (text: string, span: Span): Span {
  extension.lastIndex = span.end
  return extension.test(text) ? { ...span, end: extension.lastIndex } : span
}

/** What stands behind a number and makes it a measure. */
const measure = /^ ?(?:mg|mcg|ug|ml|kg|lbs?|g|units?|iu|mmhg|bpm|mm|cm|meq|mmol|k|cells|copies|%|usd|eur|dollars|steps|kcal|ms|hz|bytes|kb|mb)(?![A-Za-z])/i
const isToken = (code: number): boolean => (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x2d || code === 0x5f

function kindOfDigits (digits: string): Kind {
  if (digits.length === 9) return 'ssn'
  if (digits.length === 10) return 'phone'
  return digits.length >= 13 && hasCheckDigit(digits) ? 'account' : 'other'
}

/** Letters and digits in one: enough digits that it counts something, or long enough to be a key. */
function judgeToken (token: string, text: string, end: number): Kind | undefined {
  const digits = countDigits(token)
  const letters = token.match(/[A-Za-z]/g)?.length ?? 0
  if (letters === 0) {
    const isMeasured = /^[$€£]/.test(text.charAt(end - token.length - 1)) || measure.test(text.slice(end, end + 10))
    return digits >= 7 && !isMeasured && /^\d+$/.test(token) ? kindOfDigits(token) : undefined
  }
  if (token.length === 17 && digits >= 3 && /^[A-HJ-NPR-Z0-9]{17}$/i.test(token)) return 'vehicle'
  if (/^\d+(?:mg|mcg|ml|kg|lbs?|units?|iu|mmhg|bpm|th|st|nd|rd|px|pt|k|am|pm)$/i.test(token)) return undefined
  if (digits >= 5 || (digits >= 4 && /^[A-Z]{1,4}-?\d{4,}$/.test(token))) return 'other'
  return token.length >= 20 && digits >= 2 ? 'other' : undefined
}

/** CDT and HCPCS codes: of what was done, not of whom. */
const procedureCode = /^[A-EGHJ-MP-TV]\d{4}$/
const beforeCode = /(?:cpt|cdt|hcpcs|codes?|procedures?|billed|icd|modifier)(?:[ :,&/-]|and|[A-Z]\d{4}){0,24}$/i

function findTokens (text: string): Span[] {
  const spans: Span[] = []
  const digits = /\d+/g
  for (let match = digits.exec(text); match !== null; match = digits.exec(text)) {
    let start = match.index
    let end = digits.lastIndex
    while (start > 0 && isToken(text.charCodeAt(start - 1))) start -= 1
    while (end < text.length && isToken(text.charCodeAt(end))) end += 1
    digits.lastIndex = end
    if (end - start < 5 || /\d\.$/.test(text.slice(Math.max(0, start - 2), start))) continue
    if (end - start === 5 && procedureCode.test(text.slice(start, end)) && beforeCode.test(text.slice(Math.max(0, start - 60), start))) continue
    const kind = judgeToken(text.slice(start, end), text, end)
    if (kind !== undefined) spans.push({ start, end, kind })
  }
  return spans
}

const isSeparated = /\d[ ._/\\():*~|-]{1,3}\d/
/** Of a telephone number without its area, the shortest of those that need no word beside them. */
const fewestDigits = 7

export function findNumbers ({ text, signs: has, mostDigits, longestNumber, joints }: Scan): readonly Span[] {
  if ((has & signs.digit) === 0) return []
  const spans: Span[] = longestNumber >= 7 || (has & signs.coded) !== 0 ? findTokens(text) : []
  if (mostDigits >= fewestDigits && isSeparated.test(text)) {
    const phones = [
      ...findPattern(text, northAmerican, { kind: 'phone', accept: match => /[^\d]/.test(match[0]) || match[0].length === 10 }),
      ...findPattern(text, trunk, { kind: 'phone', accept: match => countDigits(match[0]) >= 7 }),
      ...findPattern(text, local, { kind: 'phone' }),
      ...findPattern(text, pair, { kind: 'phone', accept: match => countDigits(match[0]) >= 7 && !/[ .-](?:19|20)\d\d$/.test(match[0]) }),
      ...findPattern(text, groups, { kind: 'phone', accept: match => countDigits(match[0]) >= 9 || /^\d\d([ .-])\d\d\1\d\d\1\d\d$/.test(match[0]) }),
    ]
    spans.push(
      ...findPattern(text, ssn, { kind: 'ssn' }),
      ...findPattern(text, spaced, { kind: 'other', accept: match => countDigits(match[0]) >= 9 || (countDigits(match[0]) === 7 && !isCounting(match[0])) }),
      ...findPattern(text, card, { kind: 'account', accept: match => hasCheckDigit(match[0].replace(/\D/g, '')) }),
      ...phones.map(span => withExtension(text, span)).map(span => isFax(text, span.start) ? { ...span, kind: 'fax' as const } : span),
    )
  }
  if (mostDigits >= fewestDigits && /(?:\+|00)[1-9]/.test(text)) spans.push(...findPattern(text, international, { kind: 'phone', accept: match => countDigits(match[0]) >= 8 }))
  if ((has & signs.letterDigit) !== 0) spans.push(...findPattern(text, iban, { kind: 'account', accept: match => countDigits(match[0]) >= 10 }))
  if (joints >= 4 && /-[0-9a-fA-F]{4}-/.test(text)) spans.push(...findPattern(text, uuid, { kind: 'other' }))
  return spans
}
