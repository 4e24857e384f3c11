// Which answers get the idle script: those to somebody who opened a page, when they are whole HTML documents. What a script fetches, downloads and fragments stay as they are.
import type { IncomingHttpHeaders } from 'node:http'
import type { ForwardContext } from './forward/forward.ts'
import type { Admitted } from './pipeline.ts'
import { wantsHtml } from './request.ts'
import type { InboundRooms } from './rooms.ts'

/** Undefined: no answer to this request gets one. */
export function insertScript (admitted: Admitted, headers: IncomingHttpHeaders, { idle, clock, pages }: InboundRooms): ForwardContext['change'] {
  if (idle === undefined || admitted.method === 'HEAD' || headers['x-requested-with'] !== undefined || !wantsHtml(headers)) return undefined
  const language = pages.languageOf(headers['accept-language'])
  return answer => idle.insert(answer, { left: idle.leftOf(admitted.session, clock.now()), language })
}
