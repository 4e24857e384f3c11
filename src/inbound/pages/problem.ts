// A refusal as a program reads it: problem JSON (RFC 9457), always English, and the headers that a refusal has in any form.
import { commonHeaders, type Page } from './document.ts'
import type { Texts } from './texts.ts'
import { sayKept, type Kept } from './unsent.ts'
import { titleOf } from './wording.ts'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly publicText: string
  readonly requestId: string
  readonly retryAfterSeconds?: number | undefined
  /** Of content that came after the end of a session. */
  readonly kept?: Kept | undefined
  /** Why a session ended, as far as it is known. */
  readonly cause?: string | undefined
}

const signInPath = '/_sallyport/sign-in'
const unsentPath = '/_sallyport/unsent'

export function headersOf ({ status, retryAfterSeconds }: Refusal): Readonly<Record<string, string>> {
  return {
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.max(0, Math.ceil(retryAfterSeconds))) }),
    ...(status === 401 ? { 'www-authenticate': 'Cookie realm="sallyport"' } : {}), // RFC 9110 section 15.5.2 asks for one; no browser prompts for this
  }
}

export function createProblem (refusal: Refusal, texts: Texts): Page {
  const { status, code, publicText, requestId, kept, cause } = refusal
  const detail = kept === undefined ? publicText : `${publicText} ${texts.plain(sayKept(kept))}`
  const body = { type: `urn:sallyport:problem:${code}`, title: texts.plain(titleOf(refusal)), status, detail, instance: requestId, code, cause, ...continueWith(kept) }
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", ...commonHeaders, ...headersOf(refusal) },
    body: JSON.stringify(body),
  }
}

/** For a program: where its person goes on, and until when (RFC 9457 section 3.2). */
function continueWith (kept: Kept | undefined): Readonly<Record<string, unknown>> {
  if (kept === undefined) return {}
  return typeof kept === 'string' ? { kept: false } : { kept: true, keptUntil: new Date(kept.until).toISOString(), signIn: signInPath, confirm: unsentPath }
}
