// Which answers get the idle script: those to somebody who opened a page, when they are whole HTML documents. What a script fetches, downloads and fragments stay as they are.
import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from './exchange.ts'
import type { ForwardContext } from './forward/forward.ts'
import type { Hindrance } from './idle/idle.ts'
import type { Admitted } from './pipeline.ts'
import { wantsHtml } from './request.ts'
import type { InboundRooms } from './rooms.ts'

const one = (value: string | string[] | undefined) => typeof value === 'string' ? value : value?.[0] ?? ''

/** Undefined: no answer to this request gets one. */
export function insertScript (admitted: Admitted, headers: IncomingHttpHeaders, { rooms, exchange }: { readonly rooms: InboundRooms, readonly exchange: Exchange }): ForwardContext['change'] {
  const { idle, clock, pages, metrics, log } = rooms
  // Where no browser says what it is for: a script's own request. The web views of Android name their app there, also when they open a page.
  const isScripts = headers['sec-fetch-dest'] === undefined && /^xmlhttprequest$/i.test(one(headers['x-requested-with']))
  if (idle === undefined || admitted.method === 'HEAD' || isScripts || !wantsHtml(headers)) return undefined
  const language = pages.languageOf(headers['accept-language'])
  // Each is counted and on record; the log says it once, with the number by which the trail knows the page.
  const hindered = (by: Hindrance, isNew: boolean) => {
    metrics.idleScriptHindered(by)
    exchange.note({ idleScript: by })
    if (isNew) log.warn('idle.scriptHindered', { id: admitted.id, by })
  }
  return answer => idle.insert(answer, { left: idle.leftOf(admitted.session, clock.now()), language, who: idle.markOf(admitted.session.principal), hindered })
}
