// The whole gateway for a journey: configuration from a real YAML file, real sockets, the sample CRM, an IdP that signs, a clock that moves.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes, randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket, { type ClientOptions } from 'ws'
import { stringify } from 'yaml'
import type { Test } from 'tap'
import { loadConfig } from '../../src/config/config.ts'
import { createGateway, type Gateway } from '../../src/gateway.ts'
import { createLogger } from '../../src/shared/log.ts'
import { startCrm, type Crm } from '../../scripts/demo/crm/crm.ts'
import { createBrowser, type Answer, type Browser } from './browser.ts'
import { createTestAuthority, type TestAuthority } from './certificates.ts'
import { createMovableClock, type MovableClock } from './clock.ts'
import { startJourneyIdp, type JourneyIdp, type JourneyPerson } from './journey-idp.ts'
import { readTrail } from './trail.ts'

export const nurse: JourneyPerson = { id: 'nurse-7', name: 'Nell Nurse', email: 'nurse-7@clinic.example', groups: ['clinic-nurses'] }
export const frontDesk: JourneyPerson = { id: 'desk-2', name: 'Fred Desk', email: 'desk-2@clinic.example', groups: ['clinic-desk'] }
export const stranger: JourneyPerson = { id: 'guest-1', name: 'Guy Guest', email: 'guest-1@clinic.example', groups: ['visitors'] }

type Draft = Record<string, Record<string, unknown>>

export interface JourneyOptions {
  /** Changes the configuration before it is written. */
  readonly configure?: (draft: Draft) => void
  /** Files beside the configuration. */
  readonly beforeLoad?: (directory: string) => void
  /** Another gateway that joins this one: same keys, CRM, IdP and clock. */
  readonly beside?: Journey
  /** When the movable clock begins, in milliseconds since the epoch; now without it. */
  readonly startAt?: number
  /** Real time instead of the movable clock's start. */
  readonly log?: (line: string) => void
}

export interface Journey {
  readonly url: string
  readonly port: number
  readonly host: string
  readonly healthUrl: string
  readonly outboundPort: number | undefined
  readonly mailPort: number | undefined
  readonly shieldPort: number | undefined
  readonly proxyPort: number | undefined
  readonly crm: Crm
  readonly idp: JourneyIdp
  readonly clock: MovableClock
  readonly gateway: Gateway
  readonly authority: TestAuthority
  readonly directory: string
  readonly configFile: string
  readonly log: string[]
  /** A browser at an address (loopback; 127.0.0.1 is allowed). */
  browser(from?: string): Browser
  /** Opens /live with the browser's cookies. */
  webSocket(browser: Browser, headers?: Readonly<Record<string, string>>, from?: string): WebSocket
  /** Signs in through the IdP and lands on `path`. */
  signIn(browser: Browser, options?: { readonly person?: JourneyPerson, readonly path?: string }): Promise<Answer>
  /** Reads the configuration file again. */
  reload(): Promise<void>
  /** Everything on record so far, decrypted. */
  trail(): Promise<Awaited<ReturnType<typeof readTrail>>>
  /** The same of a gateway that was closed. */
  readTrail(): ReturnType<typeof readTrail>
  close(): Promise<void>
}

/** A port below those that systems give to outgoing connections, so that none of the many that tests open takes it before it is used. */
export async function freePort (): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000)
    const probe = createServer().listen(port, '127.0.0.1')
    const isFree = await once(probe, 'listening').then(() => true, () => false)
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}

/** Moves the clock while real sockets work, so that a deadline on the moved clock can pass. Throws after 100 s of moved time (about 20 s). */
export async function advanceWhile<T> (asked: Promise<T>, clock: MovableClock): Promise<T> {
  const state = { settled: false }
  asked.finally(() => { state.settled = true }).catch(() => undefined)
  for (let step = 0; step < 2000 && !state.settled; step += 1) {
    await new Promise(resolve => { setTimeout(resolve, 10) })
    if (!state.settled) await clock.advance(50)
  }
  if (!state.settled) throw new Error('what was waited for did not happen within 100 s of moved time')
  return asked
}

