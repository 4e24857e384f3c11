// What a browser may keep of the CRM's answers: styles, scripts and fonts that it serves as files. Anything else can show a patient, and must be in no cache, no
// history and no restored tab when the session is over (45 CFR 164.310(c): a workstation is left to the next person).
import type { IncomingHttpHeaders } from 'node:http'

/** Media types of what a page is made of, as far as it is the same for everybody. Pictures are not here: they can be of a patient. */
const parts = /^(?:text\/(?:css|javascript)|application\/(?:javascript|x-javascript|ecmascript|wasm|font-[a-z0-9.+-]+|vnd\.ms-fontobject)|font\/[a-z0-9.+-]+)(?:;|$)/i

/** Whether the CRM itself lets it be kept: a script that is made for one person comes without a date or an age. */
function isFile ({ 'cache-control': control, 'last-modified': modified, 'set-cookie': cookie }: IncomingHttpHeaders): boolean {
  if (cookie !== undefined || (control !== undefined && /(?:^|[\s,])(?:no-store|no-cache|private)(?:[\s,=]|$)/i.test(control))) return false
  return modified !== undefined || (control !== undefined && /(?:^|[\s,])(?:public|immutable|max-age=[1-9]|s-maxage=[1-9])/i.test(control))
}

/** A 304 is about something that the browser was let keep before. */
export function mayKeep (status: number, headers: IncomingHttpHeaders): boolean {
  return status === 304 || (parts.test(headers['content-type'] ?? '') && isFile(headers))
}

/** Fields with which nothing is kept; `undefined` takes a field away. */
export const keepNothing = { 'cache-control': 'no-store', expires: undefined, pragma: undefined } as const
