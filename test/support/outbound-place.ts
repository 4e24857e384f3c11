// What an outbound door needs around it: an https receiver with its authority, a policy, keys, an agreement; and a CRM that hands messages in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'node:http'
import type { Test } from 'tap'
import { createTestAuthority } from './certificates.ts'
import { signingKey, startReceiver, type Receiver } from './receiver.ts'

export const crmToken = 'the-token-of-the-crm-0123456789'

const policy = `name: leads
version: 3
profile: minimum-necessary
rules:
  - { path: status, action: keep, oneOf: [new, open, closed] }
  - { path: contact.id, action: mask }
  - { path: contact.name, action: mask, kind: name }
  - { path: contact.phone, action: release, kind: phone }
  - { path: contact.email, action: release, kind: email }
  - { path: note, action: prose }
  - { path: secret, action: hold }
`

/** Names that nobody has, numbers that were never given out. */
export const lead = {
  status: 'new',
  contact: { id: 'p-4711', name: 'Zyxwina Qwertzon', phone: '212-555-0177', email: 'zyxwina.qwertzon@patient.example' },
  note: 'Zyxwina Qwertzon, SSN 987-65-4321, asks for a later appointment.',
  internal: 'nobody named this field',
}
export const planted = ['Zyxwina', 'Qwertzon', '987-65-4321', 'p-4711', 'nobody named']

type Draft = Record<string, Record<string, unknown>>

export interface OutboundPlace {
  readonly directory: string
  readonly receiver: Receiver
  /** Adds the outbound door to a configuration. */
  configure (draft: Draft): void
  readonly policyFile: string
}

export interface PlaceOptions {
  readonly destination?: Readonly<Record<string, unknown>>
  readonly outbound?: Readonly<Record<string, unknown>>
  /** Undefined: none. */
  readonly associate?: Readonly<Record<string, unknown>> | undefined
  readonly port?: number
}

export const associate = {
  name: 'vendor', vendor: 'Vendor Inc.', scope: 'reminders', signed: '2020-01-01', expires: '2090-12-31', documentSha256: '0'.repeat(64), contact: 'privacy@vendor.example', destinations: ['leads'], kinds: ['phone'],
}

export async function createOutboundPlace (t: Test, options: PlaceOptions = {}): Promise<OutboundPlace> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-outbound-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const authority = await createTestAuthority()
  const receiver = await startReceiver(t, authority)
  const write = (name: string, text: string) => { const file = join(directory, name); writeFileSync(file, text, { mode: 0o600 }); return file }
  const authorityFile = write('vendor.pem', authority.caPem)
  const policyFile = write('leads.yaml', policy)
  const token = write('crm.token', crmToken)
  const key = write('signing.key', signingKey)
  return {
    directory,
    receiver,
    policyFile,
    configure (draft) {
      draft['outbound'] = {
        listener: { port: options.port ?? 0 },
        allowAddresses: ['127.0.0.1'],
        destinations: [{
          name: 'leads',
          url: receiver.url,
          authority: authorityFile,
          policy: policyFile,
          sender: { form: 'token', secret: { file: token } },
          signingKey: { file: key },
          purpose: 'appointment reminders',
          patient: 'contact.id',
          ...(options.associate === undefined ? {} : { associate: 'vendor' }),
          ...options.destination,
        }],
        ...options.outbound,
      }
      if (options.associate !== undefined) (draft as Record<string, unknown>)['associates'] = [options.associate]
    },
  }
}

export interface Handed { readonly status: number, readonly body: string, readonly json: Record<string, unknown> }

export interface HandIn {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The CRM hands a message in. Throws when the connection breaks. */
export async function handIn (port: number, { path = '/leads', method = 'POST', headers = {}, body = JSON.stringify(lead) }: HandIn = {}): Promise<Handed> {
  return await new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { authorization: `Bearer ${crmToken}`, 'content-type': 'application/json', ...headers } }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        let json: Record<string, unknown> = {}
        try { json = JSON.parse(text) as Record<string, unknown> } catch { /* not ours */ }
        resolve({ status: response.statusCode ?? 0, body: text, json })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Looks again until it is so, with the moved clock when there is one. Throws after about twenty seconds. */
export async function until (isSo: () => boolean | Promise<boolean>, clock?: { advance (ms: number): Promise<void> }): Promise<void> {
  for (let look = 0; look < 2000; look += 1) {
    if (await isSo()) return
    await new Promise(resolve => { setTimeout(resolve, 10) })
    await clock?.advance(20)
  }
  throw new Error('what was waited for did not happen')
}
