// The listener for mail: SMTP with a library, bounded in size, time and number. It reads no mail before sender and recipients may send and get one, and decides nothing itself.
import { timingSafeEqual, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { Denial, Failure } from '../shared/errors.ts'
import { createRequestId } from '../shared/ids.ts'
import { durationMs, sizeBytes } from '../shared/schema.ts'
import { describeRefusal } from './describe.ts'
import type { MailConfig } from './mail/config.ts'
import { mailReasons } from './mail/mail.ts'
import { acceptMail } from './mail-pipeline.ts'
import { outboundReasons } from './reasons.ts'
import type { MailParts, OutboundRooms } from './rooms.ts'
import { hasLooseEnds, readMail, replyOf } from './smtp-intake.ts'

export interface MailListener {
  listen (): Promise<{ readonly port: number }>
  /** No new mail; resolves when what is under way has been answered, at most after `withinMs`. */
  close (withinMs: number): Promise<void>
}

/** Bytes of mail that is being read or judged. */
const mostBytesAtOnce = 256 * 1024 * 1024

/** Digests are of one length whatever was sent, so a comparison tells nothing about it. */
function isSame (one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

type Done = (error?: Error | null, message?: string) => void

class MailReceiver {
  readonly #config: MailConfig['listener']
  readonly #rooms: OutboundRooms
  readonly #users: ReadonlyMap<string, string>
  #bytes = 0

  constructor (config: MailConfig['listener'], rooms: OutboundRooms) {
    this.#config = config
    this.#rooms = rooms
    this.#users = new Map(config.users.map(({ name, password }) => [name, password.reveal().trim()]))
  }

  auth ({ username = '', password }: SMTPServerAuthentication, session: SMTPServerSession, done: (error: Error | null, response?: { readonly user: string }) => void): void {
    const expected = this.#users.get(username)
    // Compared for an unknown user too, so that the time does not tell the users.
    const fits = isSame(password ?? '', expected ?? 'nobody has this password')
    if (fits && expected !== undefined) { done(null, { user: username }); return }
    done(this.#refuse(mailReasons.deny('mail.notSignedIn'), { session, wireTarget: undefined }))
  }

  mailFrom (address: string, session: SMTPServerSession, done: Done): void {
    this.#answer(done, { session, wireTarget: address }, () => {
      if (this.#config.tls !== undefined && !session.secure) throw mailReasons.deny('mail.notEncrypted')
      this.#parts.room.requireSender(address)
    })
  }

  rcptTo (address: string, session: SMTPServerSession, done: Done): void {
    this.#answer(done, { session, wireTarget: address }, () => {
      if (session.envelope.rcptTo.length >= this.#config.maxRecipients) throw mailReasons.deny('mail.tooManyRecipients')
      this.#parts.room.requireRecipient(address)
    })
  }

  async data (stream: SMTPServerDataStream, session: SMTPServerSession, done: Done): Promise<void> {
    const { clock, log } = this.#rooms
    const id = createRequestId()
    let taken = 0
    const take = (bytes: number): void => {
      taken += bytes
      this.#bytes += bytes
      if (this.#bytes > mostBytesAtOnce) throw mailReasons.fail('mail.busy', 'gateway')
    }
    const timer = clock.after(durationMs(this.#config.messageTimeout), () => { stream.destroy(mailReasons.deny('mail.tooSlow')) })
    try {
      const mostBytes = sizeBytes(this.#config.maxMessageSize)
      const body = await readMail(stream, { mostBytes, take })
      if (body === undefined) throw mailReasons.deny('mail.tooLarge')
      timer.cancel()
      if (hasLooseEnds(body)) throw mailReasons.deny('mail.lineEnds')
      const { mailFrom, rcptTo } = session.envelope
      const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) }
      await acceptMail({ id, envelope, address: session.remoteAddress, body }, this.#rooms)
      done(null, `Accepted as ${id}`)
    } catch (error) {
      log.info('mail.refused', { id, code: error instanceof Denial || error instanceof Failure ? error.code : 'outbound.bug' })
      done(this.#refuse(error, { session, wireTarget: undefined, id }))
    } finally {
      timer.cancel()
      this.#bytes -= taken
    }
  }

  get #parts (): MailParts { return this.#rooms.mail as MailParts }

  #answer (done: Done, about: About, judge: () => void): void {
    try { judge() } catch (error) { done(this.#refuse(error, about)); return }
    done()
  }

  /** A refusal is on record too. When the trail itself is what failed, there is nowhere to write it. */
  #refuse (error: unknown, { session, wireTarget, id = createRequestId() }: About): Error {
    const { audit, clock, metrics, log } = this.#rooms
    const isOurs = error instanceof Denial || error instanceof Failure
    const code = isOurs ? error.code : 'outbound.bug'
    if (!isOurs) log.bug('mail.bug', error, { id })
    metrics.denied(code)
    if (code !== 'audit.unavailable') audit.note(describeRefusal({ id, time: clock.now(), address: session.remoteAddress, destination: undefined, wireTarget, isMail: true }, code))
    return replyOf(isOurs ? error.reason : outboundReasons.table['outbound.bug'], id)
  }
}

interface About { readonly session: SMTPServerSession, readonly wireTarget: string | undefined, readonly id?: string }

function createServer (config: MailConfig['listener'], receiver: MailReceiver): SMTPServer {
  const { tls, users } = config
  const needsAuth = users.length > 0
  return new SMTPServer({
    name: 'sallyport',
    ...(tls === undefined ? {} : { cert: readFileSync(tls.certificate), key: readFileSync(tls.key), minVersion: 'TLSv1.2' }),
    disabledCommands: [...(tls === undefined ? ['STARTTLS'] : []), ...(needsAuth ? [] : ['AUTH'])],
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: !needsAuth,
    allowInsecureAuth: tls === undefined,
    size: sizeBytes(config.maxMessageSize),
    maxClients: config.maxConnections,
    maxCommandLength: 4096,
    socketTimeout: durationMs(config.quietTimeout),
    closeTimeout: 1000,
    disableReverseLookup: true,
    hideSMTPUTF8: true,
    logger: false,
    onAuth: (auth, session, done) => { receiver.auth(auth, session, done) },
    onMailFrom: ({ address }, session, done) => { receiver.mailFrom(address, session, done) },
    onRcptTo: ({ address }, session, done) => { receiver.rcptTo(address, session, done) },
    onData: (stream, session, done) => { void receiver.data(stream, session, done as Done) },
  })
}

export function createMailListener (config: MailConfig['listener'], rooms: OutboundRooms): MailListener {
  const server = createServer(config, new MailReceiver(config, rooms))
  // A client that goes away in the middle is no trouble of ours.
  server.on('error', (error: Error) => { rooms.log.info('mail.connectionBroke', { code: 'code' in error ? String(error.code) : error.name }) })
  return {
    async listen () {
      const listening = server.listen(config.port, config.host)
      await new Promise<void>((resolve, reject) => { listening.once('listening', resolve); listening.once('error', reject) })
      const bound = listening.address()
      if (bound === null || typeof bound === 'string') throw new TypeError('listener has no address')
      return { port: bound.port }
    },
    async close (withinMs) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = rooms.clock.after(withinMs, resolve)
      server.close(resolve)
      await promise
      timer.cancel()
    },
  }
}
