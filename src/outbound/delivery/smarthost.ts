// Hands mail to one server: the one that it leaves through, or the one that has the CRM's mailbox. The address is checked, the certificate verified, nothing said before the
// connection is encrypted; only on this machine it need not be. It sends the bytes that it is given and never looks into them.
import { isAscii } from 'node:buffer'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { MailEnvelope } from '../stored-message.ts'
import { addressRefused, createCheckedLookup, refuseAddress, type MayConnect } from './addresses.ts'
import type { DeliveryCode } from './send-message.ts'

export interface Smarthost {
  readonly host: string
  readonly port: number
  /** SMTP without it. */
  readonly protocol?: 'smtp' | 'lmtp'
  /** `none`: `mayConnect` lets it be on this machine only. */
  readonly tls: 'starttls' | 'implicit' | 'none'
  /** PEM file. */
  readonly authority: string | undefined
  readonly signIn: { readonly user: string, readonly password: string } | undefined
  /** What the gateway calls itself. */
  readonly name: string
}

export type MailAttempt =
  /** What became of each recipient; the rest is tried again. */
  | { readonly is: 'answered', readonly accepted: readonly string[], readonly refused: readonly string[], readonly status: number | undefined }
  /** `isServer`: it is about the server, not about this mail. */
  | { readonly is: 'broken', readonly code: DeliveryCode, readonly status: number | undefined, readonly isServer: boolean }

export interface SmarthostSender {
  /** Never throws. */
  send (envelope: MailEnvelope, body: Buffer): Promise<MailAttempt>
  close (): void
}

export interface SmarthostDeps { readonly mayConnect: MayConnect, readonly timeoutMs: number, readonly now: () => number }

interface Open { readonly connection: SMTPConnection, idleSince: number, sent: number }

/** Servers close what is idle after a minute or more, and tire of a connection that sends for ever. */
const longestIdleMs = 20_000
const mostOnOne = 200

interface Rejection { readonly recipient?: string, readonly responseCode?: number }
interface SendError extends Error { readonly code?: string, readonly responseCode?: number, readonly rejectedErrors?: readonly Rejection[] }

async function openSocket ({ host, port }: Smarthost, { mayConnect, timeoutMs }: SmarthostDeps): Promise<Socket> {
  if (isIP(host) !== 0 && !mayConnect(host)) throw refuseAddress()
  const socket = connect({ host, port, lookup: createCheckedLookup(mayConnect), autoSelectFamily: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) })
    if (!mayConnect(socket.remoteAddress ?? '')) throw refuseAddress()
  } catch (error) { socket.destroy(); throw error }
  return socket
}

