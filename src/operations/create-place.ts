// Makes the first place of a gateway: a commented configuration, its keys, the IdP's metadata and, if wanted, a throw-away certificate. It overwrites
// nothing, and judges what it wrote with the same check that the gateway starts with.
import { execFile } from 'node:child_process'
import { copyFile, lstat, readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { explainProfileName } from '../config/config.ts'
import { makeDirectory } from '../shared/make-directory.ts'
import { checkConfiguration, type ConfigurationCheck } from './check-configuration.ts'
import { createKeys } from './create-keys.ts'
import { describeCode, OperationError } from './operation-error.ts'

export interface PlaceAnswers {
  /** `https://crm.example`. */
  readonly publicUrl: string
  readonly crmUrl: string
  /** Address ranges. */
  readonly networks: readonly string[]
  /** The metadata's https address, or a file with it. */
  readonly idp: string
  /** Group at the IdP whose people may use the CRM. */
  readonly group: string
  /** What is known of the CRM, by name. */
  readonly profile: string | undefined
  readonly wantsCertificate: boolean
}

const certificateDays = 30
const text = (value: string) => JSON.stringify(value)

function writeYaml ({ publicUrl, crmUrl, networks, idp, group, profile }: PlaceAnswers): string {
  const port = URL.parse(publicUrl)?.port
  return `# Configuration of Sallyport. config/gateway.example.yaml has every setting there is; sallyport config check finds every mistake.
# Paths are relative to this file. Secrets never stand here: { file: PATH } or { env: NAME }.

gateway:
  # The address that people type into the browser.
  publicUrl: ${text(publicUrl)}
  # Audit trail and sessions live here: a disk that survives a restart, and a backup.
  dataDirectory: ./data

listeners:
  public:
    # Ports under 1024 need a right of their own (deploy/sallyport.service has it).
    port: ${port === undefined || port === '' ? 443 : port}
    tls:
      certificates:
        # The certificate with its intermediates, and its key. Renewed files are picked up without a restart.
        - { certificate: tls/crm.pem, key: tls/crm.key }

# The CRM. From now on only the gateway may reach it.
upstream:
  url: ${text(crmUrl)}
  # The authority of the CRM's certificate, when it is a private one:
  # authority: tls/upstream.pem

clientIp:
  # The networks from which people may come.
  allow:
${networks.map(network => `    - ${text(network)}`).join('\n')}
  # Load balancers in front whose X-Forwarded-For is believed:
  # trustedProxies: [ 198.51.100.7 ]

signIn:
  saml:
    # Give the IdP our metadata: ${publicUrl}/_sallyport/saml/metadata
    idp: ${idp.startsWith('https://') ? `{ metadataUrl: ${text(idp)} }` : '{ metadataFile: idp/metadata.xml }'}

session:
  # Protects the cookies.
  secret: { file: keys/session.secret }
  # Signed out after so long without doing anything (45 CFR 164.312(a)(2)(iii)).
  idleTimeout: 15m
  # What the CRM's pages ask for by themselves; it never counts as somebody being there:
  # background: [ GET /api/notifications ]

access:
  # Which request of the CRM is about which record, so that trail, rules and masks speak of patients: docs/profiles.md, docs/access.md.
  ${profile === undefined ? '# profile: suitecrm' : `profile: ${text(profile)}`}
  roles:
    # Who may use what. What no role allows is refused. More roles: docs/access.md.
    staff:
      groups: [ ${text(group)} ]
      allow: [ '* /**' ]

audit:
  # Seals the trail. Keep a copy off this machine: without it nobody can read the trail.
  key: { file: keys/audit.key }
  # Signs exports of the trail.
  exportKey: { file: keys/export.key }
`
}

async function makeCertificate (directory: string, publicUrl: string): Promise<void> {
  const host = (URL.parse(publicUrl)?.hostname ?? '').replace(/^\[|\]$/g, '')
  const name = isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`
  const [key, certificate] = [join(directory, 'tls', 'crm.key'), join(directory, 'tls', 'crm.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(certificateDays), '-subj', `/CN=${host.slice(0, 64)}`, '-addext', `subjectAltName=${name}`]
  try {
    await promisify(execFile)('openssl', [...request, '-keyout', key, '-out', certificate])
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new OperationError(`No certificate could be made: ${isMissing ? 'openssl is not installed. Install it' : 'openssl refused. Check the public address'}, or lay a certificate and its key into ${certificate} and ${key} yourself; the rest was written.`)
  }
}

/** The check of what was written. Throws an OperationError, before anything is written when something is there already. */
export async function createPlace (directory: string, answers: PlaceAnswers): Promise<ConfigurationCheck & { readonly file: string }> {
  const file = join(directory, 'gateway.yaml')
  if (await lstat(file).then(() => true, () => false)) throw new OperationError(`${file} exists already and is left as it is. Name another directory, or change that file.`)
  const unknown = answers.profile === undefined ? undefined : explainProfileName(answers.profile)
  if (unknown !== undefined) throw new OperationError(`--profile ${answers.profile}: ${unknown}`)
  const isAddress = answers.idp.startsWith('https://')
  if (!isAddress) {
    if (answers.idp.startsWith('http://')) throw new OperationError(`${answers.idp} begins with http://: whoever is on the way could name himself the identity provider. Use https://, or a file.`)
    await readFile(answers.idp).catch((error: unknown) => { throw new OperationError(`The IdP's metadata cannot be read from ${answers.idp}${describeCode(error)}: name the file that your identity provider gave you, or the address of its metadata.`) })
  }
  await createKeys(join(directory, 'keys'))
  try {
    for (const name of ['tls', 'data', ...(isAddress ? [] : ['idp'])]) await makeDirectory(join(directory, name))
    if (!isAddress) await copyFile(answers.idp, join(directory, 'idp', 'metadata.xml'))
    await writeFile(file, writeYaml(answers), { flag: 'wx', mode: 0o640 })
  } catch (error) {
    throw new OperationError(`${directory} could not be filled${describeCode(error)}: check that this account may write there.`)
  }
  if (answers.wantsCertificate) await makeCertificate(directory, answers.publicUrl)
  return { ...await checkConfiguration(file), file }
}
