// Fetches the IdP's metadata: https only, one address, no redirects, bounded in size and time. It does not judge what it fetched.
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { Clock } from '../../shared/clock.ts'
import { MetadataError } from './idp-metadata.ts'

const maxBytes = 4 * 1024 * 1024
const timeoutMs = 10_000

export interface FetchOptions {
  readonly clock: Clock
  /** PEM file of a private authority; it replaces the public ones for this connection. */
  readonly authority: string | undefined
  readonly signal: AbortSignal
}

function readAuthority (file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    throw new MetadataError('The file of signIn.saml.idp.authority cannot be read.')
  }
}

/** Codes of Node.js and OpenSSL say what is wrong without quoting anybody. */
function describeNetworkError (error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^[A-Z0-9_]{3,60}$/.test(code) ? code : 'connection failed'
}

function receive (url: string, options: FetchOptions): Promise<string> {
  const { authority, clock } = options
  const ca = authority === undefined ? {} : { ca: readAuthority(authority) }
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'GET', agent: false, signal: options.signal, headers: { accept: 'application/samlmetadata+xml, application/xml' }, ...ca })
    const timer = clock.after(timeoutMs, () => { call.destroy(new MetadataError('The metadata server did not answer in time.')) })
    call.on('error', reject)
    call.on('close', () => {
      timer.cancel()
      reject(new MetadataError('The metadata server ended its answer early.'))
    })
    call.on('response', response => {
      if (response.statusCode !== 200) {
        call.destroy(new MetadataError(`The metadata server answered ${response.statusCode ?? 0} instead of 200.`))
        return
      }
      const chunks: Buffer[] = []
      let length = 0
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > maxBytes) call.destroy(new MetadataError('The metadata is over 4 MiB.'))
        else chunks.push(chunk)
      })
      response.on('end', () => { resolve(Buffer.concat(chunks).toString('utf8')) })
    })
    call.end()
  })
}

/** The text at an https address. Throws a MetadataError whose message may be shown. */
export async function fetchMetadata (url: string, options: FetchOptions): Promise<string> {
  if (URL.parse(url)?.protocol !== 'https:') throw new MetadataError('The metadata address must be https.')
  try {
    return await receive(url, options)
  } catch (error) {
    if (error instanceof MetadataError) throw error
    throw new MetadataError(`The metadata server cannot be reached (${describeNetworkError(error)}).`)
  }
}
