// Keeps what is known about the IdP current: from its parts, its metadata file or its metadata address. A failed refresh keeps the last good
// one; when there is none, or it has run out, sign-in is refused and readiness is red.
import { readFileSync } from 'node:fs'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { durationMs } from '../../shared/schema.ts'
import type { SamlConfig } from './config.ts'
import { fetchMetadata } from './fetch-metadata.ts'
import { MetadataError, readIdpMetadata, type IdpDescription } from './idp-metadata.ts'
import { hasPassed, type Moment } from './instant.ts'
import { isUsableCertificate, readCertificates, refuseSetting } from './keys.ts'
import { reasons } from './reasons.ts'
import { ConfigurationError } from '../../shared/errors.ts'

const filePeriodMs = 5000
const firstRetryMs = 5000
const lastRetryMs = 300_000

export interface IdpSource {
  /** The IdP as known now. Throws a Failure `saml.idpUnavailable`. */
  require(): IdpDescription
  ready(): { readonly ok: boolean, readonly detail: string }
  close(): void
}

export interface IdpSourceDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly skewMs: number
  readonly canSign: boolean
}

type IdpConfig = SamlConfig['idp']
type Parts = Extract<IdpConfig, { entityId: string }>
type AtUrl = Extract<IdpConfig, { metadataUrl: string }>

function describeParts (parts: Parts): IdpDescription {
  const both = (url: string) => (['redirect', 'post'] as const).map(binding => ({ binding, url, responseUrl: url }))
  const certificates = parts.certificates.flatMap((file, index) => {
    const path = `signIn.saml.idp.certificates[${index}]`
    const found = readCertificates(file, path)
    if (!found.every(isUsableCertificate)) throw refuseSetting(file, path, `${path} must hold RSA keys of at least 2048 bits.`)
    return found
  })
  return {
    entityId: parts.entityId,
    signOn: both(parts.signOnUrl),
    logout: parts.logoutUrl === undefined ? [] : both(parts.logoutUrl),
    certificatePems: certificates.map(certificate => certificate.toString()),
    keys: certificates.map(certificate => certificate.publicKey),
    wantsSignedRequests: false,
    validUntil: undefined,
  }
}

interface Reading { readonly moment: Moment, readonly canSign: boolean, readonly pin?: string | undefined }

/** A description that sign-in works with. Throws a MetadataError. */
function readUsable (text: string, { moment, canSign, pin }: Reading): IdpDescription {
  const description = readIdpMetadata(text, { pin, moment })
  if (description.wantsSignedRequests && !canSign) throw new MetadataError('The IdP wants signed requests; give signIn.saml.signing a key and a certificate.')
  return description
}

/** What keeps a metadata document from being used, with the line in it; undefined when nothing does. */
export function explainIdpMetadata (text: string, reading: Omit<Reading, 'pin'>): { readonly line: number, readonly message: string } | undefined {
  try {
    readUsable(text, reading)
    return undefined
  } catch (error) {
    if (error instanceof MetadataError) return { line: error.line, message: error.message }
    throw error
  }
}

/** Holds the last good description and what was wrong since. */
function createHolder (deps: IdpSourceDeps) {
  let known: IdpDescription | undefined
  let problem: string | undefined = 'not read yet'
  let lastText: string | undefined
  const moment = () => ({ nowMs: deps.clock.now(), skewMs: deps.skewMs })
  const live = () => known !== undefined && (known.validUntil === undefined || !hasPassed(known.validUntil, moment())) ? known : undefined
  return {
    live,
    problem: () => problem,
    set (description: IdpDescription) {
      known = description
      problem = undefined
    },
    /** Reads a document. Throws a MetadataError and keeps the last good one. */
    read (text: string, pin?: string) {
      if (text === lastText && problem === undefined) return
      known = readUsable(text, { pin, moment: moment(), canSign: deps.canSign })
      lastText = text
      problem = undefined
      deps.log.info('saml.metadata.read', { certificates: known.certificatePems.length, logout: known.logout.length > 0 })
    },
    /** Remembers a failure; logs it once. */
    fail (error: unknown) {
      const message = error instanceof MetadataError ? error.message : 'It could not be read.'
      if (message !== problem) deps.log.warn('saml.metadata.failed', { problem: message, kept: live() !== undefined })
      problem = message
    },
  }
}

type Holder = ReturnType<typeof createHolder>

function toSource (holder: Holder, close: () => void): IdpSource {
  return {
    require () {
      const description = holder.live()
      if (description === undefined) throw reasons.fail('saml.idpUnavailable', 'idp', { retryAfterSeconds: 60 })
      return description
    },
    ready () {
      if (holder.live() === undefined) return { ok: false, detail: `no usable IdP metadata: ${holder.problem() ?? 'its validUntil has passed'}` }
      return { ok: true, detail: holder.problem() === undefined ? 'IdP metadata read' : `IdP metadata kept from an earlier read: ${holder.problem()}` }
    },
    close,
  }
}

function readText (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new MetadataError('The file cannot be read.')
  }
}

function followFile (file: string, deps: IdpSourceDeps): IdpSource {
  const holder = createHolder(deps)
  try {
    holder.read(readText(file))
  } catch (error) {
    if (!(error instanceof MetadataError)) throw error
    throw new ConfigurationError([{ file, line: error.line, column: 1, path: 'signIn.saml.idp.metadataFile', message: `This metadata of the identity provider cannot be used. ${error.message}` }])
  }
  // Read again rather than watched: a mounted secret is swapped by renaming a directory, which watchers miss.
  const timer = deps.clock.every(filePeriodMs, () => {
    try {
      holder.read(readText(file))
    } catch (error) {
      holder.fail(error)
    }
  })
  return toSource(holder, () => { timer.cancel() })
}

async function followUrl (config: AtUrl, deps: IdpSourceDeps): Promise<IdpSource> {
  const holder = createHolder(deps)
  const refreshMs = durationMs(config.refresh)
  const closing = new AbortController()
  let failures = 0
  let timer: Timer | undefined
  const refresh = async () => {
    try {
      holder.read(await fetchMetadata(config.metadataUrl, { clock: deps.clock, authority: config.authority, signal: closing.signal }), config.pin)
      failures = 0
    } catch (error) {
      if (closing.signal.aborted) return
      holder.fail(error)
      failures++
    }
    if (closing.signal.aborted) return
    const delayMs = failures === 0 ? refreshMs : Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 10), lastRetryMs, refreshMs)
    timer = deps.clock.after(delayMs, () => { void refresh() })
  }
  await refresh()
  return toSource(holder, () => {
    timer?.cancel()
    closing.abort()
  })
}

/** Opens the configured source. A broken file is a ConfigurationError; an address that does not answer is retried. */
export async function openIdpSource (config: IdpConfig, deps: IdpSourceDeps): Promise<IdpSource> {
  if ('metadataFile' in config) return followFile(config.metadataFile, deps)
  if ('metadataUrl' in config) return await followUrl(config, deps)
  const holder = createHolder(deps)
  holder.set(describeParts(config))
  return toSource(holder, () => undefined)
}
