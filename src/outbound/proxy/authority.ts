// The gateway's own authority for hosts that are opened: it can vouch for these hosts and for nothing else, and makes certificates that live for a day. It never writes a file.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints, id_ce_nameConstraints as nameConstraintsId } from '@peculiar/asn1-x509'
import 'reflect-metadata' // @peculiar/x509 needs it before it is loaded
import * as x509 from '@peculiar/x509'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
/** Clocks differ. */
const backdatedMs = hourMs
const leafMs = dayMs
/** A certificate is made anew before the half of its time is over. */
const usedMs = leafMs / 2

export interface Pem { readonly certificatePem: string, readonly keyPem: string }

export interface LeafMaker {
  /** A certificate for the host, with the authority behind it. Throws when the authority may not vouch for it. */
  leafFor (host: string): Promise<{ readonly cert: string, readonly key: string }>
}

/** RFC 5280 section 4.1.2.2: positive, unique, at most 20 octets. */
function createSerial (): string {
  return `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`
}

async function exportKey (key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** RFC 5280 section 4.2.1.10: these names and what is below them; no address of either kind. */
function constrain (hosts: readonly string[]): x509.Extension {
  const permitted = hosts.map(host => new GeneralSubtree({ base: new GeneralName({ dNSName: host }) }))
  const everyAddress = ['0.0.0.0/0', '::/0'].map(range => new GeneralSubtree({ base: new GeneralName({ iPAddress: range }) }))
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted), excludedSubtrees: new GeneralSubtrees(everyAddress) })
  return new x509.Extension(nameConstraintsId, true, AsnConvert.serialize(constraints))
}

/** `now`: milliseconds since the epoch. */
export async function createCertificateAuthority (hosts: readonly string[], { now, days }: { readonly now: number, readonly days: number }): Promise<Pem> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: createSerial(),
    name: 'CN=Sallyport outbound proxy, O=This gateway only',
    notBefore: new Date(now - backdatedMs),
    notAfter: new Date(now + days * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      constrain(hosts),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await exportKey(keys.privateKey) }
}

/** The hosts that the authority may vouch for; undefined when nothing binds it, or the file is no certificate. */
export function readPermittedNames (certificatePem: string): readonly string[] | undefined {
  try {
    const extension = new x509.X509Certificate(certificatePem).getExtension(nameConstraintsId)
    if (extension === null || !extension.critical) return undefined
    const { permittedSubtrees } = AsnConvert.parse(extension.value, NameConstraints)
    const names = [...permittedSubtrees ?? []].flatMap(({ base }) => base.dNSName ?? [])
    return names.length === 0 || names.includes('') ? undefined : names
  } catch { return undefined }
}

export const isPermitted = (names: readonly string[], host: string) => names.some(name => host === name || host.endsWith(`.${name}`))

/** Throws when certificate and key are not what they should be. */
export async function createLeafMaker ({ certificatePem, keyPem }: Pem, { now }: { readonly now: () => number }): Promise<LeafMaker> {
  const authority = new x509.X509Certificate(certificatePem)
  const names = readPermittedNames(certificatePem)
  const issuerKey = createPrivateKey(keyPem)
  if (names === undefined || !new X509Certificate(certificatePem).checkPrivateKey(issuerKey)) throw new TypeError('not an authority of ours')
  const der = issuerKey.export({ type: 'pkcs8', format: 'der' })
  const signingKey = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign'])
  const kept = new Map<string, { readonly at: number, readonly leaf: Promise<{ readonly cert: string, readonly key: string }> }>()
  const make = async (host: string) => {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const end = Math.min(now() + leafMs, authority.notAfter.getTime())
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: createSerial(),
      // The name is in the alternative names only: a long one would not fit into the subject.
      subject: 'CN=Sallyport outbound proxy leaf',
      issuer: authority.subject,
      notBefore: new Date(now() - backdatedMs),
      notAfter: new Date(end),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return { cert: `${leaf.toString('pem')}\n${certificatePem}`, key: await exportKey(keys.privateKey) }
  }
  return {
    async leafFor (host) {
      if (!isPermitted(names, host)) throw new TypeError('not a host of the authority')
      const before = kept.get(host)
      if (before !== undefined && now() - before.at < usedMs) return await before.leaf
      const leaf = make(host)
      kept.set(host, { at: now(), leaf })
      leaf.catch(() => { kept.delete(host) })
      return await leaf
    },
  }
}
