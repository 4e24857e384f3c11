// Speaks to a mail server line by line, to find out which step does not work. It trusts nothing that it hears, and verifies no certificate: it tells what it was shown.
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Clock } from '../shared/clock.ts'

export interface Reply {
  /** 0: the connection ended, or nothing came in time. */
  readonly code: number
  readonly text: string
}

export interface ShownCertificate {
  /** Undefined: it ends at an authority that this machine knows. */
  readonly untrusted: string | undefined
  readonly isForName: boolean
  /** Milliseconds since the epoch. */
  readonly endsAt: number
}

interface Options { readonly clock: Clock, readonly timeoutMs: number }

const longestReply = 64 * 1024
const nothing: Reply = { code: 0, text: 'no answer' }

export class SmtpDialogue {
  readonly #options: Options
  #socket: Socket
  #heard = ''
  #wake: () => void = () => undefined
  #isOver = false

  private constructor (socket: Socket, options: Options) {
    this.#socket = socket
    this.#options = options
    this.#listen()
  }

  /** Undefined: nobody listens there. The greeting comes first: `read` it. */
  static async open (place: { readonly host: string, readonly port: number }, options: Options): Promise<SmtpDialogue | undefined> {
    const socket = connectTcp(place)
    const timer = options.clock.after(options.timeoutMs, () => { socket.destroy(new Error('late')) })
    try { await once(socket, 'connect') } catch { return undefined } finally { timer.cancel() }
    return new SmtpDialogue(socket, options)
  }

  async say (line: string): Promise<Reply> {
    if (!this.#isOver) this.#socket.write(`${line}\r\n`)
    return await this.read()
  }

  /** The next answer, whole. */
  async read (): Promise<Reply> {
    const { clock, timeoutMs } = this.#options
    let isLate = false
    const timer = clock.after(timeoutMs, () => { isLate = true; this.#wake() })
    try {
      for (;;) {
        const whole = /^(?:\d{3}-[^\r\n]*\r\n)*(\d{3})(?: [^\r\n]*)?\r\n/.exec(this.#heard)
        if (whole !== null) {
          this.#heard = this.#heard.slice(whole[0].length)
          return { code: Number(whole[1]), text: whole[0].trim().split('\r\n').at(-1)?.slice(0, 500) ?? '' }
        }
        if (isLate || this.#isOver || this.#heard.length > longestReply) return nothing
        await new Promise<void>(resolve => { this.#wake = resolve })
      }
    } finally { timer.cancel() }
  }

  /** After STARTTLS was answered 220. Undefined: the encryption could not begin. */
  async encrypt (name: string): Promise<ShownCertificate | undefined> {
    this.#socket.removeAllListeners()
    const secure: TLSSocket = connectTls({ socket: this.#socket, servername: name, rejectUnauthorized: false })
    const timer = this.#options.clock.after(this.#options.timeoutMs, () => { secure.destroy(new Error('late')) })
    try { await once(secure, 'secureConnect') } catch { this.#isOver = true; return undefined } finally { timer.cancel() }
    this.#socket = secure
    this.#listen()
    const certificate = secure.getPeerX509Certificate()
    return {
      untrusted: secure.authorized ? undefined : String(secure.authorizationError),
      isForName: certificate?.checkHost(name) !== undefined,
      endsAt: certificate?.validToDate.getTime() ?? 0,
    }
  }

  close (): void { this.#socket.destroy() }

  #listen (): void {
    this.#socket.on('data', (chunk: Buffer) => { this.#heard += chunk.toString('latin1'); this.#wake() })
    for (const event of ['error', 'close'] as const) this.#socket.on(event, () => { this.#isOver = true; this.#wake() })
  }
}
