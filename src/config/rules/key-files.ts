// Rules about certificates and private keys: they can be read, are what they should be, belong together and are valid today.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { parseDuration } from '../../shared/schema.ts'
import { nameOf, type Path } from '../problem.ts'
import { explainFileError } from '../read-file.ts'
import type { Report, Rule, RuleInput } from '../rule.ts'

const dayMs = 86_400_000
const warnBeforeMs = 14 * dayMs
const pemCertificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

async function readText (file: string, path: Path, report: Report): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    report.refuse(path, `names a file that ${explainFileError(error)}`)
    return undefined
  }
}

async function readCertificates (file: string | undefined, path: Path, report: Report): Promise<readonly X509Certificate[]> {
  const text = file === undefined ? undefined : await readText(file, path, report)
  if (text === undefined) return []
  try {
    const found = (text.match(pemCertificate) ?? []).map(part => new X509Certificate(part))
    if (found.length === 0) report.refuse(path, 'names a file without a certificate: a PEM file begins with -----BEGIN CERTIFICATE-----.')
    return found
  } catch {
    report.refuse(path, 'names a file with a damaged certificate.')
    return []
  }
}

function readKey (pem: string, path: Path, report: Report): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    const isProtected = /ENCRYPTED/.test(pem)
    report.refuse(path, isProtected ? 'is protected with a passphrase: write it without one into a file that only this account may read.' : 'is not a private key in PEM form (-----BEGIN PRIVATE KEY-----).')
    return undefined
  }
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** What is wrong with the dates of a certificate: that it is not valid now, or will soon not be. */
function explainDates (certificate: X509Certificate, now: number): { readonly isValid: boolean, readonly text: string } | undefined {
  const from = certificate.validFromDate.getTime()
  const to = certificate.validToDate.getTime()
  if (now > to) return { isValid: false, text: `names a certificate that ended on ${day(to)}: renew it.` }
  if (now < from) return { isValid: false, text: `names a certificate that begins on ${day(from)}: check it, and this machine's clock.` }
  return to - now < warnBeforeMs ? { isValid: true, text: `names a certificate that ends on ${day(to)}: renew it.` } : undefined
}

function requirePair (certificate: X509Certificate | undefined, key: KeyObject | undefined, path: Path, report: Report): void {
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) report.refuse(path, 'does not belong to the certificate beside it: they are of two different pairs.')
}

type KeyPair = { readonly certificate?: string | undefined, readonly key?: string | undefined } | undefined

async function checkListenerPair (pair: KeyPair, path: Path, now: number, report: Report): Promise<X509Certificate | undefined> {
  const [certificate] = await readCertificates(pair?.certificate, [...path, 'certificate'], report)
  const pem = pair?.key === undefined ? undefined : await readText(pair.key, [...path, 'key'], report)
  const key = pem === undefined ? undefined : readKey(pem, [...path, 'key'], report)
  requirePair(certificate, key, [...path, 'key'], report)
  const dates = certificate === undefined ? undefined : explainDates(certificate, now)
  if (dates !== undefined) report[dates.isValid ? 'warn' : 'refuse']([...path, 'certificate'], dates.text)
  return certificate
}

export const checkListenerCertificates: Rule = async ({ config, now }, report) => {
  const path = ['listeners', 'public', 'tls', 'certificates']
  const pairs = config.listeners?.public?.tls?.certificates ?? []
  const own: X509Certificate[] = []
  for (const [index, pair] of pairs.entries()) {
    const certificate = await checkListenerPair(pair, [...path, index], now, report)
    if (certificate !== undefined) own.push(certificate)
  }
  const host = URL.parse(config.gateway?.publicUrl ?? '')?.hostname.replace(/^\[|\]$/g, '')
  if (host === undefined || own.length === 0 || own.length < pairs.length) return
  const isForHost = own.some(certificate => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined)
  if (!isForHost) report.warn(path, `have none for ${host}, the name in gateway.publicUrl: browsers would refuse it.`)
}

function warnOfDates (certificate: X509Certificate | undefined, path: Path, now: number, report: Report): void {
  const dates = certificate === undefined ? undefined : explainDates(certificate, now)
  if (dates !== undefined) report.warn(path, dates.text)
}

const leastRsaBits = 2048
const weakRsa = `has no RSA key of at least ${leastRsaBits} bits, which SAML signatures need here.`

function isStrongRsa (key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= leastRsaBits
}

async function checkPair (pair: { readonly certificate?: string | undefined } | undefined, path: Path, { secrets, now }: RuleInput, report: Report): Promise<void> {
  const [certificate] = await readCertificates(pair?.certificate, [...path, 'certificate'], report)
  const pem = secrets.get(nameOf([...path, 'key']))?.reveal()
  const key = pem === undefined ? undefined : readKey(pem, [...path, 'key'], report)
  requirePair(certificate, key, [...path, 'key'], report)
  if (key !== undefined && !isStrongRsa(key)) report.refuse([...path, 'key'], weakRsa)
  warnOfDates(certificate, [...path, 'certificate'], now, report)
}