/** Starts everything; the test's end stops it. */
export async function startJourney (t: Test, options: JourneyOptions = {}): Promise<Journey> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-journey-'))
  const { beside } = options
  const clock = beside?.clock ?? createMovableClock(options.startAt ?? Date.now())
  const authority = beside?.authority ?? await createTestAuthority()
  const port = await freePort()
  const url = `https://crm.clinic.test:${port}`
  const crm = beside?.crm ?? await startCrm()
  const publicUrl = beside?.url ?? url
  const idp = beside?.idp ?? await startJourneyIdp({ clock, spEntityId: `${publicUrl}/_sallyport/saml/metadata`, person: nurse })
  const configFile = await writeConfig({ directory, port, publicUrl, crm, idp, authority, configure: options.configure, secretsFrom: beside?.directory })
  options.beforeLoad?.(directory)
  const { config, digest } = await loadConfig(configFile)
  const log: string[] = []
  const gateway = await createGateway(config, {
    clock,
    configDigest: digest,
    version: '0.0.0-test',
    log: createLogger({ level: 'debug', name: 'journey', destination: { write: line => { log.push(line); options.log?.(line) } } }),
  })
  const { healthPort, outboundPort, mailPort, shieldPort, proxyPort } = await gateway.listen()
  const key = config.audit.key
  const journey: Journey = {
    url: publicUrl,
    port,
    host: new URL(publicUrl).host,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    outboundPort,
    mailPort,
    shieldPort,
    proxyPort,
    reload: async () => { await gateway.reload(await loadConfig(configFile)) },
    crm,
    idp,
    clock,
    gateway,
    authority,
    directory,
    configFile,
    log,
    browser: from => createBrowser({ ca: authority.caPem, port, ...(from === undefined ? {} : { from }) }),
    webSocket (browser, headers = {}, from = '127.0.0.1') {
      const options: ClientOptions & { readonly servername: string } = {
        ca: authority.caPem, servername: 'crm.clinic.test', localAddress: from, headers: { host: journey.host, origin: publicUrl, cookie: browser.cookies('crm.clinic.test'), ...headers },
      }
      return new WebSocket(`wss://127.0.0.1:${port}/live`, options)
    },
    async signIn (browser, { person = nurse, path = '/' } = {}) {
      idp.person = person
      const page = await browser.open(`${publicUrl}${path}`)
      return browser.submit(page)
    },
    readTrail: () => readTrail(join(directory, 'data', 'audit'), key),
    async trail () {
      await gateway.rooms.audit.flush({ timeoutMs: 5000, ship: false })
      return readTrail(join(directory, 'data', 'audit'), key)
    },
    async close () {
      await advanceWhile(gateway.close(), clock)
      if (beside === undefined) { await crm.close(); await idp.close() }
    },
  }
  t.teardown(async () => { await journey.close(); rmSync(directory, { recursive: true, force: true }) })
  return journey
}

interface Parts {
  readonly directory: string,
  readonly port: number,
  readonly publicUrl: string,
  readonly crm: { readonly url: string },
  readonly idp: JourneyIdp,
  readonly authority: TestAuthority
  readonly configure: JourneyOptions['configure'],
  readonly secretsFrom: string | undefined
}

/** Writes keys, certificates and gateway.yaml as an admin would; returns the file. */
export async function writeConfig (parts: Parts): Promise<string> {
  const { directory, port, crm, idp, authority } = parts
  const path = (name: string) => join(directory, name)
  const leaf = await authority.issue({ names: ['crm.clinic.test'] })
  writeFileSync(path('tls.pem'), leaf.certPem)
  writeFileSync(path('tls.key'), leaf.keyPem, { mode: 0o600 })
  writeFileSync(path('idp.pem'), idp.certificatePem)
  mkdirSync(path('data'), { mode: 0o700 })
  const secrets = parts.secretsFrom ?? directory
  if (parts.secretsFrom === undefined) for (const name of ['session.secret', 'audit.key']) writeFileSync(path(name), randomBytes(32).toString('base64'), { mode: 0o600 })
  const draft: Draft = {
    gateway: { name: 'journey', publicUrl: parts.publicUrl, dataDirectory: './data' },
    listeners: { public: { host: '127.0.0.1', port, drainTimeout: '100ms', tls: { certificates: [{ certificate: './tls.pem', key: './tls.key' }] } }, health: { port: 0 } },
    upstream: { url: crm.url },
    clientIp: { allow: ['127.0.0.1'] },
    signIn: { saml: { idp: { entityId: idp.entityId, signOnUrl: idp.signOnUrl, logoutUrl: idp.logoutUrl, certificates: ['./idp.pem'] } } },
    session: { secret: { file: join(secrets, 'session.secret') }, background: ['GET /api/notifications', '* /events'] },
    access: { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'] }, desk: { groups: ['clinic-desk'], allow: ['* /**'], deny: ['* /recordings/**', '* /api/recordings/**'] } } },
    audit: { key: { file: join(secrets, 'audit.key') } },
  }
  parts.configure?.(draft)
  writeFileSync(path('gateway.yaml'), stringify(draft))
  return path('gateway.yaml')
}
