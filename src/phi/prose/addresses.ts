// Finds street addresses, towns beside their state, and postal codes (45 CFR 164.514(b)(2)(i)(B)). States and countries by themselves stay.
import { cues } from './cue-words.ts'
import { commonWords } from './name-lists.ts'
import { signs, type Scan } from './scan.ts'
import { findPattern, type Span } from './span.ts'

const type = 'street|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|circle|cir|place|pl|plaza|plz|square|sq|terrace|ter|trail|trl|trace|parkway|pkwy|pike|highway|hwy|route|rte|' +
  'way|walk|path|row|alley|aly|loop|run|ridge|rdg|crescent|cres|close|grove|mews|crossing|xing|point|pt|hollow|bend|cove|heights|hts|landing|extension|turnpike|tpke|expressway|' +
  'straße|strasse|str|weg|platz|gasse|allee|rue|avenida|calle|via'
const word = '[A-Z0-9À-ɏ][A-Za-zÀ-ɏ0-9.\'-]{0,30}'
const unit = '(?:[, ]{1,3}(?:apt|apartment|suite|ste|unit|fl|floor|rm|room|bldg|building|#|no|lot|trlr)\\.? {0,2}#? ?[A-Za-z0-9-]{1,8})'
const states = 'AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|GU|VI'
const stateNames = 'Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|' +
  'Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|' +
  'Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming'
const town = "[A-ZÀ-Þ][A-Za-zÀ-ɏ.'-]{1,30}(?: [A-ZÀ-Þ][A-Za-zÀ-ɏ.'-]{1,30}){0,2}"
const zip = '\\d{5}(?:-? ?\\d{4})?'