export const checkSamlCertificates: Rule = async (input, report) => {
  const path = ['signIn', 'saml']
  const saml = input.config.signIn?.saml
  if (saml?.signing !== undefined) await checkPair(saml.signing, [...path, 'signing'], input, report)
  for (const [index, pair] of (saml?.decryption ?? []).entries()) await checkPair(pair, [...path, 'decryption', index], input, report)
  const idp = saml?.idp
  if (idp === undefined || !('certificates' in idp)) return
  for (const [index, file] of (idp.certificates ?? []).entries()) {
    const place = [...path, 'idp', 'certificates', index]
    // The metadata says which key signs; its certificate's end is the IdP's matter, and old ones stay while keys roll over.
    for (const certificate of await readCertificates(file, place, report)) {
      warnOfDates(certificate, place, input.now, report)
      if (!isStrongRsa(certificate.publicKey)) report.refuse(place, weakRsa)
    }
  }
}

export const checkAuthorities: Rule = async ({ config: { listeners, upstream, audit } }, report) => {
  await readCertificates(listeners?.public?.tls?.clientCertificates?.authority, ['listeners', 'public', 'tls', 'clientCertificates', 'authority'], report)
  await readCertificates(upstream?.authority, ['upstream', 'authority'], report)
  await readCertificates(audit?.redis?.authority, ['audit', 'redis', 'authority'], report)
  for (const [at, witness] of (audit?.checkpoints?.witnesses ?? []).entries()) await readCertificates(witness?.authority, ['audit', 'checkpoints', 'witnesses', at, 'authority'], report)
  for (const [at, feed] of (audit?.feeds ?? []).entries()) await readCertificates(feed?.syslog?.authority, ['audit', 'feeds', at, 'syslog', 'authority'], report)
}

export const checkOutboundCertificates: Rule = async ({ config: { outbound }, now }, report) => {
  if (outbound?.listener?.tls !== undefined) await checkListenerPair(outbound.listener.tls, ['outbound', 'listener', 'tls'], now, report)
  const mail = outbound?.mail
  if (mail?.listener?.tls !== undefined) await checkListenerPair(mail.listener.tls, ['outbound', 'mail', 'listener', 'tls'], now, report)
  await readCertificates(mail?.smarthost?.authority, ['outbound', 'mail', 'smarthost', 'authority'], report)
  for (const [at, destination] of (outbound?.destinations ?? []).entries()) await readCertificates(destination?.authority, ['outbound', 'destinations', at, 'authority'], report)
}

export const checkShieldCertificates: Rule = async ({ config: { outbound }, now }, report) => {
  const shield = outbound?.shield
  if (shield?.listener?.tls !== undefined) await checkListenerPair(shield.listener.tls, ['outbound', 'shield', 'listener', 'tls'], now, report)
  await readCertificates(shield?.mailbox?.authority, ['outbound', 'shield', 'mailbox', 'authority'], report)
}

export const checkTracesAuthority: Rule = async ({ config: { operations } }, report) => {
  await readCertificates(operations?.traces?.authority, ['operations', 'traces', 'authority'], report)
}

export const checkStoreAuthority: Rule = async ({ config: { session } }, report) => {
  const store = session?.store
  if (store !== undefined && 'redis' in store) await readCertificates(store.redis?.authority, ['session', 'store', 'redis', 'authority'], report)
}

export const checkIdpFiles: Rule = async ({ config: { signIn }, now }, report) => {
  const saml = signIn?.saml
  const idp = saml?.idp
  const path = ['signIn', 'saml', 'idp']
  if (idp === undefined) return
  if ('authority' in idp) await readCertificates(idp.authority, [...path, 'authority'], report)
  if (!('metadataFile' in idp) || idp.metadataFile === undefined) return
  const metadata = await readText(idp.metadataFile, [...path, 'metadataFile'], report)
  if (metadata === undefined) return
  if (metadata.trim() === '') return report.refuse([...path, 'metadataFile'], 'names an empty file: save the metadata of your identity provider there.')
  // Only here, so that a check without metadata does not wait for what reads XML.
  const { explainIdpMetadata } = await import('../../inbound/saml/saml.ts')
  const skewMs = saml?.clockSkew === undefined ? 0 : parseDuration(saml.clockSkew) ?? 0
  const mistake = explainIdpMetadata(metadata, { moment: { nowMs: now, skewMs }, canSign: saml?.signing !== undefined })
  if (mistake !== undefined) report.refuse([...path, 'metadataFile'], `names a file that sign-in cannot work with (its line ${mistake.line}). ${mistake.message}`)
}

/** RFC 8037 and RFC 7518 section 3.4: EdDSA and ES256, the two that a token can be signed with. */
export const checkTokenKey: Rule = ({ secrets }, report) => {
  const path = ['upstream', 'identity', 'token', 'key']
  const pem = secrets.get(nameOf(path))?.reveal()
  const key = pem === undefined ? undefined : readKey(pem, path, report)
  if (key === undefined) return
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (key.asymmetricKeyType !== 'ed25519' && !isP256) report.refuse(path, 'is neither an Ed25519 nor a P-256 key: make one with openssl genpkey -algorithm ed25519.')
}
