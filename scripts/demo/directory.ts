// The demo's temporary directory: certificates of a throw-away authority, secrets, the IdP's metadata and gateway.yaml. Nothing of it outlives the demo.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestAuthority } from './certificates.ts'

export interface DemoDirectory {
  readonly path: string
  /** The throw-away authority, for a browser or `curl --cacert`. */
  readonly authorityFile: string
  readonly configFile: string
  readonly logFile: string
  readonly trailDirectory: string
  readonly tls: { readonly certPem: string, readonly keyPem: string }
  /** Writes a file that only its owner may read. */
  write(name: string, content: string): Promise<void>
  remove(): Promise<void>
}

export async function createDirectory (): Promise<DemoDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'sallyport-demo-'))
  // However this process ends, the secrets do not stay behind.
  const removeNow = () => { rmSync(path, { recursive: true, force: true }) }
  process.once('exit', removeNow)
  const write = async (name: string, content: string) => {
    await writeFile(join(path, name), content, { mode: 0o600 })
  }
  await chmod(path, 0o700)
  await mkdir(join(path, 'tls'))
  await mkdir(join(path, 'secrets'))
  const authority = await createTestAuthority({ name: 'Sallyport demo (throw-away)' })
  const tls = await authority.issue({ names: ['localhost'], addresses: ['127.0.0.1', '::1'] })
  await write('tls/ca.pem', authority.caPem)
  await write('tls/gateway.pem', tls.certPem)
  await write('tls/gateway.key', tls.keyPem)
  await write('secrets/session', `${randomBytes(32).toString('base64')}\n`)
  await write('secrets/audit', `${randomBytes(32).toString('base64')}\n`)
  return {
    path,
    write,
    tls,
    authorityFile: join(path, 'tls', 'ca.pem'),
    configFile: join(path, 'gateway.yaml'),
    logFile: join(path, 'gateway.log'),
    trailDirectory: join(path, 'data', 'audit'),
    async remove () {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
      process.off('exit', removeNow)
    },
  }
}
