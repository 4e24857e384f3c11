// Decides whether a request is the person's doing. Only that moves the idle clock; a page that polls by itself never does (45 CFR 164.312(a)(2)(iii)).
import { compileRouteTable } from '../../shared/route-pattern.ts'
import type { ActivitySigns } from './session.ts'

export interface ActivityRules {
  /** Routes that the CRM's pages call by themselves. They never count, whatever they are. */
  readonly background: readonly string[]
  /** Whether a script's GET that is on no list counts. */
  readonly unlistedFetches: 'background' | 'activity'
}

/** Methods that only look (IANA HTTP Method Registry, "safe"; RFC 9110 section 9.2.1). Every other one changes something: a person does that. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PRI', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])

/** Modes in which a script asks. A WebSocket's mode is `websocket`: it reconnects by itself. */
const scriptModes: ReadonlySet<string | undefined> = new Set(['cors', 'no-cors', 'same-origin', undefined])

export function createActivityJudge (rules: ActivityRules): (signs: ActivitySigns) => boolean {
  const background = compileRouteTable(rules.background.map(pattern => ({ pattern, value: true })))
  const fetchesCount = rules.unlistedFetches === 'activity'
  return signs => {
    if (background.find(signs.method, signs.foldedPath) === true) return false
    // A browser that loads ahead of the person (speculation rules, link rel=prefetch) says so; nobody has done anything yet.
    if (signs.purpose?.includes('prefetch') === true || signs.purpose?.includes('prerender') === true) return false
    // A browser reports by itself (Content-Security-Policy, Reporting API).
    if (signs.fetchDest === 'report') return false
    if (!safeMethods.has(signs.method)) return true
    // Pages open a socket or a stream anew by themselves.
    if (signs.isStream === true) return false
    if (signs.fetchUser === '?1') return true
    if (signs.fetchMode === 'navigate') return signs.fetchDest === 'document'
    return fetchesCount && scriptModes.has(signs.fetchMode) && (signs.fetchDest === undefined || signs.fetchDest === 'empty')
  }
}