/** One call of the library, which ends by its callback, by an error of the connection or by its end. */
async function step (connection: SMTPConnection, run: (done: (error?: Error | null) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const ended = () => { reject(Object.assign(new Error('ended'), { code: 'ECONNECTION' })) }
  connection.once('error', reject)
  connection.once('end', ended)
  run(error => { if (error === undefined || error === null) resolve(); else reject(error) })
  try { await promise } finally { connection.off('error', reject); connection.off('end', ended) }
}

async function open (smarthost: Smarthost, deps: SmarthostDeps): Promise<Open> {
  const { host, port, protocol, tls, authority, signIn, name } = smarthost
  const { timeoutMs } = deps
  // Here, because a gateway without mail loads nothing of it.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection')
  const connection = new Connection({
    host,
    port,
    name,
    connection: await openSocket(smarthost, deps),
    secure: tls === 'implicit',
    requireTLS: tls !== 'none',
    ignoreTLS: tls === 'none',
    lmtp: protocol === 'lmtp',
    logger: false,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Whatever the environment says; the name is that of the configuration, also behind an address.
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', host, ...(authority === undefined ? {} : { ca: readFileSync(authority, 'utf8') }) },
  })
  connection.on('error', () => { /* told by the step that it broke */ })
  try {
    await step(connection, done => { connection.connect(done) })
    if (tls !== 'none' && !connection.secure) throw Object.assign(new Error('not encrypted'), { code: 'ETLS' })
    if (signIn !== undefined) await step(connection, done => { connection.login({ credentials: { user: signIn.user, pass: signIn.password } }, done) })
  } catch (error) { connection.close(); throw error }
  return { connection, idleSince: deps.now(), sent: 0 }
}

function codeOf (error: SendError): DeliveryCode {
  const texts = [error.code, (error.cause as SendError | undefined)?.code, error.message].join(' ')
  if (texts.includes(addressRefused)) return 'delivery.addressRefused'
  if (/certificate|CERT|SELF_SIGNED|VERIFY|altnames|ISSUER/.test(texts)) return 'delivery.certificate'
  if (/ETLS|STARTTLS|SSL|EPROTO/.test(texts)) return 'delivery.notEncrypted'
  if (/EAUTH/.test(texts)) return 'delivery.notSignedIn'
  return /ETIMEDOUT|TimeoutError|AbortError|ABORT_ERR/.test(texts) ? 'delivery.tooSlow' : 'delivery.unavailable'
}

interface Sent { readonly accepted?: readonly string[], readonly rejectedErrors?: SendError['rejectedErrors'], readonly response?: string }

const refusedOf = (errors: SendError['rejectedErrors']) => (errors ?? []).flatMap(({ recipient, responseCode = 0 }) => recipient !== undefined && responseCode >= 500 ? [recipient] : [])

async function sendOn (connection: SMTPConnection, envelope: MailEnvelope, body: Buffer): Promise<MailAttempt> {
  let sent: Sent = {}
  try {
    const asked = { from: envelope.from, to: [...envelope.to], size: body.length, use8BitMime: !isAscii(body) }
    await step(connection, done => {
      connection.send(asked, body, (error, info) => {
        sent = (info ?? {}) as Sent
        done(error)
      })
    })
  } catch (cause) {
    const error = cause as SendError
    const status = error.responseCode
    if (error.rejectedErrors !== undefined && error.rejectedErrors.length > 0) return { is: 'answered', accepted: [], refused: refusedOf(error.rejectedErrors), status }
    if (status !== undefined && status >= 500) return { is: 'answered', accepted: [], refused: envelope.to, status }
    const isServer = status === undefined || status === 421
    return { is: 'broken', code: isServer ? codeOf(error) : 'delivery.unavailable', status, isServer }
  }
  return { is: 'answered', accepted: sent.accepted ?? [], refused: refusedOf(sent.rejectedErrors), status: Number(/^\d{3}/.exec(sent.response ?? '')?.[0]) || 250 }
}

/** Connects, encrypts and signs in, and sends nothing. Undefined: it works. */
export async function trySmarthost (smarthost: Smarthost, deps: SmarthostDeps): Promise<DeliveryCode | undefined> {
  try {
    (await open(smarthost, deps)).connection.quit()
    return undefined
  } catch (error) { return codeOf(error as SendError) }
}

export function createSmarthostSender (smarthost: Smarthost, deps: SmarthostDeps): SmarthostSender {
  const idle: Open[] = []
  const all = new Set<Open>()
  let isClosed = false
  const drop = (one: Open) => { all.delete(one); one.connection.close() }
  const take = async (): Promise<{ readonly one: Open, readonly isUsed: boolean }> => {
    for (let one = idle.pop(); one !== undefined; one = idle.pop()) {
      if (deps.now() - one.idleSince <= longestIdleMs && one.sent < mostOnOne && !one.connection.destroyed) return { one, isUsed: true }
      drop(one)
    }
    const one = await open(smarthost, deps)
    all.add(one)
    return { one, isUsed: false }
  }
  const send = async (envelope: MailEnvelope, body: Buffer): Promise<MailAttempt> => {
    let taken: Awaited<ReturnType<typeof take>>
    try { taken = await take() } catch (error) {
      return { is: 'broken', code: codeOf(error as SendError), status: (error as SendError).responseCode, isServer: true }
    }
    const { one, isUsed } = taken
    const attempt = await sendOn(one.connection, envelope, body)
    one.sent += 1
    one.idleSince = deps.now()
    // After a refusal the server is in the middle of something.
    if (attempt.is === 'broken' || attempt.accepted.length === 0 || isClosed) drop(one)
    else idle.push(one)
    // A connection that the server closed meanwhile says nothing about the server.
    if (attempt.is === 'broken' && attempt.isServer && attempt.status === undefined && isUsed && !isClosed) return await send(envelope, body)
    return attempt
  }
  return {
    send,
    close () {
      isClosed = true
      for (const one of all) drop(one)
      idle.length = 0
    },
  }
}
