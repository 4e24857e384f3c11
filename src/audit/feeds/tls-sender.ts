// One TLS connection to a syslog receiver. Syslog has no acknowledgement; what counts as one is that both sides closed in order (RFC 5425 section 4.4: a receiver
// that gets a close_notify answers it), because a receiver that read nothing or broke down answers with a reset or not at all.
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { Clock } from '../../shared/clock.ts'

export interface SenderOptions {
  readonly host: string
  readonly port: number
  /** PEM of the authority; undefined for those that Node knows. */
  readonly authority: string | undefined
  readonly clock: Clock
}

const connectTimeoutMs = 10_000
const closeTimeoutMs = 10_000

/** The connection is gone; `code` is the system's word for why. */
export class SenderError extends Error {
  override readonly name = 'SenderError'
  readonly code: string
  constructor (code: string) {
    super(code)
    this.code = code
  }
}

export class TlsSender {
  readonly #socket: TLSSocket
  readonly #clock: Clock
  #isClosing = false
  #error: SenderError | undefined
  /** Rejects when the connection breaks. */
  readonly broken: Promise<never>
  readonly #closed = Promise.withResolvers<boolean>()

  private constructor (socket: TLSSocket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    const { promise, reject } = Promise.withResolvers<never>()
    this.broken = promise
    promise.catch(() => undefined)
    const fail = (code: string) => {
      this.#error ??= new SenderError(code)
      reject(this.#error)
      this.#closed.resolve(false)
    }
    socket.on('error', (error: NodeJS.ErrnoException) => { fail(error.code ?? 'TLS') })
    socket.on('end', () => { if (this.#isClosing) this.#closed.resolve(true); else fail('CLOSED') })
    socket.on('close', () => { fail('CLOSED') })
    socket.resume() // a receiver has nothing to say
  }

  /** Throws a SenderError. */
  static async open ({ host, port, authority, clock }: SenderOptions): Promise<TlsSender> {
    const socket = connect({ host, port, minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}), ...(authority === undefined ? {} : { ca: authority }) })
    socket.setKeepAlive(true, 30_000)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = clock.after(connectTimeoutMs, () => { reject(new SenderError('TIMEOUT')) })
    socket.once('secureConnect', resolve)
    socket.once('error', (error: NodeJS.ErrnoException) => { reject(new SenderError(error.code ?? 'TLS')) })
    try {
      await promise
      return new TlsSender(socket, clock)
    } catch (error) {
      destroy(socket)
      throw error
    } finally { timer.cancel() }
  }

  /** Waits while the receiver is slower than we are. Throws a SenderError when the connection is gone. */
  async send (bytes: Buffer): Promise<void> {
    if (this.#error !== undefined) throw this.#error
    if (this.#socket.write(bytes)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.once('drain', resolve)
    await Promise.race([promise, this.broken])
  }

  /** Whether the receiver closed in order too: then it has everything that was sent. */
  async closeInOrder (): Promise<boolean> {
    this.#isClosing = true
    const timer = this.#clock.after(closeTimeoutMs, () => { this.#closed.resolve(false) })
    this.#socket.end()
    try { return await this.#closed.promise } finally {
      timer.cancel()
      destroy(this.#socket)
    }
  }

  destroy (): void {
    destroy(this.#socket)
  }
}

function destroy (socket: Socket): void {
  socket.on('error', () => undefined)
  socket.destroy()
}
