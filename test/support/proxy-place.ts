// What the forward proxy needs around it: hosts of vendors, an authority of the gateway's own, a policy, an agreement; and a CRM that calls through it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createCertificateAuthority } from '../../src/outbound/proxy/authority.ts'
import { createTestAuthority, type TestAuthority } from './certificates.ts'
import { startJourney, type Journey } from './journey.ts'
import { associate } from './outbound-place.ts'
import { startReceiver, type Receiver } from './receiver.ts'

export const proxyPassword = 'the-password-of-the-crm-0123456789'

export const proxyPolicy = `name: api
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
  - { path: segment3, action: keep, oneOf: [open, closed] }
`

type Draft = Record<string, Record<string, unknown>>

export interface ProxyPlace {
  readonly journey: Journey
  readonly port: number
  /** Opened: api.vendor.test. */
  readonly api: Receiver
  /** Tunnelled: files.vendor.test. */
  readonly files: Receiver
  /** In no list: localhost. */
  readonly unknown: Receiver
  readonly vendors: TestAuthority
  /** PEM file: what the CRM must trust beside the vendors'. */
  readonly trustFile: string
  readonly directory: string
  /** As HTTPS_PROXY has it. */
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}

export interface ProxyPlaceOptions {
  readonly open?: Readonly<Record<string, unknown>>
  readonly tunnel?: Readonly<Record<string, unknown>>
  readonly proxy?: Readonly<Record<string, unknown>>
  readonly outbound?: Readonly<Record<string, unknown>>
  readonly associate?: Readonly<Record<string, unknown>>
  readonly startAt?: number
}

export const proxyAssociate = { ...associate, destinations: ['api', 'files'] }

/** `options.open.host`: localhost makes the opened host one that is looked up. */
export async function startProxy (t: Test, options: ProxyPlaceOptions = {}): Promise<ProxyPlace> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-proxy-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const write = (name: string, text: string) => { const file = join(directory, name); writeFileSync(file, text, { mode: 0o600 }); return file }
  const vendors = await createTestAuthority()
  const api = await startReceiver(t, vendors, { names: ['api.vendor.test', 'localhost'] })
  const files = await startReceiver(t, vendors, { names: ['files.vendor.test', 'localhost'] })
  const unknown = await startReceiver(t, vendors)
  const own = await createCertificateAuthority(['api.vendor.test', 'localhost'], { now: Date.now(), days: 30 })
  const authority = write('vendors.pem', vendors.caPem)
  const trustFile = write('trust.pem', `${own.certificatePem}${vendors.caPem}`)
  const configure = (draft: Draft) => {
    draft['outbound'] = {
      allowAddresses: ['127.0.0.1'],
      proxy: {
        listener: { port: 0, password: { file: write('crm.password', proxyPassword) }, maxBodySize: '1MiB' },
        authority: { certificate: write('own.pem', own.certificatePem), key: { file: write('own.key', own.keyPem) } },
        hosts: [
          {
            action: 'open',
            name: 'api',
            host: 'api.vendor.test',
            ports: [api.port],
            address: '127.0.0.1',
            policy: write('api.yaml', proxyPolicy),
            associate: 'vendor',
            authority,
            requests: ['POST /v1/leads', 'GET /v1/leads', 'GET /v1/leads/*', 'GET /go'],
            headers: ['X-Api-Key'],
            purpose: 'appointment reminders',
            patient: 'contact.id',
            ...options.open,
          },
          { action: 'tunnel', name: 'files', host: 'files.vendor.test', ports: [files.port], address: '127.0.0.1', associate: 'vendor', purpose: 'backup of files', ...options.tunnel },
          { action: 'block', host: 'ads.vendor.test' },
        ],
        ...options.proxy,
      },
      ...options.outbound,
    }
    ;(draft as Record<string, unknown>)['associates'] = [options.associate ?? proxyAssociate]
  }
  const journey = await startJourney(t, { configure, ...(options.startAt === undefined ? {} : { startAt: options.startAt }) })
  const port = journey.proxyPort as number
  const url = `http://crm:${proxyPassword}@127.0.0.1:${port}`
  const env = { HTTPS_PROXY: url, https_proxy: url, HTTP_PROXY: url, http_proxy: url, CURL_CA_BUNDLE: trustFile, SSL_CERT_FILE: trustFile, REQUESTS_CA_BUNDLE: trustFile }
  return { journey, port, api, files, unknown, vendors, trustFile, directory, url, env }
}
