// The text of an event: canonical JSON in which the spellings that stand in nearly every event are one or two control characters, which JSON itself never has. It halves
// what is sealed, written and carried. The table only ever grows at its end: what was written must stay readable.
import type { AuditEvent } from './event.ts'

/** Random bytes before each text, so that a leaf says nothing about a text that can be guessed. */
export const saltBytes = 16

/** One character each: 1 to 30, without tab and the line breaks, at which stored texts are taken apart. */
const short = [
  '"address":', '"bytesIn":', '"bytesOut":', '"decision":', '"durationMs":', '"from":', '"host":', '"id":', '"idp":', '"kind":', '"method":', '"name":', '"outcome":', '"path":', '"patient":', '"protocol":',
  '"record":', '"roles":', '"route":', '"rule":', '"session":', '"status":', '"time":', '"type":', '"userAgent":', '"what":', '"who":',
] as const

/** Two characters each: 31, and a character from "0" on. */
const long = [
  '"request.admitted"', '"request.denied"', '"request.completed"', '"request.failed"', '"request.abandoned"',
  '"reason":', '"query":', '"facts":', '"count":', '"peer":', '"source":', '"messagesIn":', '"messagesOut":',
  '"GET"', '"HEAD"', '"POST"', '"PUT"', '"PATCH"', '"DELETE"', '"OPTIONS"', '"HTTP/1.1"', '"HTTP/2"',
  '"create"', '"read"', '"update"', '"delete"', '"execute"', '"search"', '"list"', '"export"', '"download"', '"play"', '"gateway"', '"unknown"',
] as const

/** Parts of browsers' names, two characters each: 31, and a character from "`" on. A longer one stands before any that it contains. */
const browserParts = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7', 'Mozilla/5.0 (X11; Linux x86_64', 'Mozilla/5.0 (iPhone; CPU iPhone OS ', 'Mozilla/5.0 (iPad; CPU OS ',
  'Mozilla/5.0 (Linux; Android 10; K', 'Mozilla/5.0 (', ') AppleWebKit/537.36 (KHTML, like Gecko) Chrome/', ' like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/',
  ') AppleWebKit/605.1.15 (KHTML, like Gecko) Version/', '.0.0.0 Mobile Safari/537.36', '.0.0.0 Safari/537.36', ' Safari/605.1.15', ') Gecko/20100101 Firefox/', ' Mobile/15E148 Safari/604.1', ' Edg/',
] as const

const pairMark = 31
const codeOfShort = (at: number) => String.fromCharCode(at < 8 ? at + 1 : at < 10 ? at + 3 : at + 4)
const codeOfLong = (at: number) => String.fromCharCode(pairMark, 0x30 + at)
const codeOfPart = (at: number) => String.fromCharCode(pairMark, 0x60 + at)

const codes = new Map<string, string>([...short.map((spelling, at) => [spelling, codeOfShort(at)] as const), ...long.map((spelling, at) => [spelling, codeOfLong(at)] as const)])
const spellings = new Map<string, string>([...[...codes].map(([spelling, code]) => [code, spelling] as const), ...browserParts.map((part, at) => [codeOfPart(at), part] as const)])

/** The code of a whole spelling, or the spelling. */
export function abbreviate (spelling: string): string {
  return codes.get(spelling) ?? spelling
}

/** Longer ones are cut before they get here; what a stranger made up to grow when it is read stays as it is. */
const longestBrowser = 512
const rememberedBrowsers = 1024
let browsers = new Map<string, string>()

/** The text of a browser's name. */
export function abbreviateBrowser (name: string): string {
  const known = browsers.get(name)
  if (known !== undefined) return known
  let text = JSON.stringify(name)
  if (name.length > longestBrowser) return text
  for (const [at, part] of browserParts.entries()) text = text.replaceAll(part, codeOfPart(at))
  if (browsers.size >= rememberedBrowsers) browsers = new Map()
  browsers.set(name, text)
  return text
}

/** Canonical JSON. */
export function expand (text: string): string {
  let whole = ''
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit > pairMark) continue
    const end = at + (unit === pairMark ? 2 : 1)
    const code = text.slice(at, end)
    whole += text.slice(from, at) + (spellings.get(code) ?? code)
    from = end
    at = end - 1
  }
  return whole + text.slice(from)
}

/** The event of a sealed text that was proven to be ours: salt ‖ text. */
export function readEventText (salted: Buffer): AuditEvent {
  return JSON.parse(expand(salted.toString('utf8', saltBytes))) as AuditEvent
}
