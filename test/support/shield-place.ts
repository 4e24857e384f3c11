// What a shield mailbox needs around it: the CRM's mailbox on a mail server, name servers that know who sends from where, a domain that signs; and somebody outside who writes.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Test } from 'tap'
import { createTestAuthority } from './certificates.ts'
import { startDns, type TestDns } from './dns-server.ts'
import { startJourney, type Journey } from './journey.ts'
import { policyFile } from './mail-place.ts'
import { startSmarthost, type SmarthostOptions, type TestSmarthost } from './smarthost.ts'

type Draft = Record<string, Record<string, unknown>>

export interface ShieldPlaceOptions {
  readonly shield?: Readonly<Record<string, unknown>>
  readonly listener?: Readonly<Record<string, unknown>>
  readonly mailbox?: Readonly<Record<string, unknown>>
  readonly aliases?: readonly Readonly<Record<string, unknown>>[]
  readonly outbound?: Readonly<Record<string, unknown>>
  readonly associates?: readonly unknown[]
  readonly server?: SmarthostOptions
  readonly port?: number
}

export interface ShieldPlace {
  readonly directory: string
  readonly mailbox: TestSmarthost
  readonly dns: TestDns
  /** Signs what patient.example sends. */
  readonly dkim: { readonly domainName: string, readonly keySelector: string, readonly privateKey: string }
  /** Adds the shield mailbox to a configuration. */
  configure (draft: Draft): void
}

export const leads = { name: 'leads', address: 'leads@clinic.example', mailbox: 'leads@crm.example', policy: policyFile }
export const shieldName = 'crm.clinic.test'

const keys = generateKeyPairSync('rsa', { modulusLength: 1024, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
const dkim = { domainName: 'patient.example', keySelector: 's1', privateKey: keys.privateKey }

/** patient.example sends from this machine and signs; strict.example and careful.example from elsewhere, and want what is not theirs refused or held. */
export const zones = {
  'patient.example': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
  's1._domainkey.patient.example': { TXT: [`v=DKIM1; k=rsa; p=${keys.publicKey.toString('base64')}`] },
  '_dmarc.patient.example': { TXT: ['v=DMARC1; p=reject'] },
  'strict.example': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  '_dmarc.strict.example': { TXT: ['v=DMARC1; p=reject'] },
  'careful.example': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  '_dmarc.careful.example': { TXT: ['v=DMARC1; p=quarantine'] },
  'plain.example': { A: ['127.0.0.1'] },
}

export async function createShieldPlace (t: Test, options: ShieldPlaceOptions = {}): Promise<ShieldPlace> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-shield-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const authority = await createTestAuthority()
  const mailbox = await startSmarthost(t, authority, options.server)
  const dns = await startDns(t, { ...zones })
  const authorityFile = join(directory, 'mailbox.pem')
  writeFileSync(authorityFile, authority.caPem)
  return {
    directory,
    mailbox,
    dns,
    dkim,
    configure (draft) {
      draft['outbound'] = {
        ...options.outbound,
        shield: {
          name: shieldName,
          listener: { host: '127.0.0.1', port: options.port ?? 0, ...options.listener },
          mailbox: { host: '127.0.0.1', port: mailbox.port, authority: authorityFile, ...options.mailbox },
          aliases: options.aliases ?? [leads],
          nameServers: [dns.address],
          ...options.shield,
        },
      }
      if (options.associates !== undefined) Object.assign(draft, { associates: options.associates })
    },
  }
}

export async function startShield (t: Test, options: ShieldPlaceOptions = {}): Promise<{ readonly journey: Journey, readonly place: ShieldPlace, readonly port: number }> {
  const place = await createShieldPlace(t, options)
  const journey = await startJourney(t, { configure: place.configure })
  return { journey, place, port: journey.shieldPort as number }
}

export const letter = {
  from: '"Zyxwina Qwertzon" <zyxwina.qwertzon@patient.example>',
  to: 'leads@clinic.example',
  subject: 'Zyxwina Qwertzon is waiting',
  text: 'My name is Zyxwina Qwertzon, SSN 987-65-4321. I ask for a later appointment.',
  headers: { 'X-Note': 'Zyxwina' },
}
export const plantedOutside = ['Zyxwina', 'Qwertzon', 'zyxwina.qwertzon', 'patient.example', '987-65-4321']

/** Hands a mail in as a server outside does, over STARTTLS; throws what the gateway answers. */
export async function writeTo (port: number, mail: SendMailOptions, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, requireTLS: true, name: 'mail.patient.example', tls: { rejectUnauthorized: false }, ...settings })
  try {
    const { response } = await transport.sendMail(mail)
    return response
  } finally { transport.close() }
}

/** All that lies below a directory. */
export function readClear (directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name)).filter(name => statSync(name).isFile()).map(name => readFileSync(name, 'latin1')).join('\n')
}
