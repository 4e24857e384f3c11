// Finds dates that say more than the year, and ages over 89 (45 CFR 164.514(b)(2)(i)(C)). A year alone stays.
import { cues } from './cue-words.ts'
import { signs, type Scan } from './scan.ts'
import { findPattern, type Span } from './span.ts'

const month = '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|' +
  'enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|januar|februar|märz|mai|juni|juli|oktober|dezember|' +
  'janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)'
const ordinal = '\\d{1,2}(?:st|nd|rd|th)?'
const weekday = '(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?'
const year = "(?:(?:18|19|20|21)\\d\\d|'\\d\\d)"
const time = '(?:[T ,]{1,2}(?:at )?\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?(?: ?[ap]\\.?m\\.?)?(?: ?(?:z|utc|gmt)|[+-]\\d{2}:?\\d{2})?)?'

const numeric = new RegExp(`(?<![\\d./-])(\\d{1,4})( ?[-/.\\\\] ?)(\\d{1,2})\\2(\\d{1,4})(?![\\d]|[-/.]\\d)${time}`, 'gi')
const compact = /(?<!\d)(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T?\d{4}(?:\d{2})?)?(?!\d)/g
const dayFirst = new RegExp(`(?<![A-Za-z0-9])(?:${weekday}[., ]{1,2})?(?:the )?${ordinal}(?: day)?(?: of| de|-|/|\\.)? {0,2}${month}(?![a-z])\\.?(?:,|-|/| del?)? {0,2}(?:${year}|\\d{2}(?![\\d:]))?${time}`, 'gi')
const monthFirst = new RegExp(`(?<![A-Za-z0-9])(?:${weekday}[., ]{1,2})?${month}(?![a-z])\\.?[ -/]{0,2}(?:the )?${ordinal}(?![\\d:%]|\\.\\d| ?(?:mg|ml|mcg|kg|lb|percent))(?:[,/ -]{1,2}(?:${year}|\\d{2}(?![\\d:]))(?!\\d))?${time}`, 'gi')
const monthYear = new RegExp(`(?<![A-Za-z0-9])${month}(?![a-z])\\.?,?(?: of)?[ /-]{1,2}${year}(?!\\d)`, 'gi')
const yearMonth = new RegExp(`(?<![A-Za-z0-9])${year}[ /-]${month}(?![a-z])(?:[ /-]\\d{1,2}(?!\\d))?`, 'gi')
const numericMonthYear = /(?<![\d./-])(?:0?[1-9]|1[0-2])[/-](?:19|20)\d\d(?![\d/-])/g
const short = /(?:\b(?:on|since|from|until|till|by|due|dob|born|date|dated|seen|visit(?:ed)?|through|thru|before|after|between|and|to|week of|admitted|discharged|follow-?up|appointment|appt|f\/u|starting|effective)[ :]{1,3})((?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01]))(?![\d/-]|\.\d)/dgi
const dayName = /(?<![A-Za-z])(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?![A-Za-z])/gi
const age = /(?<![\d.])(9\d|1[0-4]\d)(?=[ -]{0,2}(?:years?|yrs?|y\.?\/?o\.?|y)(?![A-Za-z])[ -]{0,2}(?:old|of age)?)|(?<=\b(?:aged?|age is|age of|turned|turning)[ :=]{1,3})(?:9\d|1[0-4]\d)(?![\d.])/gi

function isNumericDate (match: RegExpExecArray): boolean {
  const [first, second, third] = [match[1], match[3], match[4]].map(part => part ?? '') as [string, string, string]
  const isYearFirst = first.length === 4 && third.length <= 2
  const isYearLast = first.length <= 2 && (third.length === 4 || third.length === 2)
  if (!isYearFirst && !isYearLast) return false
  const [one, two] = isYearFirst ? [Number(second), Number(third)] : [Number(first), Number(second)]
  const year = isYearFirst ? first : third
  const isYear = year.length === 2 || (Number(year) >= 1800 && Number(year) < 2200)
  return isYear && one > 0 && two > 0 && one <= 31 && two <= 31 && (one <= 12 || two <= 12)
}

export function findDates ({ text, signs: has, cues: said, mostNumbers, longestNumber }: Scan): readonly Span[] {
  const spans: Span[] = (said & cues.weekday) === 0 ? [] : findPattern(text, dayName, { kind: 'date' })
  if ((has & signs.digit) === 0) return spans
  if (mostNumbers >= 3) spans.push(...findPattern(text, numeric, { kind: 'date', accept: isNumericDate }))
  if (mostNumbers >= 2) spans.push(...findPattern(text, numericMonthYear, { kind: 'date' }), ...findPattern(text, short, { kind: 'date', group: 1 }))
  if (longestNumber >= 8) spans.push(...findPattern(text, compact, { kind: 'date' }))
  if ((said & cues.month) !== 0) for (const pattern of [dayFirst, monthFirst, monthYear, yearMonth]) spans.push(...findPattern(text, pattern, { kind: 'date' }))
  if ((has & signs.age) !== 0) spans.push(...findPattern(text, age, { kind: 'age' }))
  return spans
}
