// Our own keys: read once, checked against their certificates. A wrong pair is the operator's mistake and nothing starts with it.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigurationError } from '../../shared/errors.ts'
import type { SecretValue } from '../../shared/schema.ts'
import type { SamlConfig } from './config.ts'

const minBits = 2048

export interface SigningKey {
  readonly keyPem: string
  readonly certificatePem: string
}

export interface OwnKeys {
  readonly signing: SigningKey | undefined
  /** The first is offered in our metadata; every one is tried. */
  readonly decryption: readonly SigningKey[]
}

export function refuseSetting (file: string, path: string, message: string): ConfigurationError {
  return new ConfigurationError([{ file, line: 1, column: 1, path, message }])
}

/** Certificates of a PEM file, at least one. Throws a ConfigurationError that names the file. */
export function readCertificates (file: string, path: string): readonly X509Certificate[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw refuseSetting(file, path, `The file of ${path} cannot be read.`)
  }
  try {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    const certificates = blocks.map(block => new X509Certificate(block))
    if (certificates.length > 0) return certificates
  } catch { /* answered below */ }
  throw refuseSetting(file, path, `The file of ${path} is not a PEM certificate.`)
}

/** Whether the certificate's key is RSA of at least 2048 bits; signatures with other keys cannot be verified here. */
export function isUsableCertificate (certificate: X509Certificate): boolean {
  const { publicKey } = certificate
  return publicKey.asymmetricKeyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= minBits
}

function readPair (pair: { readonly key: SecretValue, readonly certificate: string }, path: string): SigningKey {
  const certificate = readCertificates(pair.certificate, `${path}.certificate`)[0] as X509Certificate
  let matches: boolean
  let keyPem: string
  try {
    const key = createPrivateKey(pair.key.reveal())
    keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
    matches = certificate.checkPrivateKey(key)
  } catch {
    throw refuseSetting(pair.certificate, `${path}.key`, `${path}.key is not a PEM private key.`)
  }
  if (!matches) throw refuseSetting(pair.certificate, path, `${path}.key does not belong to the certificate beside it.`)
  if (!isUsableCertificate(certificate)) throw refuseSetting(pair.certificate, path, `${path} must be an RSA key of at least ${minBits} bits.`)
  return { keyPem, certificatePem: certificate.toString() }
}

export function readOwnKeys (config: SamlConfig): OwnKeys {
  return {
    signing: config.signing === undefined ? undefined : readPair(config.signing, 'signIn.saml.signing'),
    decryption: config.decryption.map((pair, index) => readPair(pair, `signIn.saml.decryption[${index}]`)),
  }
}
