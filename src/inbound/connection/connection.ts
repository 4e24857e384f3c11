// From an accepted socket to a TLS connection: limits, PROXY protocol, certificate, ALPN. It never looks at a request.
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { ListenersConfig } from '../listener-config.ts'
import { createAcceptor, type Acceptor } from './accept.ts'
import { contextOptions, openCertificateShelf, type CertificateShelf, type ContextOptions } from './certificates.ts'

/** A peer as the kernel names it, the source that a PROXY header named, and the SHA-256 of the client certificate that it proved to have. */
export interface Peer { readonly remoteAddress: string, readonly proxiedSource: string | undefined, readonly certificate?: string | undefined }

export type ConnectionRefusal = 'connection.tooMany' | 'connection.tooManyFromAddress' | 'connection.proxyHeader' | 'connection.tlsRefused' | 'connection.clientCertificate' | 'connection.addressDropped'

export interface ConnectionHandlers {
  /** A connection that offers HTTP/1.1 or HTTP/2 (ALPN). */
  readonly http1: (socket: TLSSocket) => void
  readonly http2: (socket: TLSSocket) => void
  /** A connection that was closed before a request, for the trail. */
  readonly refused: (peer: Peer, reason: ConnectionRefusal) => void
  /** False: the socket is closed without an answer. */
  readonly mayConnect: (peer: Peer) => boolean
  readonly isProxyProtocolPeer: (remoteAddress: string) => boolean
  readonly readProxyHeader: (socket: Socket) => Promise<{ readonly source: string | undefined }>
}

export interface ConnectionRoom {
  listen(): Promise<{ readonly host: string, readonly port: number }>
  /** The peer of a TLS connection, or of what was adopted from one; known after a reset too. */
  peerOf(endpoint: object): Peer
  /** An HTTP/2 session or stream has the peer of the connection below it. */
  adopt(upper: object, lower: object): void
  /** Stops accepting; open connections stay. */
  stopAccepting(): void
  openConnections(): number
  /** Looks at renewed certificate files now. */
  refreshCertificates(): number
  certificateExpiresAt(): number
  close(): Promise<void>
}

const handshakeTimeoutMs = 10_000

/** Opens nothing yet; `listen` does. */
export function createConnectionRoom (
  config: ListenersConfig['public'],
  deps: { readonly clock: Clock, readonly log: Logger, readonly handlers: ConnectionHandlers, readonly sharesPort?: boolean | undefined },
): ConnectionRoom {
  const { handlers } = deps
  const { mode, authority } = config.tls.clientCertificates
  const options: ContextOptions = {
    minimumVersion: config.tls.minimumVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    clientAuthority: mode === 'off' || authority === undefined ? undefined : readFileSync(authority),
  }
  const shelf = openCertificateShelf(config.tls.certificates, { clock: deps.clock, log: deps.log, ...options })
  const acceptor = createAcceptor(config.limits, handlers)
  const tls = createTls(config, { shelf, options, handlers, acceptor })
  const front: Server = createServer({ noDelay: true, keepAlive: true }, socket => {
    void acceptor.accept(socket).then(isAccepted => { if (isAccepted) tls.emit('connection', socket) })
  })
  return {
    peerOf: acceptor.peerOf,
    adopt: acceptor.adopt,
    async listen () {
      // The system spreads connections over all processes that listen like this.
      front.listen({ port: config.port, host: config.host, reusePort: deps.sharesPort === true })
      await once(front, 'listening')
      const bound = front.address()
      if (bound === null || typeof bound === 'string') throw new TypeError('listener has no address')
      return { host: config.host, port: bound.port }
    },
    stopAccepting () { if (front.listening) front.close() },
    openConnections: () => acceptor.sockets.size,
    refreshCertificates: () => shelf.refresh(),
    certificateExpiresAt: () => shelf.expiresAt(),
    async close () {
      shelf.close()
      const closed = front.listening ? once(front, 'close') : undefined
      if (front.listening) front.close()
      for (const socket of acceptor.sockets) socket.destroy()
      await closed
    },
  }
}

function createTls (
  config: ListenersConfig['public'],
  deps: { readonly shelf: CertificateShelf, readonly options: ContextOptions, readonly handlers: ConnectionHandlers, readonly acceptor: Acceptor },
) {
  const { acceptor } = deps
  // Node keeps the socket under a TLS connection in `_parent`; without it a connection that is reset has no address left.
  const adoptBelow = (socket: TLSSocket) => { acceptor.adopt(socket, (socket as TLSSocket & { readonly _parent?: object })._parent ?? socket) }
  const { mode } = config.tls.clientCertificates
  const first = config.tls.certificates[0]
  if (first === undefined) throw new TypeError('no certificate')
  const server = createTlsServer({
    ...contextOptions(first, deps.options),
    ALPNProtocols: config.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs,
    // Each connection gets its context here, so that a renewed certificate serves the next one.
    SNICallback: (serverName, done) => { done(null, deps.shelf.choose(serverName)) },
    ...(mode === 'off' ? {} : { requestCert: true, rejectUnauthorized: mode === 'require' }),
  })
  deps.shelf.onRenewed(() => { server.setSecureContext(contextOptions(first, deps.options)) })
  server.on('secureConnection', socket => {
    adoptBelow(socket)
    socket.on('error', () => { socket.destroy() })
    // In mode `request` a certificate may be absent, but one that is shown must be good.
    if (mode === 'request' && !socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      deps.handlers.refused(acceptor.peerOf(socket), 'connection.clientCertificate')
      socket.destroy()
      return
    }
    if (mode !== 'off' && socket.authorized) acceptor.certify(socket, socket.getPeerX509Certificate()?.fingerprint256)
    if (socket.alpnProtocol === 'h2') deps.handlers.http2(socket)
    else deps.handlers.http1(socket)
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    adoptBelow(socket)
    // Node ends a connection whose certificate failed as a reset; the verdict is on the socket.
    const isCertificate = error.code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' || (mode === 'require' && Boolean(socket.authorizationError))
    deps.handlers.refused(acceptor.peerOf(socket), isCertificate ? 'connection.clientCertificate' : 'connection.tlsRefused')
    socket.destroy()
  })
  return server
}
