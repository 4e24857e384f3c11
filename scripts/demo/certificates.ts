// Throw-away certificates: an authority made for one run, and leaves for the names and addresses asked for. Keys live in memory and in the
// caller's hands; this file never writes one anywhere. For tests and the demo only.
import 'reflect-metadata' // @peculiar/x509 needs it before it is loaded
import * as x509 from '@peculiar/x509'

const dayMs = 24 * 60 * 60 * 1000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface IssueRequest {
  /** DNS names; the first is the common name. May be empty when there are addresses. */
  readonly names: readonly string[]
  readonly addresses?: readonly string[]
  /** For client authentication instead of a server. */
  readonly client?: boolean
  readonly notBefore?: Date
  readonly notAfter?: Date
}

export interface IssuedCertificate {
  readonly certPem: string
  /** PKCS #8. */
  readonly keyPem: string
}

export interface TestAuthority {
  readonly caPem: string
  issue(request: IssueRequest): Promise<IssuedCertificate>
}

async function createKeys () {
  return await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function exportKey (key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`
}

/** RFC 5280 section 4.1.2.2: positive, unique, at most 20 octets. */
function createSerial (): string {
  return `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`
}

/** A new authority with a new key. Certificates are valid from yesterday, because machines' clocks differ. */
export async function createTestAuthority (options: { readonly name?: string } = {}): Promise<TestAuthority> {
  const keys = await createKeys()
  const notBefore = new Date(Date.now() - dayMs)
  const notAfter = new Date(Date.now() + 30 * dayMs)
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: createSerial(),
    name: `CN=${options.name ?? 'Throw-away test authority'}`,
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    caPem: `${authority.toString('pem')}\n`,
    async issue (request) {
      const names = [
        ...request.names.map(value => ({ type: 'dns' as const, value })),
        ...(request.addresses ?? []).map(value => ({ type: 'ip' as const, value })),
      ]
      const usage = request.client === true ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth
      const leafKeys = await createKeys()
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: createSerial(),
        subject: `CN=${request.names[0] ?? request.addresses?.[0] ?? 'nobody'}`,
        issuer: authority.subject,
        notBefore: request.notBefore ?? notBefore,
        notAfter: request.notAfter ?? notAfter,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([usage]),
          ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
          await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
        ],
      })
      return { certPem: `${leaf.toString('pem')}\n`, keyPem: await exportKey(leafKeys.privateKey) }
    },
  }
}
