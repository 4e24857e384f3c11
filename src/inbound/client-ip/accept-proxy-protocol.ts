// Takes the PROXY header off a fresh connection, so that TLS can be laid over what is left. It reads no byte past the header, and waits no longer than told.
import type { Socket } from 'node:net'
import type { Clock } from '../../shared/clock.ts'
import { parseProxyProtocolV2, prefixLength, restLengthOf, type ProxyHeader } from './proxy-protocol.ts'
import { clientIpReasons } from './reasons.ts'

/**
 * Resolves with the header's source, the socket untouched from the byte after it on and not flowing. Lay the next protocol over it in the same turn.
 * On a malformed, cut or late header the socket is destroyed and the promise rejects with a Denial `clientIp.proxyHeader`.
 */
export function acceptProxyProtocol (socket: Socket, options: { readonly clock: Clock, readonly timeoutMs: number }): Promise<ProxyHeader> {
  const { promise, resolve, reject } = Promise.withResolvers<ProxyHeader>()
  let prefix: Buffer | undefined
  const timer = options.clock.after(options.timeoutMs, refuse)
  socket.on('readable', read)
  for (const event of ['end', 'close', 'error']) socket.on(event, refuse)
  if (socket.destroyed) refuse()
  return promise

  function settle (): void {
    timer.cancel()
    socket.off('readable', read)
    for (const event of ['end', 'close', 'error']) socket.off(event, refuse)
  }

  function refuse (): void {
    settle()
    socket.on('error', () => undefined) // a reset that comes after the refusal is no news
    socket.destroy()
    reject(clientIpReasons.deny('clientIp.proxyHeader'))
  }

  /** `read(n)` gives exactly n bytes, nothing while there are fewer, and fewer only when no more will come. */
  function read (): void {
    if (prefix === undefined) {
      const bytes = socket.read(prefixLength) as Buffer | null
      if (bytes === null) return
      prefix = bytes
    }
    const restLength = restLengthOf(prefix)
    if (restLength === undefined) { refuse(); return }
    const rest = restLength === 0 ? Buffer.alloc(0) : socket.read(restLength) as Buffer | null
    if (rest === null) return
    const header = parseProxyProtocolV2(Buffer.concat([prefix, rest]))
    if (header === undefined) { refuse(); return }
    settle()
    resolve(header)
  }
}