// A flat stands behind a street and a number, whatever the street is called.
const flat = /(?<![A-Za-z0-9])(?:apt|apartment|suite|ste|unit)\.? {0,2}#? ?[A-Za-z]?\d{1,6}(?![A-Za-z0-9])/gi
const beforeFlat = /(?:^|[\n;:]|\. |, )[ \t>?]{0,6}([^\n;:,]{0,44}\d[^\n;:,]{0,40})(?:, ?|,? ?\n[ \t>?]{0,6}| )$/d
const tail = `${`(?:,? ?\\n[ \\t>]{0,6})?${unit}{0,2}`}(?:[,\\n >]{1,6}${town},?(?: (?:${states}|${stateNames}))?(?:,? ${zip}(?!\\d))?)?`
const street = new RegExp(`(?<![A-Za-z0-9.$-])\\d{1,6}(?:-\\d{1,4}| ?[A-Za-z]| 1/2)?,? (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\\.? )?(?:${word} ){1,4}(?:${type}|${type.toUpperCase()}|${type.replace(/(^|\|)\w/g, first => first.toUpperCase())})(?![A-Za-z])\\.?(?: (?:N|S|E|W|NE|NW|SE|SW)(?![A-Za-z])\\.?)?`, 'g')
const lowerStreet = /(?<![A-Za-z0-9.$-])\d{1,6} (?:[a-z][a-z'-]{1,20} |\d{1,3}(?:st|nd|rd|th) ){1,3}(?:street|avenue|road|boulevard|blvd|lane|drive|court|circle|terrace|parkway|pkwy|highway|hwy|trail|ave|rd|ln)(?![a-z])\.?(?: \d{1,3}(?!\d))?/g
/** Types that are also words or titles: the street before them has a name and a number of its own. */
const shortStreet = /(?<![A-Za-z0-9.$-])\d{2,6} ((?:[nsew] )?[a-z][a-z'-]{2,20}(?: [a-z][a-z'-]{2,20})?) (?:st|dr|ct|pl|cir|ter|trl)(?![a-z'])\.?/g
const lowerStates = 'al|ak|az|ar|ca|co|ct|dc|fl|ga|hi|ia|id|il|in|ks|ky|la|ma|md|me|mi|mn|mo|ms|mt|nc|nd|ne|nh|nj|nm|nv|ny|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy'
const lowerTail = new RegExp(`[ ,]{1,2}(?:[a-z][a-z'.-]{1,20} ?,? ){1,3}(?:${lowerStates}),? \\d{5}(?:-\\d{4})?(?!\\d)`, 'y')
const lowerStateZip = /(?<![A-Za-z])(?:az|ca|ct|dc|fl|ga|ia|il|ks|ky|mi|mn|nc|nd|nh|nj|nm|nv|ny|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy) (\d{5}(?:-\d{4})?)(?![\d-])/dg
const numberLast = /(?<![A-Za-z0-9])[A-ZÀ-Þ][A-Za-zÀ-ɏ'-]{1,30}(?:straße|strasse|str\.|weg|platz|gasse|allee| Straße| Strasse| Weg| Platz| Allee)\.? \d{1,4} ?[a-z]?(?![A-Za-z0-9])/g
const typeFirst = /(?<![A-Za-z0-9.$-])(?:\d{1,5}(?: bis)?,? )?(?:[Cc]alle|[Aa]venida|[Rr]ue|[Vv]ia|[Vv]iale|[Rr]ua|[Pp]laza|[Pp]lace|[Bb]oulevard|[Pp]iazza) (?:(?:de|du|des|la|las|los|del|della|di|da|do) ){0,2}[A-ZÀ-Þ][A-Za-zÀ-ɏ'-]{1,30}(?: [A-ZÀ-Þ][A-Za-zÀ-ɏ'-]{1,30}){0,2}(?:,? (?:n[.º°]? ?)?\d{1,5}(?![A-Za-z0-9]))?/g
const box = /(?<![A-Za-z])P\.? ?O\.? ?Box:? ?#? ?\d{1,7}(?!\d)/gi
const townState = new RegExp(`(?<![A-Za-z])${town}, {0,2}(?:(?:${states})(?![A-Za-z])|(?:${stateNames})(?![A-Za-z]))(?:,? {0,2}${zip}(?!\\d))?`, 'g')
const stateZip = new RegExp(`(?<![A-Za-z])(?:${states}|${stateNames})[, ]{1,3}(${zip})(?![\\d-])`, 'dg')
const zipFour = /(?<![\d-])\d{5}-\d{4}(?![\d-])/g
const british = /(?<![A-Za-z0-9])(?:GIR 0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9])/g
const canadian = /(?<![A-Za-z0-9])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d(?![A-Za-z0-9])/g
const cued = new RegExp(`(?:(?:lives?|living|resid(?:es|ing|ent of|ent)|located|based|moved|relocated|born|grew up|staying|from|traveled|travelled) (?:in|at|to|of|near) |\\b(?:[Cc]ity|CITY|[Tt]own|TOWN|[Cc]ounty|COUNTY|[Hh]ometown|[Bb]irthplace|[Ll]ocation)(?: of)?[:=]? {0,2})(${town})`, 'dg')
const afterStreet = new RegExp(tail, 'y')

function findFlats (text: string): Span[] {
  return findPattern(text, flat, { kind: 'address' }).map(span => {
    const from = Math.max(0, span.start - 90)
    const street = beforeFlat.exec(text.slice(from, span.start))?.indices?.[1]
    return street === undefined ? span : { ...span, start: from + street[0] }
  })
}

/** A street is followed by its flat, town, state and code. */
function withTail (text: string, span: Span): Span {
  afterStreet.lastIndex = span.end
  const found = afterStreet.exec(text)
  return found === null ? span : { ...span, end: span.end + found[0].trimEnd().length }
}

function withLowerTail (text: string, span: Span): Span {
  lowerTail.lastIndex = span.end
  const found = lowerTail.exec(text)
  return found === null ? withTail(text, span) : { ...span, end: lowerTail.lastIndex }
}

const corner = /(?<![A-Za-z])(?:the )?(?:corner|intersection|junction) of [\p{Lu}\d][^\n,;:]{1,40} (?:and|&) [\p{Lu}\d][\p{L}\d.'-]{1,30}(?: [\p{Lu}][\p{L}.'-]{1,30}){0,2}/gu

const hasNumberLast = /(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee)\.? \d/i

function findNumbered ({ text, signs: has, cues: said, longestNumber }: Scan): Span[] {
  const spans: Span[] = []
  const addStreets = (pattern: RegExp): void => { spans.push(...findPattern(text, pattern, { kind: 'address' }).map(span => withTail(text, span))) }
  if ((said & cues.streetType) !== 0) {
    addStreets(street)
    spans.push(
      ...findPattern(text, lowerStreet, { kind: 'address' }).map(span => withLowerTail(text, span)),
      ...findPattern(text, shortStreet, { kind: 'address', accept: match => (match[1] ?? '').split(' ').every(word => !commonWords.has(word)) }).map(span => withLowerTail(text, span)),
    )
  }
  if ((said & cues.box) !== 0) addStreets(box)
  if (hasNumberLast.test(text)) addStreets(numberLast)
  if ((said & cues.streetFirst) !== 0) spans.push(...findPattern(text, typeFirst, { kind: 'address', accept: match => /\d/.test(match[0]) }).map(span => withTail(text, span)))
  if ((said & cues.flat) !== 0) spans.push(...findFlats(text).map(span => withTail(text, span)))
  if ((said & cues.state) !== 0 && longestNumber >= 5) spans.push(...findPattern(text, lowerStateZip, { kind: 'zip', group: 1 }))
  if ((has & signs.state) !== 0 && longestNumber >= 5) spans.push(...findPattern(text, stateZip, { kind: 'zip', group: 1 }))
  if (longestNumber >= 5) spans.push(...findPattern(text, zipFour, { kind: 'zip' }))
  if ((has & signs.letterDigit) !== 0 || (said & cues.gir) !== 0) spans.push(...findPattern(text, british, { kind: 'zip' }))
  if ((has & signs.letterDigit) !== 0) spans.push(...findPattern(text, canadian, { kind: 'zip' }))
  return spans
}

const isTown = (match: RegExpExecArray): boolean => !commonWords.has((match[1] ?? '').split(/[ .]/)[0]?.toLowerCase() ?? '')

export function findAddresses (scan: Scan): readonly Span[] {
  const { text, signs: has, cues: said } = scan
  const spans = (has & signs.digit) === 0 ? [] : findNumbered(scan)
  if ((said & cues.corner) !== 0) spans.push(...findPattern(text, corner, { kind: 'address' }))
  if ((has & signs.capital) === 0) return spans
  if ((has & signs.comma) !== 0 && (has & signs.state) !== 0) spans.push(...findPattern(text, townState, { kind: 'address' }))
  if ((has & signs.inPlace) !== 0 || (said & cues.place) !== 0) spans.push(...findPattern(text, cued, { kind: 'address', group: 1, accept: isTown }))
  return spans
}
