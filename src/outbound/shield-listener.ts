// The listener for mail from outside: SMTP with a library, for anybody, so it believes nobody. It takes mail for aliases only, bounded in size, time and number, refuses in the
// dialogue and never writes to a sender. It reads no mail before its recipients are known, and decides nothing itself.
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { Timer } from '../shared/clock.ts'
import { Denial, Failure } from '../shared/errors.ts'
import { createRequestId } from '../shared/ids.ts'
import { durationMs, sizeBytes } from '../shared/schema.ts'
import { describeRefusal, type Known } from './describe.ts'
import { outboundReasons } from './reasons.ts'
import type { OutboundRooms, ShieldParts } from './rooms.ts'
import type { ShieldConfig, ShieldListenerConfig } from './shield/config.ts'
import { createShieldLimits, shieldReasons, type ShieldLimits } from './shield/shield.ts'
import { acceptShieldMail } from './shield-pipeline.ts'
import { hasLooseEnds, readMail, replyOf } from './smtp-intake.ts'

export interface ShieldListener {
  listen (): Promise<{ readonly port: number }>
  /** Takes a renewed certificate; what cannot be used changes nothing. */
  refreshCertificate (): void
  /** Milliseconds since the epoch. */
  certificateExpiresAt (): number
  close (withinMs: number): Promise<void>
}

/** PEM files. */
export interface CertificateFiles { readonly certificate: string, readonly key: string }

/** Bytes of mail that is being read or judged. */
const mostBytesAtOnce = 128 * 1024 * 1024
/** Unknown recipients of one connection, before it is closed. */
const mostUnknown = 10
const longestConnectionMs = 15 * 60_000
/** A refusal of ours ends with its id; any other is the library's. */
const ourAnswer = / \([A-Za-z0-9_-]{16}\)$/

type Done = (error?: Error | null, message?: string) => void
interface About extends Pick<Known, 'shield' | 'wireTarget'> { readonly session: SMTPServerSession, readonly id?: string }

const addressOf = ({ remoteAddress }: SMTPServerSession): string => remoteAddress

class ShieldReceiver {
  readonly #config: ShieldListenerConfig
  readonly #rooms: OutboundRooms
  readonly #limits: ShieldLimits
  readonly #unknown = new Map<string, number>()
  #bytes = 0

  constructor (config: ShieldListenerConfig, rooms: OutboundRooms) {
    this.#config = config
    this.#rooms = rooms
    this.#limits = createShieldLimits(config, rooms.clock)
  }

