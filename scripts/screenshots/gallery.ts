// Every page of the gateway's own, filled with invented things: for the screenshots in docs/, and for the tests that look at each. It decides nothing.
import type { Page, Pages } from '../../src/inbound/pages/pages.ts'
import { endCauses } from '../../src/inbound/pages/wording.ts'
import { englishRefusals, sameRefusals } from '../../src/inbound/pages/english-refusals.ts'

const requestId = '3kQx9-TfWb27LmZr'
const at = Date.UTC(2026, 10, 27, 14, 5)
const minute = 60_000

const refuse = (pages: Pages, status: number, code: string, kept?: { readonly until: number } | 'tooLarge' | 'notKept') =>
  pages.refusal({ status, code, publicText: englishRefusals[sameRefusals[code] ?? code] ?? code, requestId, kept })

const note = {
  id: 'k7',
  method: 'POST',
  href: '/patients/p-1001/notes',
  at,
  endsAt: at + 10 * minute,
  bytes: 1840,
  files: 0,
  isCut: false,
  fields: [{ name: 'subject', count: 1 }, { name: 'text', count: 1 }, { name: 'tags', count: 3 }],
}
const upload = { ...note, id: 'k8', href: '/api/files', bytes: 240_000, fields: [], files: 2, isCut: true }

/** By name, as in the names of the pictures. `origin` is where the page is shown: the form to the IdP goes there. */
export function listPages (pages: Pages, origin: string): ReadonlyMap<string, Page> {
  return new Map<string, Page>([
    ['sign-in', refuse(pages, 401, 'session.missing')],
    ['one-moment', pages.autoPost({ action: `${origin}/idp`, fields: { SAMLRequest: 'PHNhbWw+' } })],
    ['sign-out', pages.confirmSignOut('Front Desk Example')],
    ['still-in', pages.signedOut('idle', false)],
    ...endCauses.map(cause => [`signed-out-${cause.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`, pages.signedOut(cause, true)] as const),
    ['refused-network', refuse(pages, 403, 'clientIp.notAllowed')],
    ['refused-role', refuse(pages, 403, 'access.notAllowed')],
    ['refused-no-role', refuse(pages, 403, 'access.roleMissing')],
    ['refused-sign-in', refuse(pages, 403, 'saml.replayed')],
    ['refused-unreadable', refuse(pages, 400, 'canonical.pathEncoding')],
    ['not-found', refuse(pages, 404, 'inbound.ownPath')],
    ['too-many', refuse(pages, 429, 'rate.person')],
    ['unavailable', refuse(pages, 503, 'audit.unavailable')],
    ['crm-away', refuse(pages, 502, 'forward.unreachable')],
    ['kept', refuse(pages, 401, 'session.idle', { until: at + 10 * minute })],
    ['kept-too-large', refuse(pages, 401, 'session.idle', 'tooLarge')],
    ['unsent', pages.unsent([note])],
    ['unsent-two', pages.unsent([note, upload])],
    ['nothing-waiting', pages.unsent([])],
  ])
}
