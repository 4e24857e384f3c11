// Our gateway with everything on, and the bare proxies of Node that it is measured beside. Each is a process pinned to the first core; the
// upstream and the load are on the second.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../src/shared/clock.ts'
import { createBrowser } from '../test/support/browser.ts'
import { createTestAuthority } from '../test/support/certificates.ts'
import { createKeyPair } from '../test/support/key-pair.ts'
import { freePort, nurse, writeConfig } from '../test/support/journey.ts'
import { startJourneyIdp } from '../test/support/journey-idp.ts'
import type { LoadTarget } from './load.ts'
import { end, familyOf, loadCore, proxyCore, spawnOn, startNode } from './processes.ts'

export interface Peer extends LoadTarget {
  readonly name: string
  /** What certifies it. */
  readonly caPem: string
  /** Whether it speaks HTTP/2, and nothing else. */
  readonly isHttp2?: boolean
  /** Whether it passes WebSockets on. */
  readonly hasWebSockets?: boolean
  stop(): Promise<void>
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export async function startUpstream () {
  const { child, port } = await startNode(loadCore, here('upstream.ts'))
  return { url: `http://127.0.0.1:${port}`, stop: () => end(child) }
}

export interface GatewayPeer extends Peer {
  readonly directory: string
  readonly port: number
  readonly caPem: string
  readonly pid: number
  readonly coldStartMs: number
}

export interface GatewayPeerOptions {
  readonly directory: string
  readonly upstreamUrl: string
  readonly redisUrl?: string | undefined
  /** The same gateway, of which nothing is recorded: what the gate costs is the difference. */
  readonly isUngated?: boolean
  /** What is different about it. */
  readonly variant?: { readonly name: string, readonly configure: NonNullable<Parameters<typeof writeConfig>[0]['configure']> }
}

function nameOf ({ isUngated, redisUrl, variant }: GatewayPeerOptions): string {
  if (variant !== undefined) return `sallyport, ${variant.name}`
  if (isUngated === true) return 'sallyport, nothing recorded'
  return redisUrl === undefined ? 'sallyport (spool)' : 'sallyport (Redis)'
}

/** Until it says so. What it says afterwards is taken and forgotten. */
async function sayStarted ({ stdout }: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let text = ''
    stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4096)
      if (text.includes('gateway.started')) resolve()
    })
    stdout?.once('close', () => { reject(new Error(`the gateway did not start: ${text}`)) })
  })
}

/** The gateway with TLS, allowlist, session, access rules, durable audit and identity headers, and a live session to load it with. */
export async function startGatewayPeer (options: GatewayPeerOptions): Promise<GatewayPeer> {
  const { isUngated = false, variant } = options
  const name = nameOf(options)
  const directory = join(options.directory, name.replace(/\W+/g, '-'))
  mkdirSync(directory, { recursive: true })
  const authority = await createTestAuthority()
  const port = await freePort()
  const publicUrl = `https://crm.clinic.test:${port}`
  const idp = await startJourneyIdp({ clock: createSystemClock(), spEntityId: `${publicUrl}/_sallyport/saml/metadata`, person: nurse })
  const configFile = await writeConfig({
    directory,
    port,
    publicUrl,
    crm: { url: options.upstreamUrl },
    idp,
    authority,
    secretsFrom: undefined,
    configure (draft) {
      if (options.redisUrl !== undefined) draft['audit'] = { ...draft['audit'], redis: { url: options.redisUrl }, durability: 'redis' }
      variant?.configure(draft)
    },
  })
  const began = performance.now()
  const program = isUngated ? [here('audit/ungated.ts'), configFile] : [here('../bin/sallyport.js'), 'serve', '--config', configFile]
  const child = spawnOn(proxyCore, [process.execPath, ...program])
  await sayStarted(child)
  const coldStartMs = performance.now() - began
  const browser = createBrowser({ ca: authority.caPem, port })
  await browser.submit(await browser.open(publicUrl))
  await idp.close()
  const cookie = browser.cookies('crm.clinic.test')
  if (!cookie.includes('__Host-sallyport=')) throw new Error('the bench could not sign in')
  return {
    name,
    url: `https://127.0.0.1:${port}/`,
    host: 'crm.clinic.test',
    headers: { cookie },
    hasWebSockets: true,
    processIds: [child.pid as number],
    pid: child.pid as number,
    directory,
    port,
    caPem: authority.caPem,
    coldStartMs,
    stop: () => end(child),
  }
}

/** What the other peers have: a certificate for localhost. */
export interface PeerFiles {
  readonly directory: string
  readonly caPem: string
  readonly certificate: string
  readonly key: string
  /** Both in one file. */
  readonly pair: string
  /** RSA, self-signed: what signs SAML requests. */
  readonly samlCertificate: string
  readonly samlKey: string
}

export async function writeCertificate (directory: string): Promise<PeerFiles> {
  const authority = await createTestAuthority()
  const leaf = await authority.issue({ names: ['localhost'], addresses: ['127.0.0.1'] })
  const saml = await createKeyPair('CN=bench')
  const path = (name: string) => join(directory, name)
  const files = {
    directory, caPem: authority.caPem, certificate: path('peer.pem'), key: path('peer.key'), pair: path('peer-pair.pem'), samlCertificate: path('saml.pem'), samlKey: path('saml.key'),
  }
  writeFileSync(files.certificate, leaf.certPem)
  writeFileSync(files.key, leaf.keyPem, { mode: 0o600 })
  writeFileSync(files.pair, leaf.certPem + leaf.keyPem, { mode: 0o600 })
  writeFileSync(files.samlCertificate, saml.certificatePem)
  writeFileSync(files.samlKey, saml.keyPem, { mode: 0o600 })
  return files
}

interface BarePeer { readonly name: string, readonly script: string, readonly isHttp2?: boolean, readonly hasWebSockets?: boolean }

async function startBare (peer: BarePeer, upstreamUrl: string, files: PeerFiles): Promise<Peer> {
  const { script, ...rest } = peer
  const { child, port } = await startNode(proxyCore, here(script), [upstreamUrl, files.certificate, files.key, peer.isHttp2 === true ? 'h2' : 'http/1.1'])
  return { ...rest, url: `https://127.0.0.1:${port}/`, host: 'localhost', port, headers: {}, caPem: files.caPem, processIds: familyOf(child.pid as number), stop: () => end(child) }
}

export const bareName = 'bare @fastify/http-proxy'

/** (a): @fastify/http-proxy with TLS and no control. */
export function startBareHttpProxy (upstreamUrl: string, files: PeerFiles, isHttp2 = false): Promise<Peer> {
  return startBare({ name: bareName, script: 'bare-http-proxy.ts', isHttp2, hasWebSockets: !isHttp2 }, upstreamUrl, files)
}

/** (b): Node's own server and undici. */
export function startBareUndici (upstreamUrl: string, files: PeerFiles, isHttp2 = false): Promise<Peer> {
  return startBare({ name: 'bare undici', script: 'bare-undici.ts', isHttp2 }, upstreamUrl, files)
}
