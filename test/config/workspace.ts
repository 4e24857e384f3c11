// A directory with everything that a working configuration names, and the configuration to change from.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig, type Environment, type LoadedConfig } from '../../src/config/config.ts'
import { ConfigurationError, formatFinding, type Finding } from '../../src/shared/errors.ts'
import type { Clock } from '../../src/shared/clock.ts'
import { createTestAuthority } from '../support/certificates.ts'
import { createKeyPair, type KeyPair } from '../support/key-pair.ts'
import { writeIdpMetadata } from '../support/saml-metadata.ts'

export const baseYaml = `gateway:
  publicUrl: https://crm.example
listeners:
  public:
    tls:
      certificates:
        - certificate: tls/crm.pem
          key: tls/crm.key
upstream:
  url: http://127.0.0.1:8080
clientIp:
  allow: [203.0.113.0/24]
signIn:
  saml:
    idp:
      metadataFile: idp/metadata.xml
session:
  secret: { file: keys/session.secret }
access:
  roles:
    nurse: { groups: [nurses], allow: ['* /**'] }
audit:
  key: { file: keys/audit.key }
`

export interface Loading {
  readonly loaded: LoadedConfig | undefined
  readonly findings: readonly Finding[]
  /** `line:column  message` of each finding. */
  readonly lines: readonly string[]
}

export interface Workspace {
  readonly directory: string
  path(name: string): string
  write(name: string, content: string | Uint8Array): string
  /** Loads a configuration of this text. */
  load(yaml: string, options?: { readonly env?: Environment, readonly clock?: Clock }): Promise<Loading>
  remove(): void
}

/** Made once: an RSA key takes long. */
let madePair: Promise<KeyPair> | undefined
const idpPair = () => (madePair ??= createKeyPair('idp.example'))

export async function createWorkspace (): Promise<Workspace> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
  const path = (name: string) => join(directory, name)
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), content)
    return path(name)
  }
  const authority = await createTestAuthority()
  const certificate = await authority.issue({ names: ['crm.example'] })
  write('tls/crm.pem', certificate.certPem)
  write('tls/crm.key', certificate.keyPem)
  write('tls/authority.pem', authority.caPem)
  write('idp/metadata.xml', writeIdpMetadata({ certificates: [(await idpPair()).certificatePem] }))
  write('keys/session.secret', randomBytes(32).toString('base64'))
  write('keys/audit.key', `${randomBytes(32).toString('base64')}\n`)
  return {
    directory,
    path,
    write,
    async load (yaml, { env = {}, clock } = {}) {
      const file = write('gateway.yaml', yaml)
      try {
        return { loaded: await (clock === undefined ? loadConfig(file, env) : loadConfig(file, env, clock)), findings: [], lines: [] }
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
        return { loaded: undefined, findings: error.findings, lines: error.findings.map(finding => formatFinding(finding).slice(file.length + 1)) }
      }
    },
    remove () { rmSync(directory, { recursive: true, force: true }) },
  }
}

/** The base configuration with one line replaced; throws when there is no such line. */
export function replaceLine (line: string, by: string): string {
  if (!baseYaml.includes(`${line}\n`)) throw new Error(`no line ${line}`)
  return baseYaml.replace(`${line}\n`, by === '' ? '' : `${by}\n`)
}
