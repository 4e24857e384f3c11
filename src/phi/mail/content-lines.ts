// Rewrites vCard (RFC 6350) and iCalendar (RFC 5545) in place: each property is a leaf under the components it stands in. Parameters that say something go.
import { Hold } from '../hold.ts'
import type { Spot, Visitor } from '../visitor.ts'

const line = /^(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s
const parameterForm = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)/g
/** Values of parameters that are words of the format. */
const parameters: Readonly<Record<string, RegExp>> = {
  type: /^[A-Za-z0-9-]{1,20}(?:,[A-Za-z0-9-]{1,20})*$/,
  value: /^(?:text|uri|date|date-time|date-and-or-time|time|integer|float|boolean|duration|period|cal-address|recur|utc-offset|binary)$/i,
  pref: /^\d{1,3}$/,
  tzid: /^[A-Za-z_]{1,20}(?:\/[A-Za-z_-]{1,30}){0,2}$/,
  charset: /^utf-8$/i,
  rsvp: /^(?:true|false)$/i,
  partstat: /^(?:needs-action|accepted|declined|tentative|delegated|completed|in-process)$/i,
  role: /^(?:chair|req-participant|opt-participant|non-participant)$/i,
  cutype: /^(?:individual|group|resource|room|unknown)$/i,
  related: /^(?:start|end)$/i,
}
/** Properties whose value is a word, a number or a rule of the format. */
const properties: Readonly<Record<string, RegExp>> = {
  version: /^\d\.\d$/,
  method: /^[A-Za-z-]{1,20}$/,
  calscale: /^gregorian$/i,
  sequence: /^\d{1,6}$/,
  transp: /^(?:opaque|transparent)$/i,
  class: /^(?:public|private|confidential)$/i,
  status: /^[A-Z-]{1,20}$/,
  priority: /^\d$/,
  action: /^(?:display|audio|email)$/i,
  trigger: /^-?P(?:\d{1,3}[WD])?(?:T(?:\d{1,4}[HMS]){1,3})?$/,
  duration: /^-?P(?:\d{1,3}[WD])?(?:T(?:\d{1,4}[HMS]){1,3})?$/,
  tzid: /^[A-Za-z_]{1,20}(?:\/[A-Za-z_-]{1,30}){0,2}$/,
  tzoffsetfrom: /^[+-]\d{4}$/,
  tzoffsetto: /^[+-]\d{4}$/,
  tzname: /^[A-Z]{1,5}$/,
  rrule: /^FREQ=[A-Z]+(?:;(?:FREQ|INTERVAL|COUNT|BYDAY|BYMONTH|BYMONTHDAY|WKST)=[A-Z0-9,+-]{1,40})*$/,
}
const component = /^(?:VCARD|VCALENDAR|VEVENT|VTODO|VJOURNAL|VFREEBUSY|VTIMEZONE|STANDARD|DAYLIGHT|VALARM)$/i
/** What is not text is not replaced by a word in brackets: the property goes. */
const typed = new Set(['dtstart', 'dtend', 'dtstamp', 'created', 'last-modified', 'due', 'completed', 'recurrence-id', 'exdate', 'rdate', 'freebusy', 'bday', 'anniversary', 'rev', 'geo', 'photo', 'logo', 'sound', 'key', 'attach', 'url', 'organizer', 'attendee', 'member', 'impp', 'tz'])

const unescape = (text: string) => text.replace(/\\([nN\\,;])/g, (_, letter: string) => letter.toLowerCase() === 'n' ? '\n' : letter)
const escape = (text: string) => text.replace(/[\\,;\n]/g, letter => letter === '\n' ? '\\n' : `\\${letter}`)

function keepParameters (text: string): string {
  let out = ''
  for (const [whole, name = '', value = ''] of text.matchAll(parameterForm)) if (parameters[name.toLowerCase()]?.test(value) === true) out += whole
  return out
}

export interface ContentLineOptions {
  readonly visitor: Visitor
  readonly root: Spot
  nameId (id: string): string
}

function rewriteProperty (source: string, place: Spot, { visitor, nameId }: ContentLineOptions): string | undefined {
  const [, written = '', parameterText = '', value = ''] = line.exec(source) ?? []
  const name = written.toLowerCase()
  if (name === '') throw new Hold('unknownType')
  const kept = keepParameters(parameterText)
  const head = `${written}${kept}:`
  if (name === 'prodid') return `${head}-//Sallyport//EN`
  if (name === 'uid') return `${head}${nameId(value)}`
  if (properties[name]?.test(value) === true) return source.length === head.length + value.length ? source : `${head}${value}`
  const text = unescape(value)
  const answer = visitor.leaf(place.child(written.toUpperCase()), text, 'string')
  if (answer === undefined) return `${head}${value}`
  if (answer === null || typed.has(name)) return undefined
  return `${head}${escape(answer)}`
}

/** `text` has LF. Throws a Hold for what is not in lines of this form. */
export function rewriteContentLines (text: string, options: ContentLineOptions): string {
  const places: Spot[] = [options.root]
  const out: string[] = []
  const lines = text.replace(/\n[\t ]/g, '').split('\n').filter(one => one.trim() !== '')
  for (const one of lines) {
    const [, mark, name = ''] = /^(BEGIN|END):(.*)$/i.exec(one.trim()) ?? []
    if (mark !== undefined) {
      if (!component.test(name)) throw new Hold('unknownType')
      if (mark.toUpperCase() === 'BEGIN') places.push((places.at(-1) as Spot).child(name.toUpperCase()))
      else if (places.length > 1) places.pop()
      else throw new Hold('unknownType')
      out.push(one.trim())
      continue
    }
    const written = rewriteProperty(one, places.at(-1) as Spot, options)
    if (written !== undefined) out.push(written)
  }
  if (places.length !== 1) throw new Hold('unknownType')
  const whole = lines.join('\n')
  const made = out.join('\n')
  // Lines are folded anew only where something changed.
  return made === whole ? text : `${out.map(fold).join('\n')}\n`
}

/** 75 octets a line (RFC 5545 section 3.1), never within a character. */
function fold (text: string): string {
  let out = ''
  let length = 0
  for (const letter of text) {
    const size = Buffer.byteLength(letter)
    if (length + size > 74) { out += '\n '; length = 1 }
    out += letter
    length += size
  }
  return out
}
