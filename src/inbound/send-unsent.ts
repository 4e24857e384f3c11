// A browser that comes to send what was kept: it repeats the confirmation to the route itself (307), and the kept request takes its place before anything
// is judged. So the CRM's answer is an answer to its own address, and every check and record is that of an ordinary request.
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { Readable } from 'node:stream'
import { Denial, Failure } from '../shared/errors.ts'
import type { RawRequest } from './canonical/canonical.ts'
import type { Peer } from './connection/connection.ts'
import { ownPaths } from './own-paths.ts'
import { placeOf, type InboundRequest } from './request.ts'
import type { InboundRooms } from './rooms.ts'
import { readCookie, sendCookieName } from './unsent/unsent.ts'

export interface Resent {
  readonly kept: InboundRequest['kept']
  readonly wire: RawRequest
  readonly content?: () => Promise<string>
  readonly replay?: () => Readable
}

interface Claiming { readonly rooms: InboundRooms, readonly peer: Peer }
type Message = IncomingMessage | Http2ServerRequest

/** Undefined for every other request, and at once: what is refused is refused before anything else of its connection is read. */
export function takeUnsent (message: Message, wire: RawRequest, { rooms, peer }: Claiming): Promise<Resent> | undefined {
  const { cookie, referer, 'sec-fetch-mode': mode } = message.headers
  // The browser repeats a form: what a script sends, or a form of another page, is its own, though the cookie comes with it while the kept one is on its way.
  const isRepeated = message.method === 'POST' && (mode === undefined || mode === 'navigate')
  // A reload of the answer comes from the page too: without the cookie, and the CRM must not get the confirmation in place of what was kept.
  const isMeant = isRepeated && (referer === undefined ? readCookie(cookie, sendCookieName) !== undefined : referer === `${rooms.publicOrigin}${ownPaths.unsent}`)
  return isMeant ? takeClaimed(message, wire, { rooms, peer }) : undefined
}

async function takeClaimed (message: Message, wire: RawRequest, claiming: Claiming): Promise<Resent> {
  const claimed = await claim(wire, claiming)
  if (claimed === undefined) return { kept: 'gone', wire }
  const { headers } = message
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'content-encoding', 'expect', 'referer']) Reflect.deleteProperty(headers, name)
  Object.assign(headers, claimed.headers, { 'content-length': String(claimed.body.length) })
  return {
    kept: { from: claimed.from },
    wire: { ...wire, method: claimed.method },
    content: async () => claimed.body.toString('latin1'),
    replay: () => Readable.from([claimed.body], { objectMode: false }),
  }
}

async function claim (wire: RawRequest, { rooms, peer }: Claiming) {
  try {
    const { unsent, session, canonical, clientIp } = rooms
    const found = await session.findHere(wire.headers.cookie, placeOf(clientIp.require(peer, wire.headers), peer))
    return await unsent?.claim(canonical.require(wire), { principal: found.principal, cookie: wire.headers.cookie, sessionKey: found.key })
  } catch (error) {
    if (error instanceof Denial || error instanceof Failure) return undefined
    throw error
  }
}
