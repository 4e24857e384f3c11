// Finds numbers and dates in words, as a machine writes down what somebody said on the telephone: "five five five, oh one double oh", "March third nineteen sixty one".
import type { Kind } from '../identifier-kinds.ts'
import { cues } from './cue-words.ts'
import type { Scan } from './scan.ts'
import { findPattern, type Span } from './span.ts'

const units = 'zero|oh|one|two|three|four|five|six|seven|eight|nine'
const teens = 'ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen'
const tens = 'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety'
const spanish = 'cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve'
const german = 'null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun'
const number = `(?:${units}|${teens}|${tens}|${spanish}|${german}|hundred|thousand|\\d{1,4})`
const joint = '[ ,.-]{1,3}(?:(?:double|triple|dash|hyphen|and|area code|o)[ ,.-]{1,3}){0,2}'
const run = new RegExp(`(?<![A-Za-z\\d])(?:double |triple )?${number}(?:${joint}${number}){3,24}(?![A-Za-z\\d])`, 'gi')

const word = `(?:${units}|${teens}|${tens}|${spanish}|${german})`
/** A look for two number words side by side costs a fraction of a look for the whole. */
const hasNumberWords = new RegExp(`(?:o|e|n|y|r|t|x|s|l|i)[ ,.-]{1,3}(?:(?:double|dash|triple) )?${word}`, 'i')
const isWord = new RegExp(`^${word}$`, 'i')
const cue = /(?:social|ssn|member|account|acct|mrn|chart|record|policy|claim|confirmation|code|pin|zip|number|phone|cell|call(?: me)?(?: back)? (?:at|on)|reach me at)[^.\n]{0,24}$/i

/** Digits that are written: "double oh" are two, "twenty three" are two, "hundred" two. */
function countDigits (text: string): number {
  let count = 0
  let before = ''
  for (const [part] of text.toLowerCase().matchAll(/[a-zü]+|\d+/g)) {
    const repeats = before === 'double' ? 2 : before === 'triple' ? 3 : 1
    const isAfterTens = new RegExp(`^(?:${tens})$`).test(before) && new RegExp(`^(?:${units})$`).test(part)
    if (/^\d/.test(part)) count += part.length
    else if (part === 'hundred') count += 2
    else if (part === 'thousand') count += 3
    else if (new RegExp(`^(?:${teens}|${tens})$`).test(part)) count += 2
    else if (isWord.test(part) && !isAfterTens) count += repeats
    before = part
  }
  return count
}

function kindOf (digits: number): Kind {
  return digits === 9 ? 'ssn' : digits === 7 || digits === 10 || digits === 11 ? 'phone' : 'other'
}

const ordinal = '(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|' +
  'twenty[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirtieth|thirty[ -]first)'
const day = `(?:${ordinal}|(?:twenty|thirty)[ -](?:one|two|three|four|five|six|seven|eight|nine)|${teens}|twenty|thirty|one|two|three|four|five|six|seven|eight|nine)`
const month = '(?:january|february|march|april|may|june|july|august|september|october|november|december)'
const year = `(?:,?(?: of)? (?:(?:eighteen|nineteen|twenty)[ -](?:hundred|oh[ -]|${teens}|${tens}|(?:${tens})[ -])?(?:[ -]?(?:${units}))?|two thousand(?: (?:and )?(?:${teens}|${tens}|${units})){0,2}|\\d{4}))?`
const monthFirst = new RegExp(`(?<![A-Za-z])${month}(?: the)? ${day}(?![a-z])${year}`, 'gi')
const dayFirst = new RegExp(`(?<![A-Za-z])(?:the )?${ordinal}(?: of)? ${month}(?![a-z])${year}`, 'gi')
const age = /(?<![A-Za-z])(?:ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a |one )?hundred(?:(?: and)? (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))?)(?=[ -]years?[ -](?:old|of age)(?![A-Za-z]))/gi

export function findSpoken ({ text, cues: said }: Scan): readonly Span[] {
  const spans: Span[] = []
  if ((said & cues.number) !== 0 && / years?[ -]o|-years?-o/i.test(text)) spans.push(...findPattern(text, age, { kind: 'age' }))
  if ((said & cues.month) !== 0 && /(?:uary|ch|ril|may|june|july|ust|ber) (?:the )?[a-z]|(?:st|nd|rd|th) (?:of )?[a-z]/i.test(text)) {
    for (const pattern of [monthFirst, dayFirst]) spans.push(...findPattern(text, pattern, { kind: 'date' }))
  }
  if ((said & cues.number) === 0 || !hasNumberWords.test(text)) return spans
  for (const { start, end } of findPattern(text, run, { kind: 'other' })) {
    const found = text.slice(start, end)
    // Digits in figures have detectors of their own.
    if (!/[a-zü]/i.test(found)) continue
    const digits = countDigits(found)
    if (digits >= 7 || (digits >= 4 && cue.test(text.slice(Math.max(0, start - 60), start)))) spans.push({ start, end, kind: kindOf(digits) })
  }
  return spans
}
