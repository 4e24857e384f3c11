// A refusal as whoever asked can read it: a page in their language for a person, problem JSON for a program.
import type { IncomingHttpHeaders } from 'node:http'
import type { Page, Refusal } from './pages/pages.ts'
import { wantsHtml } from './request.ts'
import type { InboundRooms } from './rooms.ts'

export function refusalPage (refusal: Refusal, { headers, rooms }: { readonly headers: IncomingHttpHeaders, readonly rooms: InboundRooms }): Page {
  return wantsHtml(headers) ? rooms.pages.speak(headers['accept-language']).refusal(refusal) : rooms.pages.problem(refusal)
}
