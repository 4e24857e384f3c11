// RSA keys with certificates of their own, made at run time for the demo and the tests; they live in memory and none is ever stored.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { X509CertificateGenerator, BasicConstraintsExtension, SubjectAlternativeNameExtension } from '@peculiar/x509'

export interface KeyPair {
  readonly keyPem: string
  readonly certificatePem: string
}

export function toPem (label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** A key with a certificate that it signed itself, good for TLS on the loopback addresses too. */
export async function createKeyPair (name: string, options: { readonly bits?: number, readonly curve?: 'P-256' } = {}): Promise<KeyPair> {
  const algorithm = options.curve === undefined
    ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: options.bits ?? 2048 }
    : { name: 'ECDSA', hash: 'SHA-256', namedCurve: options.curve }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: keys as Parameters<typeof X509CertificateGenerator.createSelfSigned>[0]['keys'],
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 30 * 86_400_000),
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true), new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }, { type: 'dns', value: 'localhost' }])],
  })
  return { keyPem: toPem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)), certificatePem: `${certificate.toString('pem')}\n` }
}
