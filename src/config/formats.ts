// The text formats of settings: each says whether a text has it, and if not, what to write instead.
import { explainAddressRange } from '../inbound/client-ip/client-ip.ts'
import { explainRoutePattern } from '../shared/route-pattern.ts'
import { parseDuration, parseSize } from '../shared/schema.ts'
import { printable } from './problem.ts'

/** The end of a sentence that begins with the setting's name and a colon, or undefined when the text has the format. */
export type Explain = (text: string) => string | undefined

function readUrl (text: string): URL | undefined {
  // URL silently drops tabs, line breaks and spaces around it.
  return /[\s\\]/.test(text) ? undefined : URL.parse(text) ?? undefined
}

// A URL's own text is never quoted: it can hold a password.
function explainWebUrl (text: string): string | undefined {
  const url = readUrl(text)
  if (url === undefined || !/^https?:\/\//i.test(text)) return 'write a whole address, as https://idp.example/sign-in.'
  if (url.username !== '' || url.password !== '') return 'an address must not hold a name or password.'
  if (text.includes('#')) return 'leave out the part from # on.'
  return undefined
}

function explainWebOrigin (text: string): string | undefined {
  const wrong = explainWebUrl(text)
  if (wrong !== undefined) return wrong.startsWith('write') ? 'write scheme, host and port, as http://127.0.0.1:8080.' : wrong
  const { origin } = new URL(text)
  return origin === text ? undefined : `write only scheme, host and port in their plain form: ${printable(origin)}`
}

function explainHttpsOrigin (text: string): string | undefined {
  if (/^http:\/\//i.test(text)) return 'the address begins with https://, because session cookies and patient data never travel unencrypted.'
  return explainWebOrigin(text)?.replace('http://127.0.0.1:8080', 'https://crm.example')
}

function explainHttpsUrl (text: string): string | undefined {
  if (/^http:\/\//i.test(text)) return 'the address begins with https://, because nothing leaves unencrypted (45 CFR 164.312(e)(1)).'
  return explainWebUrl(text)?.replace('https://idp.example/sign-in', 'https://hooks.vendor.example/in')
}

/** A day of the calendar: the 31st of February is none. */
function explainDay (text: string): string | undefined {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text
  return isDay ? undefined : `${printable(text)} is not a day: write year, month and day, as 2027-03-31.`
}

export const formats: Readonly<Record<string, Explain>> = {
  duration: text => parseDuration(text) === undefined ? `${printable(text)} is not a duration: write a whole number and a unit (ms, s, m, h, d), as 15m.` : undefined,
  size: text => parseSize(text) === undefined ? `${printable(text)} is not a size: write a whole number with KiB, MiB or GiB, or of bytes, as 64KiB.` : undefined,
  'address-range': text => {
    const wrong = explainAddressRange(text)
    return wrong === undefined ? undefined : `${printable(text)} cannot be used: ${wrong}.`
  },
  'route-pattern': text => {
    const wrong = explainRoutePattern(text)
    return wrong === undefined ? undefined : `${printable(text)} is not a route: ${wrong}.`
  },
  'web-url': explainWebUrl,
  'web-origin': explainWebOrigin,
  'https-origin': explainHttpsOrigin,
  'https-url': explainHttpsUrl,
  day: explainDay,
}
