// Which certificate a browser gets (SNI), and renewed files without a restart. A renewed file that cannot be used keeps the old one in service.
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'

export interface CertificateFiles { readonly certificate: string, readonly key: string }

interface Loaded {
  readonly files: CertificateFiles
  readonly digest: string
  readonly names: readonly string[]
  readonly context: SecureContext
  readonly notAfter: number
}

export interface CertificateShelf {
  /** The context for a server name; the first certificate when no name fits. */
  choose(serverName: string | undefined): SecureContext
  /** Looks at the files again; returns how many changed. */
  refresh(): number
  /** The earliest end of validity, ms since the epoch. */
  expiresAt(): number
  /** Called after files changed, for the context of clients without a server name. */
  onRenewed(listener: () => void): void
  close(): void
}

export interface ContextOptions {
  readonly minimumVersion: 'TLSv1.2' | 'TLSv1.3'
  /** PEM of the authorities for client certificates. */
  readonly clientAuthority: Buffer | undefined
}

const refreshMs = 30_000

/** DNS names of a certificate, lower case: its subjectAltName entries (RFC 6125 section 6.4.4: the common name is not looked at). */
function readDnsNames (certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? '').split(', ').filter(entry => entry.startsWith('DNS:')).map(entry => entry.slice(4).toLowerCase())
}

function isNameFor (pattern: string, serverName: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === serverName
  const dot = serverName.indexOf('.')
  return dot > 0 && serverName.slice(dot) === pattern.slice(1)
}

/** Options of a TLS context for one certificate; shared by the SNI contexts and the default one. */
export function contextOptions (files: CertificateFiles, options: ContextOptions) {
  return {
    cert: readFileSync(files.certificate),
    key: readFileSync(files.key),
    minVersion: options.minimumVersion,
    ciphers: acceptedCiphers,
    honorCipherOrder: true,
    ...(options.clientAuthority === undefined ? {} : { ca: options.clientAuthority }),
  }
}

function load (files: CertificateFiles, options: ContextOptions): Loaded {
  const settings = contextOptions(files, options)
  const parsed = new X509Certificate(settings.cert)
  return {
    files,
    digest: createHash('sha256').update(settings.cert).update(settings.key).digest('hex'),
    names: readDnsNames(parsed),
    // createSecureContext throws when key and certificate do not belong together.
    context: createSecureContext(settings),
    notAfter: parsed.validToDate.getTime(),
  }
}

/** Forward secrecy and AEAD only; TLS 1.3 suites first. */
const acceptedCiphers = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** Loads all certificates; throws when one cannot be used. */
export function openCertificateShelf (
  all: readonly CertificateFiles[],
  deps: ContextOptions & { readonly clock: Clock, readonly log: Logger },
): CertificateShelf {
  const listeners: Array<() => void> = []
  const loaded = all.map(files => load(files, deps))
  const refresh = (): number => {
    let changed = 0
    for (const [index, current] of loaded.entries()) {
      try {
        const fresh = load(current.files, deps)
        if (fresh.digest === current.digest) continue
        loaded[index] = fresh
        changed += 1
        deps.log.info('certificate.renewed', { index })
      } catch {
        // Half-written or mismatched files while they are being replaced: the old certificate stays until both fit.
        deps.log.warn('certificate.unusable', { index })
      }
    }
    if (changed > 0) for (const listener of listeners) listener()
    return changed
  }
  const timer = deps.clock.every(refreshMs, refresh)
  return {
    choose (serverName) {
      const name = serverName?.toLowerCase()
      const fit = name === undefined ? undefined : loaded.find(entry => entry.names.some(pattern => isNameFor(pattern, name)))
      return (fit ?? loaded[0] as Loaded).context
    },
    refresh,
    expiresAt: () => Math.min(...loaded.map(entry => entry.notAfter)),
    onRenewed: listener => { listeners.push(listener) },
    close: () => { timer.cancel() },
  }
}
