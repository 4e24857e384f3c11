// What is measured beside each other: our gateway with everything on, the bare @fastify/http-proxy, and nginx. Each is a process pinned to
// the first core; the upstream and the load are on the second.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../src/shared/clock.ts'
import { createBrowser } from '../test/support/browser.ts'
import { createTestAuthority } from '../test/support/certificates.ts'
import { freePort, nurse, writeConfig, type JourneyOptions } from '../test/support/journey.ts'
import { startJourneyIdp } from '../test/support/journey-idp.ts'
import type { LoadTarget } from './load.ts'

export interface Peer extends LoadTarget {
  readonly name: string
  stop(): Promise<void>
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A Node process on one core whose first line of output is its port. */
async function startNode (core: number, script: string, args: readonly string[] = []): Promise<{ readonly child: ChildProcess, readonly port: number }> {
  const child = spawn('taskset', ['-c', String(core), process.execPath, script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunk] = await once(child.stdout, 'data') as [Buffer]
  return { child, port: Number(String(chunk).trim()) }
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

export async function startUpstream () {
  const { child, port } = await startNode(1, here('upstream.ts'))
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
  /** The same gateway with other settings. */
  readonly variant?: { readonly name: string, readonly configure: NonNullable<JourneyOptions['configure']> }
}

/** The gateway with TLS, allowlist, session, access rules, durable audit and identity headers, and a live session to load it with. */
export async function startGatewayPeer (options: GatewayPeerOptions): Promise<GatewayPeer> {
  const { isUngated = false, variant } = options
  const directory = join(options.directory, variant !== undefined ? variant.name.replaceAll(' ', '-') : isUngated ? 'ungated' : options.redisUrl === undefined ? 'spool' : 'redis')
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
      if (options.redisUrl !== undefined) draft['audit'] = { ...draft['audit'], redis: { url: options.redisUrl } }
      variant?.configure(draft)
    },
  })
  const began = performance.now()
  const program = isUngated ? [here('audit/ungated.ts'), configFile] : [here('../bin/sallyport.js'), 'serve', '--config', configFile]
  const child = spawn('taskset', ['-c', '0', process.execPath, ...program], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.setEncoding('utf8')
  for await (const chunk of child.stdout as AsyncIterable<string>) if (chunk.includes('gateway.started')) break
  const coldStartMs = performance.now() - began
  child.stdout.resume()
  const browser = createBrowser({ ca: authority.caPem, port })
  await browser.submit(await browser.open(publicUrl))
  await idp.close()
  const cookie = browser.cookies('crm.clinic.test')
  if (!cookie.includes('__Host-sallyport=')) throw new Error('the bench could not sign in')
  return {
    name: variant?.name ?? (isUngated ? 'sallyport, nothing recorded' : options.redisUrl === undefined ? 'sallyport (spool)' : 'sallyport (spool and Redis)'),
    url: `https://127.0.0.1:${port}/`,
    headers: { Host: `crm.clinic.test:${port}`, cookie },
    processIds: [child.pid as number],
    pid: child.pid as number,
    directory,
    port,
    caPem: authority.caPem,
    coldStartMs,
    stop: () => end(child),
  }
}

interface CertificateFiles { readonly certificate: string, readonly key: string }

export async function writeCertificate (directory: string): Promise<CertificateFiles> {
  const authority = await createTestAuthority()
  const leaf = await authority.issue({ names: ['localhost'], addresses: ['127.0.0.1'] })
  const files = { certificate: join(directory, 'peer.pem'), key: join(directory, 'peer.key') }
  writeFileSync(files.certificate, leaf.certPem)
  writeFileSync(files.key, leaf.keyPem, { mode: 0o600 })
  return files
}

export async function startBareHttpProxy (upstreamUrl: string, files: CertificateFiles): Promise<Peer> {
  const { child, port } = await startNode(0, here('bare-http-proxy.ts'), [upstreamUrl, files.certificate, files.key])
  return { name: 'bare @fastify/http-proxy', url: `https://127.0.0.1:${port}/`, headers: {}, processIds: [child.pid as number], stop: () => end(child) }
}

export async function startNginx (upstreamUrl: string, files: CertificateFiles, directory: string): Promise<Peer> {
  const port = await freePort()
  const file = join(directory, 'nginx.conf')
  writeFileSync(file, `
daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr error; user root;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  upstream crm { server ${new URL(upstreamUrl).host}; keepalive 128; }
  server {
    listen 127.0.0.1:${port} ssl; ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key}; ssl_protocols TLSv1.2 TLSv1.3; keepalive_requests 1000000000;
    location / { proxy_pass http://crm; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`)
  const child = spawn('taskset', ['-c', '0', 'nginx', '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (let tries = 0; tries < 200; tries += 1) {
    try { readFileSync(join(directory, 'nginx.pid')); break } catch { await new Promise(resolve => { setTimeout(resolve, 20) }) }
  }
  const workers = readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(name => { try { return readFileSync(`/proc/${name}/stat`, 'utf8').split(' ')[3] === String(child.pid) } catch { return false } }).map(Number)
  return { name: 'nginx', url: `https://127.0.0.1:${port}/`, headers: {}, processIds: [child.pid as number, ...workers], stop: () => end(child) }
}

/** Installs what the bench needs when apt is there and we may; else says what is missing. */
export function requirePrograms (programs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(programs).filter(([program]) => {
    try { execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }); return false } catch { return true }
  }).map(([, packageName]) => packageName)
  if (missing.length === 0) return
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-qq', ...missing], { stdio: 'ignore' })
  } catch {
    throw new Error(`The bench needs Debian's packages ${missing.join(', ')}: apt-get install ${missing.join(' ')}`)
  }
}