  connect (session: SMTPServerSession, done: Done): void {
    this.#answer(done, { session }, () => {
      const mayConnect = this.#limits.mayConnect(session.id, addressOf(session))
      if (!this.#limits.isAllowed(addressOf(session))) throw shieldReasons.deny('shield.network')
      if (!mayConnect) throw shieldReasons.deny('shield.tooManyConnections')
    })
  }

  close (session: SMTPServerSession): void {
    this.#limits.close(session.id)
    this.#unknown.delete(session.id)
    if (typeof session.error === 'string' && !ourAnswer.test(session.error)) this.#record(shieldReasons.deny('shield.protocol'), { session })
  }

  mailFrom (address: string, session: SMTPServerSession, done: Done): void {
    this.#answer(done, { session, wireTarget: address }, () => {
      if (this.#config.starttls === 'required' && !session.secure) throw shieldReasons.deny('shield.notEncrypted')
      if (!this.#limits.maySend(addressOf(session))) throw shieldReasons.deny('shield.tooManyMessages')
    })
  }

  rcptTo (address: string, session: SMTPServerSession, done: Done): void {
    this.#answer(done, { session, wireTarget: address }, () => {
      if (session.envelope.rcptTo.length >= this.#config.maxRecipients) throw shieldReasons.deny('shield.tooManyRecipients')
      const alias = this.#findAlias(address, session)
      if (!this.#limits.mayReceive(alias.name)) throw shieldReasons.deny('shield.tooManyMessages')
    })
  }

  #findAlias (address: string, session: SMTPServerSession) {
    try { return this.#parts.room.requireAlias(address) } catch (error) {
      const tried = (this.#unknown.get(session.id) ?? 0) + 1
      this.#unknown.set(session.id, tried)
      throw tried < mostUnknown ? error : shieldReasons.deny('shield.tooManyUnknown')
    }
  }

  async data (stream: SMTPServerDataStream, session: SMTPServerSession, done: Done): Promise<void> {
    const { clock, log, metrics } = this.#rooms
    const id = createRequestId()
    const sender = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address
    let about: About = { session, id, shield: { senderDomain: undefined } }
    let taken = 0
    const take = (bytes: number): void => {
      taken += bytes
      this.#bytes += bytes
      if (this.#bytes > mostBytesAtOnce) throw shieldReasons.fail('shield.busy', 'gateway')
    }
    const timer: Timer = clock.after(durationMs(this.#config.messageTimeout), () => { stream.destroy(shieldReasons.deny('shield.tooSlow')) })
    try {
      const body = await readMail(stream, { mostBytes: sizeBytes(this.#config.maxMessageSize), take })
      timer.cancel()
      if (body === undefined) throw shieldReasons.deny('shield.tooLarge')
      if (hasLooseEnds(body)) throw shieldReasons.deny('shield.lineEnds')
      const examined = await this.#parts.room.examine({ id, ip: addressOf(session), helo: String(session.hostNameAppearsAs || ''), sender, isEncrypted: session.secure, body })
      about = { ...about, shield: examined.mail }
      const { verdicts } = examined.mail
      for (const check of ['spf', 'dkim', 'dmarc'] as const) metrics.verdict(check, verdicts[check].result)
      const aliases = [...new Set(session.envelope.rcptTo.map(({ address }) => this.#parts.room.requireAlias(address)))]
      await acceptShieldMail({ ...examined, aliases, address: addressOf(session) }, this.#rooms)
      done(null, `Accepted as ${id}`)
    } catch (error) {
      // Who went away in the middle hears no answer; its server sends the mail again.
      if (error instanceof Error && 'code' in error && error.code === 'ECONNECTION') { log.info('shield.brokeOff', { id }); done(error); return }
      log.info('shield.refused', { id, code: error instanceof Denial || error instanceof Failure ? error.code : 'outbound.bug' })
      done(this.#refuse(error, about))
    } finally {
      timer.cancel()
      this.#bytes -= taken
    }
  }

  get #parts (): ShieldParts { return this.#rooms.shield as ShieldParts }

  #answer (done: Done, about: About, judge: () => void): void {
    try { judge() } catch (error) { done(this.#refuse(error, about)); return }
    done()
  }

  #refuse (error: unknown, about: About): Error {
    const id = about.id ?? createRequestId()
    if (!(error instanceof Denial || error instanceof Failure)) this.#rooms.log.bug('shield.bug', error, { id })
    this.#record(error, { ...about, id })
    return replyOf(error instanceof Denial || error instanceof Failure ? error.reason : outboundReasons.table['outbound.bug'], id)
  }

  /** When the trail itself is what failed, there is nowhere to write it. */
  #record (error: unknown, { session, wireTarget, shield = { senderDomain: undefined }, id = createRequestId() }: About): void {
    const { audit, clock, metrics } = this.#rooms
    const code = error instanceof Denial || error instanceof Failure ? error.code : 'outbound.bug'
    metrics.denied(code)
    if (code !== 'audit.unavailable') audit.note(describeRefusal({ id, time: clock.now(), address: addressOf(session), destination: undefined, wireTarget, shield }, code))
  }
}

function createServer ({ name, listener }: ShieldConfig, receiver: ShieldReceiver): SMTPServer {
  return new SMTPServer({
    name,
    minVersion: 'TLSv1.2',
    // Nobody signs in here: whoever could, might be taken for somebody who may send on.
    disabledCommands: ['AUTH'],
    authOptional: true,
    size: sizeBytes(listener.maxMessageSize),
    maxClients: listener.maxConnections,
    maxCommandLength: 2048,
    socketTimeout: durationMs(listener.quietTimeout),
    closeTimeout: 1000,
    disableReverseLookup: true,
    hideSMTPUTF8: true,
    logger: false,
    onConnect: (session, done) => { receiver.connect(session, done) },
    onClose: session => { receiver.close(session) },
    onMailFrom: ({ address }, session, done) => { receiver.mailFrom(address, session, done) },
    onRcptTo: ({ address }, session, done) => { receiver.rcptTo(address, session, done) },
    onData: (stream, session, done) => { void receiver.data(stream, session, done as Done) },
  })
}

export function createShieldListener (config: ShieldConfig, files: CertificateFiles, rooms: OutboundRooms): ShieldListener {
  const server = createServer(config, new ShieldReceiver(config.listener, rooms))
  let used: { readonly cert: string, readonly key: string, readonly expiresAt: number } | undefined
  const useCertificate = (): void => {
    const [cert, key] = [readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8')]
    if (cert === used?.cert && key === used.key) return
    server.updateSecureContext({ cert, key })
    used = { cert, key, expiresAt: new X509Certificate(cert).validToDate.getTime() }
  }
  useCertificate()
  // A client that goes away in the middle is no trouble of ours.
  server.on('error', (error: Error) => { rooms.log.info('shield.connectionBroke', { code: 'code' in error ? String(error.code) : error.name }) })
  // One that says a word now and then is never quiet.
  server.server.on('connection', socket => {
    const timer = rooms.clock.after(longestConnectionMs, () => { socket.destroy() })
    socket.on('close', () => { timer.cancel() })
  })
  return {
    async listen () {
      const listening = server.listen(config.listener.port, config.listener.host)
      await new Promise<void>((resolve, reject) => { listening.once('listening', resolve); listening.once('error', reject) })
      const bound = listening.address()
      if (bound === null || typeof bound === 'string') throw new TypeError('listener has no address')
      return { port: bound.port }
    },
    refreshCertificate () {
      try { useCertificate() } catch (error) { rooms.log.error('shield.certificateNotUsed', { code: error instanceof Error && 'code' in error ? String(error.code) : 'unreadable' }) }
    },
    certificateExpiresAt: () => used?.expiresAt ?? 0,
    async close (withinMs) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = rooms.clock.after(withinMs, resolve)
      server.close(resolve)
      await promise
      timer.cancel()
    },
  }
}
