// Which answers get the idle script: those to somebody who opened a page, when they are whole HTML documents. What a script fetches, downloads and fragments stay as they are.
import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from './exchange.ts'
import type { ForwardContext } from './forward/forward.ts'
import type { Hindrance } from './idle/idle.ts'
import type { Admitted } from './pipeline.ts'
import { wantsHtml } from './request.ts'
import type { InboundRooms } from './rooms.ts'

const one = (value: string | string[] | undefined) => typeof value === 'string' ? value : value?.[0] ?? ''

interface Asked { readonly rooms: InboundRooms, readonly exchange: Exchange }

/** Without `change` no answer to this request gets one. */
export function insertScript (admitted: Admitted, headers: IncomingHttpHeaders, { rooms, exchange }: Asked): Pick<ForwardContext, 'change' | 'acceptEncoding'> {
  const { idle, clock, pages, metrics, log } = rooms
  // Programs say nothing of what a document is for.
  const isBrowser = headers['sec-fetch-dest'] !== undefined
  // Where no browser says what it is for: a script's own request. The web views of Android name their app there, also when they open a page.
  const isScripts = !isBrowser && /^xmlhttprequest$/i.test(one(headers['x-requested-with']))
  if (idle === undefined || admitted.method === 'HEAD' || isScripts || !wantsHtml(headers)) return {}
  const language = pages.languageOf(headers['accept-language'])
  // Each is counted and on record; the log says it once, with the number by which the trail knows the page.
  const hindered = (by: Hindrance, isNew: boolean) => {
    metrics.idleScriptHindered(by)
    exchange.note({ idleScript: by })
    if (isNew) log.warn('idle.scriptHindered', { id: admitted.id, by })
  }
  return {
    change: answer => idle.insert(answer, { left: idle.leftOf(admitted.session, clock.now()), language, isBrowser, who: idle.markOf(admitted.session.principal), hindered }),
    acceptEncoding: isBrowser && takesGzip(headers['accept-encoding']) ? 'gzip' : undefined,
  }
}

/** Whoever takes it gets it: into what is packed so the script is put without packing it anew, into Brotli and Zstandard it is not. RFC 9110 section 12.5.3. */
function takesGzip (accepted: string | string[] | undefined): boolean {
  return typeof accepted === 'string' && accepted.split(',').some(each => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?:0\.\d*[1-9]\d*|1(?:\.0*)?)\s*)?$/i.test(each))
}
