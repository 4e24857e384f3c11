// Before TLS: how many connections there may be, who speaks the PROXY protocol, and which peers are not answered at all.
import type { Socket } from 'node:net'
import type { ListenersConfig } from '../listener-config.ts'
import type { ConnectionHandlers, ConnectionRefusal, Peer } from './connection.ts'

export interface Acceptor {
  /** True: the socket goes on to TLS. False: it was refused, recorded and destroyed. */
  accept(socket: Socket): Promise<boolean>
  /** The peer of an accepted socket, of what was laid over it, or of an HTTP/2 stream or session on it; known after a reset too. */
  peerOf(endpoint: object): Peer
  /** What was laid over an accepted socket (TLS, HTTP/2) has its peer. */
  adopt(upper: object, lower: object): void
  /** What was laid over an accepted socket has proven to have this certificate. */
  certify(upper: object, certificate: string | undefined): void
  readonly sockets: ReadonlySet<Socket>
}

const unknownPeer: Peer = { remoteAddress: '', proxiedSource: undefined }

export function createAcceptor (limits: ListenersConfig['public']['limits'], handlers: ConnectionHandlers): Acceptor {
  const sockets = new Set<Socket>()
  const perAddress = new Map<string, number>()
  // A socket forgets its peer when it is reset; the record must not.
  const peers = new WeakMap<object, Peer>()

  const refuse = (socket: Socket, peer: Peer, reason: ConnectionRefusal): false => {
    handlers.refused(peer, reason)
    socket.destroy()
    return false
  }

  /** Counts a socket until it closes. */
  const hold = (socket: Socket, address: string): void => {
    sockets.add(socket)
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
    socket.once('close', () => {
      sockets.delete(socket)
      const left = (perAddress.get(address) ?? 1) - 1
      if (left === 0) perAddress.delete(address)
      else perAddress.set(address, left)
    })
  }

  return {
    sockets,
    peerOf: endpoint => peers.get(endpoint) ?? unknownPeer,
    adopt (upper, lower) {
      const peer = peers.get(lower)
      if (peer !== undefined) peers.set(upper, peer)
    },
    certify (upper, certificate) { peers.set(upper, { ...peers.get(upper) ?? unknownPeer, certificate }) },
    async accept (socket) {
      socket.on('error', () => { socket.destroy() })
      const address = socket.remoteAddress
      // The client was gone before we looked: nobody to refuse, nothing to record.
      if (address === undefined) { socket.destroy(); return false }
      const direct: Peer = { remoteAddress: address, proxiedSource: undefined }
      if (sockets.size >= limits.maxConnections) return refuse(socket, direct, 'connection.tooMany')
      if ((perAddress.get(address) ?? 0) >= limits.maxConnectionsPerAddress && !handlers.isProxyProtocolPeer(address)) return refuse(socket, direct, 'connection.tooManyFromAddress')
      peers.set(socket, direct)
      hold(socket, address)
      let peer = direct
      if (handlers.isProxyProtocolPeer(address)) {
        try {
          const { source } = await handlers.readProxyHeader(socket)
          peer = { remoteAddress: address, proxiedSource: source }
          peers.set(socket, peer)
        } catch {
          return refuse(socket, direct, 'connection.proxyHeader')
        }
      }
      if (socket.destroyed) return false
      return handlers.mayConnect(peer) ? true : refuse(socket, peer, 'connection.addressDropped')
    },
  }
}
