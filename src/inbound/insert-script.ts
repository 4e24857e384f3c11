// Which answers get the idle script: those to somebody who opened a page, when they are whole HTML documents. What a script fetches, downloads and fragments stay as they are.
import type { IncomingHttpHeaders } from 'node:http'
import type { ForwardContext } from './forward/forward.ts'
import type { Admitted } from './pipeline.ts'
import { wantsHtml } from './request.ts'
import type { InboundRooms } from './rooms.ts'

/** Without `change` no answer to this request gets one. */
export function insertScript (admitted: Admitted, headers: IncomingHttpHeaders, { idle, clock, pages }: InboundRooms): Pick<ForwardContext, 'change' | 'acceptEncoding'> {
  if (idle === undefined || admitted.method === 'HEAD' || headers['x-requested-with'] !== undefined || !wantsHtml(headers)) return {}
  const language = pages.languageOf(headers['accept-language'])
  // Programs say nothing of what a document is for.
  const isBrowser = headers['sec-fetch-dest'] !== undefined
  return {
    change: answer => idle.insert(answer, { left: idle.leftOf(admitted.session, clock.now()), language, isBrowser }),
    acceptEncoding: isBrowser && takesGzip(headers['accept-encoding']) ? 'gzip' : undefined,
  }
}

/** Whoever takes it gets it: into what is packed so the script is put without packing it anew, into Brotli and Zstandard it is not. RFC 9110 section 12.5.3. */
function takesGzip (accepted: string | string[] | undefined): boolean {
  return typeof accepted === 'string' && accepted.split(',').some(each => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?:0\.\d*[1-9]\d*|1(?:\.0*)?)\s*)?$/i.test(each))
}
