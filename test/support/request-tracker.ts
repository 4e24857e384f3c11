// Request Tracker from Debian's packages, unmodified, with a database of its own: an application that nobody here wrote.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { explainMissing, obtain, requestTrackerRequirement } from '../../scripts/requirements.ts'
import { freePort } from './journey.ts'

export interface RequestTracker {
  readonly url: string
  /** What came in at `url`, as `GET /Ticket/Display.html?id=1`. */
  readonly seen: string[]
  /** Of the account `root`, which its own installation makes. */
  readonly password: string
  /** Calls its REST interface directly, past every gateway and what is `seen`. */
  rest (method: string, path: string, body?: unknown): Promise<unknown>
  stop (): Promise<void>
}

const run = promisify(execFile)
const server = '/usr/share/request-tracker5/libexec/rt-server'

export async function startRequestTracker (): Promise<RequestTracker> {
  const setup = obtain(requestTrackerRequirement)
  if (setup === undefined) throw new Error(explainMissing(requestTrackerRequirement))
  const root = mkdtempSync(join(tmpdir(), 'sallyport-request-tracker-'))
  const port = await freePort()
  for (const name of ['conf.d', 'mason', 'sessions']) mkdirSync(join(root, name))
  writeFileSync(join(root, 'site.pm'), describeSite({ root, port }))
  const env = { ...process.env, RT_SITE_CONFIG: join(root, 'site.pm'), RT_SITE_CONFIG_DIR: join(root, 'conf.d') }
  await run(setup, ['--action', 'init', '--skip-create', '--dba', '', '--dba-password', ''], { env })
  const child = spawn(server, ['--port', String(port), '--host', '127.0.0.1'], { env, stdio: 'ignore' })
  const exited = new Promise<void>(resolve => { child.once('exit', () => { resolve() }) })
  const direct = `http://127.0.0.1:${port}`
  const watched = await watch(port)
  const password = 'password'
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
    watched.close()
    rmSync(root, { recursive: true, force: true })
  }
  await Promise.race([waitUntilThere(direct), exited.then(() => { throw new Error('Request Tracker ended as soon as it was started.') })]).catch(async (error: unknown) => { await stop(); throw error })
  return {
    url: watched.url,
    seen: watched.seen,
    password,
    async rest (method, path, body) {
      const answer = await fetch(`${direct}/REST/2.0${path}`, {
        method,
        headers: { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return await answer.json()
    },
    stop,
  }
}

function describeSite ({ root, port }: { readonly root: string, readonly port: number }): string {
  return `Set($rtname, 'clinic.example');
Set($Organization, 'clinic.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, ${port});
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '${root}/rt.sqlite');
Set($DatabaseUser, '');
Set($DatabaseAdmin, '');
Set($MasonDataDir, '${root}/mason');
Set($MasonSessionDir, '${root}/sessions');
Set($WebSessionClass, 'Apache::Session::File');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set($MailCommand, 'mbox');
Set($RestrictReferrer, 0);
1;
`
}

/**
 * Passes everything on as it came, and keeps what was asked. Byte for byte: after an answer without a body its server sends one more last chunk, which undici
 * bears and Node's own client does not.
 */
async function watch (port: number) {
  const seen: string[] = []
  const relay = createServer(inner => {
    const outer = connect(port, '127.0.0.1')
    inner.on('data', (chunk: Buffer) => {
      const line = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1', 0, 4096))?.[1]
      if (line !== undefined) seen.push(line)
    })
    inner.on('error', () => { outer.destroy() })
    outer.on('error', () => { inner.destroy() })
    inner.pipe(outer).pipe(inner)
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return { url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`, seen, close: () => { relay.close() } }
}

const longestStartMs = 60_000

async function waitUntilThere (url: string): Promise<void> {
  const end = Date.now() + longestStartMs
  for (;;) {
    const isThere = await fetch(url, { redirect: 'manual' }).then(async answer => { await answer.arrayBuffer(); return true }, () => false)
    if (isThere) return
    if (Date.now() > end) throw new Error(`Request Tracker does not answer at ${url}.`)
    await new Promise(resolve => { setTimeout(resolve, 100) })
  }
}
