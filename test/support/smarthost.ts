// A mail server that the gateway hands its mail to: npm's smtp-server with a certificate of the test's authority. It keeps what came and answers as it is told.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Test } from 'tap'
import type { TestAuthority } from './certificates.ts'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly body: Buffer
  readonly isEncrypted: boolean
  readonly user: string | undefined
}

export interface TestSmarthost {
  readonly port: number
  readonly seen: ReceivedMail[]
  /** Connections that were opened. */
  connections: number
  /** Most mails on their way at the same time. */
  mostAtOnce: number
  /** Throws to refuse: `responseCode` is the answer. */
  onRecipient: (address: string) => void
  onMail: (mail: ReceivedMail) => void | Promise<void>
  close (): Promise<void>
}

export interface SmarthostOptions {
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  readonly port?: number
  readonly options?: Readonly<SMTPServerOptions>
  readonly user?: { readonly name: string, readonly password: string }
}

export function refuseWith (responseCode: number, message = 'no'): never {
  throw Object.assign(new Error(message), { responseCode })
}

export async function startSmarthost (t: Test, authority: TestAuthority, settings: SmarthostOptions = {}): Promise<TestSmarthost> {
  const { names = ['smtp.vendor.test'], addresses = ['127.0.0.1'], options = {}, user } = settings
  const leaf = await authority.issue({ names: [...names], addresses: [...addresses] })
  const host: Omit<TestSmarthost, 'port' | 'close'> = { seen: [], connections: 0, mostAtOnce: 0, onRecipient: () => undefined, onMail: () => undefined }
  let atOnce = 0
  const server = new SMTPServer({
    cert: leaf.certPem,
    key: leaf.keyPem,
    disabledCommands: user === undefined ? ['AUTH'] : [],
    authOptional: user === undefined,
    disableReverseLookup: true,
    logger: false,
    onConnect (_session, done) { host.connections += 1; done() },
    onAuth ({ username, password }, _session, done) { if (username === user?.name && password === user?.password) done(null, { user: username }); else done(new Error('wrong')) },
    onRcptTo ({ address }, _session, done) { try { host.onRecipient(address); done() } catch (error) { done(error as Error) } },
    onData (stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const mail = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), body: Buffer.concat(chunks), isEncrypted: session.secure, user: session.user as string | undefined }
        atOnce += 1
        host.mostAtOnce = Math.max(host.mostAtOnce, atOnce)
        void (async () => host.onMail(mail))().then(() => { host.seen.push(mail); done() }, (error: unknown) => { done(error as Error) }).finally(() => { atOnce -= 1 })
      })
    },
    ...options,
  })
  server.on('error', () => { /* the gateway went away */ })
  const listening = server.listen(settings.port ?? 0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await new Promise<void>(resolve => { server.close(() => { resolve() }) })
  }
  t.teardown(close)
  return Object.assign(host, { port, close })
}
