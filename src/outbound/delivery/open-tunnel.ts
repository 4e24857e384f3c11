// A plain connection for what passes unread: only the address is checked, before and after connecting. It sends nothing.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../shared/clock.ts'
import { askPinned, createCheckedLookup, refuseAddress, type MayConnect } from './addresses.ts'
import { codeOf } from './checked-connector.ts'
import { deliveryReasons } from './reasons.ts'

export interface TunnelOptions {
  readonly clock: Clock
  readonly mayConnect: MayConnect
  readonly timeoutMs: number
}

interface Outside {
  readonly host: string
  readonly port: number
  /** Instead of what the name service says. */
  readonly pinned?: string | undefined
}

/** Throws a Failure. `host` is a name. */
export async function openTunnel ({ host, port, pinned }: Outside, { clock, mayConnect, timeoutMs }: TunnelOptions): Promise<Socket> {
  const socket = connect({ host, port, lookup: createCheckedLookup(mayConnect, pinned === undefined ? undefined : askPinned(pinned)), autoSelectFamily: true, allowHalfOpen: true })
  const late = new AbortController()
  const timer = clock.after(timeoutMs, () => { late.abort() })
  try {
    await once(socket, 'connect', { signal: late.signal })
    if (!mayConnect(socket.remoteAddress ?? '')) throw refuseAddress()
    return socket
  } catch (cause) {
    socket.on('error', () => { /* told by what is thrown */ })
    socket.destroy()
    throw deliveryReasons.fail(late.signal.aborted ? 'delivery.tooSlow' : codeOf(cause), 'destination', { cause })
  } finally { timer.cancel() }
}
