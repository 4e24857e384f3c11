// What a mail relay needs around it: a mail server with its authority, policies, classes of recipients; and a CRM that hands mail in with nodemailer or line by line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Test } from 'tap'
import { createTestAuthority } from './certificates.ts'
import { startJourney, type Journey } from './journey.ts'
import { associate } from './outbound-place.ts'
import { startSmarthost, type SmarthostOptions, type TestSmarthost } from './smarthost.ts'

type Draft = Record<string, Record<string, unknown>>
type Write = (name: string, text: string) => string
/** Made with a way to write a file beside the configuration, where one is needed. */
type Settings = Readonly<Record<string, unknown>> | ((write: Write) => Readonly<Record<string, unknown>>)

const resolve = (settings: Settings | undefined, write: Write) => typeof settings === 'function' ? settings(write) : settings

export interface MailPlaceOptions {
  readonly mail?: Settings
  readonly outbound?: Readonly<Record<string, unknown>>
  readonly listener?: Settings
  readonly smarthost?: Settings
  readonly server?: SmarthostOptions
  readonly associates?: readonly unknown[]
  readonly port?: number
}

export interface MailPlace {
  readonly directory: string
  readonly smarthost: TestSmarthost
  readonly authorityFile: string
  write (name: string, text: string): string
  configure (draft: Draft): void
}

export const policyFile = fileURLToPath(new URL('../../config/policies/mail.yaml', import.meta.url))
/** Names that nobody has, numbers that were never given out. */
export const planted = ['Zyxwina', 'Qwertzon', '987-65-4321', '555-0177', 'p-4711']

export const classes = (policy = policyFile) => [
  { name: 'staff', who: 'staff', domains: ['clinic.example', '*.clinic.example'], action: 'redact', policy },
  { name: 'vendor', who: 'vendor', domains: ['vendor.example'], action: 'redact', policy, associate: 'vendor' },
  { name: 'held', who: 'staff', addresses: ['held@elsewhere.example'], action: 'hold' },
  { name: 'patients', who: 'patient', domains: ['*'], action: 'notice' },
]

export async function createMailPlace (t: Test, options: MailPlaceOptions = {}): Promise<MailPlace> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-mail-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const authority = await createTestAuthority()
  const smarthost = await startSmarthost(t, authority, options.server)
  const write = (name: string, text: string) => { const file = join(directory, name); writeFileSync(file, text, { mode: 0o600 }); return file }
  const authorityFile = write('smarthost.pem', authority.caPem)
  return {
    directory,
    smarthost,
    authorityFile,
    write,
    configure (draft) {
      draft['outbound'] = {
        allowAddresses: ['127.0.0.1'],
        ...options.outbound,
        mail: {
          listener: { port: options.port ?? 0, ...resolve(options.listener, write) },
          smarthost: { host: '127.0.0.1', port: smarthost.port, authority: authorityFile, ...resolve(options.smarthost, write) },
          sender: 'crm@clinic.example',
          senders: ['clinic.example'],
          recipients: classes(),
          patientHeader: 'X-Crm-Patient',
          ...resolve(options.mail, write),
        },
      }
      const { recipients } = draft['outbound']?.['mail'] as { readonly recipients: readonly { readonly name?: string }[] }
      const agreements = recipients.some(({ name }) => name === 'vendor') ? [{ ...associate, destinations: ['vendor'], kinds: ['date', 'phone'] }] : []
      Object.assign(draft, { associates: options.associates ?? agreements })
    },
  }
}

export async function startMail (t: Test, options: MailPlaceOptions = {}): Promise<{ readonly journey: Journey, readonly place: MailPlace, readonly port: number }> {
  const place = await createMailPlace(t, options)
  const journey = await startJourney(t, { configure: place.configure })
  return { journey, place, port: journey.mailPort as number }
}

/** Hands a mail in as a CRM does; throws what the gateway answers. */
export async function sendMail (port: number, mail: SendMailOptions, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true, ...settings })
  try {
    const { response } = await transport.sendMail({ from: '"CRM of Zyxwina" <crm@clinic.example>', to: 'nell@clinic.example', ...mail })
    return response
  } finally { transport.close() }
}

/** What the gateway answers to a mail that it does not take. */
export async function refusalOf (sending: Promise<unknown>): Promise<{ readonly responseCode: number | undefined, readonly response: string | undefined }> {
  try { await sending } catch (error) { return error as { readonly responseCode: number | undefined, readonly response: string | undefined } }
  return { responseCode: undefined, response: 'it was taken' }
}

/** Says the lines one after the other, each once the one before it was answered; returns the answers. */
export async function talk (port: number, lines: readonly (string | Buffer)[]): Promise<readonly string[]> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  const answers: string[] = []
  const waiting = [...lines]
  let rest = ''
  try {
    for await (const chunk of socket as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\r\n')
      rest = parts.pop() ?? ''
      const finished = parts.filter(line => /^\d{3} /.test(line))
      answers.push(...finished)
      if (finished.length === 0) continue
      const next = waiting.shift()
      if (next === undefined) break
      if (typeof next === 'string') socket.write(next, 'latin1')
      else socket.write(next)
    }
  } catch { /* the gateway hung up */ }
  socket.destroy()
  return answers
}
