// Keeps the gateway's cookies from the CRM and the CRM's hands off them. Names are compared in the loosest way that any browser or server
// reads them, so a doubtful cookie is taken for ours and dropped.
import { remember } from '../../shared/remember.ts'

export interface ReservedCookies {
  /** A Cookie header without ours; undefined when nothing is left. */
  strip(cookie: string): string | undefined
  /** A Set-Cookie value that the browser may have, bound to this host and to https; undefined when it is to be dropped. */
  admit(setCookie: string): string | undefined
}

/** Signs that some parser skips or takes for quotes: white space, controls, quotes, backslashes. */
// eslint-disable-next-line no-control-regex
const skipped = /[\u0000-\u0020\u007f\u00a0"'\\]/g

/** `__Host-` and `__Secure-` are rules for browsers, not part of what a cookie is called; a stack of them is a trick. */
function stemOf (name: string): string {
  return name.replace(/^(?:__(?:host|secure|http|host-http)-)+/, '')
}

/** The pair as one text: lower case, nothing that a parser may skip, escapes decoded as old PHP did, no `=` before the name. */
function fold (pair: string): string {
  const decoded = pair.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decoded.toLowerCase().replace(skipped, '').replace(/^=+/, '')
}

export function createReservedCookies (names: readonly string[]): ReservedCookies {
  const folded = names.map(fold)
  const stems = folded.map(stemOf)
  const isOurs = (pair: string) => {
    const end = pair.indexOf('=')
    return stems.includes(stemOf(end === -1 ? pair : pair.slice(0, end)))
  }
  // RFC 2109 parsers split at commas too, and quoted values can swallow a neighbour: what only mentions our cookie goes as well.
  const mentionsOurs = (pair: string) => isOurs(pair) || folded.some(name => pair.includes(`${name}=`))
  // A browser sends the same header again and again.
  const strip = remember(cookie => cookie.split(';').map(pair => pair.trim()).filter(pair => pair !== '' && !mentionsOurs(fold(pair))).join('; '), { limit: 2048, longest: 4096 })
  return {
    strip (cookie) {
      const kept = strip(cookie)
      return kept === '' ? undefined : kept
    },
    admit (setCookie) {
      const [pair = '', ...attributes] = setCookie.split(';')
      if (isOurs(fold(pair))) return undefined
      // Without Domain the cookie is for this host alone; with it, it would go to every neighbour (RFC 6265 section 4.1.2.3).
      const kept = attributes.map(text => text.trim()).filter(text => text !== '' && !/^(?:domain|secure)\s*(?:=|$)/i.test(text))
      return [pair.trim(), ...kept, 'Secure'].join('; ')
    },
  }
}
