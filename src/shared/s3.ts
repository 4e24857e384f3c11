// The one import of aws4fetch: requests to an S3-compatible store, signed (AWS Signature Version 4), with verified TLS, limits of our own and few repetitions.
// Its errors never quote what the store said.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Clock } from './clock.ts'
import type { S3Config } from './s3-config.ts'
import type { SecretValue } from './schema.ts'
import { Agent } from './undici.ts'

/** `code`: the store's own (`NoSuchBucket`, `AccessDenied`, `PreconditionFailed` …), the system's (`ECONNREFUSED` …), or `TIMEOUT`, `UNREADABLE`. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly code: string
  /** Of the answer; 0 when there was none. */
  readonly status: number
  constructor (code: string, status: number, options?: ErrorOptions) {
    super(`s3: ${code}`, options)
    this.code = code
    this.status = status
  }
}

/** How long an object cannot be removed or replaced, by anybody (compliance) or by anybody without a special right (governance). */
export interface S3Lock {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE'
  /** Milliseconds since the epoch. */
  readonly until: number
}

export interface S3Client {
  /** `isNew`: refused with `PreconditionFailed` when the name is taken. Throws an S3Error. */
  put (name: string, bytes: Buffer, options: { readonly isNew: boolean, readonly lock?: S3Lock | undefined }): Promise<void>
  get (name: string): Promise<Buffer | undefined>
  /** What the store says of an object; undefined when there is none. */
  head (name: string): Promise<{ readonly version: string | undefined, readonly lockedUntil: number | undefined } | undefined>
  list (prefix: string): Promise<readonly string[]>
  /** For good: the version that is there now, where the bucket keeps versions. */
  remove (name: string): Promise<void>
  close (): Promise<void>
}

const timeoutMs = 30_000
const tries = 3
const firstPauseMs = 200
const largestObject = 2 * 1024 ** 3

interface Call {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE'
  readonly name?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

interface Answer { readonly status: number, readonly headers: Readonly<Record<string, string | string[] | undefined>>, readonly body: Buffer }

export interface S3Access {
  readonly clock: Clock
  /** What `secretAccessKeyFile` holds. */
  readonly secretAccessKey: SecretValue
}

export function createS3Client (config: S3Config, { clock, secretAccessKey }: S3Access): S3Client {
  const ca = config.authority === undefined ? {} : { connect: { ca: readFileSync(config.authority) } }
  const agent = new Agent({ ...ca, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connections: 4 })
  const call = (what: Call) => callPatiently(what, { config, clock, secretAccessKey, agent })
  const client: S3Client = {
    async put (name, bytes, { isNew, lock }) {
      const headers = {
        'content-type': 'application/octet-stream',
        // A bucket with object lock asks for a digest; every store checks it.
        'content-md5': createHash('md5').update(bytes).digest('base64'),
        ...(isNew ? { 'if-none-match': '*' } : {}),
        ...(lock === undefined ? {} : { 'x-amz-object-lock-mode': lock.mode, 'x-amz-object-lock-retain-until-date': new Date(lock.until).toISOString() }),
      }
      require2xx(await call({ method: 'PUT', name, body: bytes, headers }))
    },
    async get (name) {
      const answer = await call({ method: 'GET', name })
      if (isMissing(answer)) return undefined
      return require2xx(answer).body
    },
    async head (name) {
      const answer = await call({ method: 'HEAD', name })
      if (answer.status === 404) return undefined
      const { headers } = require2xx(answer)
      const until = Date.parse(textOf(headers['x-amz-object-lock-retain-until-date']))
      return { version: textOf(headers['x-amz-version-id']) || undefined, lockedUntil: Number.isNaN(until) ? undefined : until }
    },
    async list (prefix) {
      const names: string[] = []
      let token = ''
      do {
        const query = { 'list-type': '2', prefix: `${config.prefix}${prefix}`, ...(token === '' ? {} : { 'continuation-token': token }) }
        const page = await readPage(require2xx(await call({ method: 'GET', query })))
        names.push(...page.names.map(name => name.slice(config.prefix.length)))
        token = page.next
      } while (token !== '')
      return names.sort()
    },
    async remove (name) {
      const version = (await client.head(name))?.version
      const answer = await call({ method: 'DELETE', name, ...(version === undefined ? {} : { query: { versionId: version } }) })
      if (!isMissing(answer)) require2xx(answer)
    },
    close: () => agent.close(),
  }
  return client
}

interface Calling extends S3Access { readonly config: S3Config, readonly agent: Agent }

/** Again after what may pass: no answer, 429 and 5xx. All calls may be made twice: an object that is put twice is the same object. */
async function callPatiently (what: Call, calling: Calling): Promise<Answer> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      const answer = await callOnce(what, calling)
      if (left === 0 || (answer.status !== 429 && answer.status < 500)) return answer
    } catch (error) {
      if (left === 0) throw error
    }
    const pauseMs = firstPauseMs * 4 ** (tries - 1 - left)
    await new Promise<void>(resolve => { calling.clock.after(pauseMs, resolve) })
  }
}

async function callOnce ({ method, name = '', query = {}, body, headers }: Call, { config, clock, secretAccessKey, agent }: Calling): Promise<Answer> {
  const path = name === '' ? '' : `${config.prefix}${name}`.split('/').map(encodeURIComponent).join('/')
  const url = new URL(`${config.endpoint}/${config.bucket}/${path}`)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  const { AwsV4Signer } = await import('aws4fetch')
  const signed = await new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers, 'x-amz-content-sha256': createHash('sha256').update(body ?? '').digest('hex') },
    service: 's3',
    region: config.region,
    accessKeyId: config.accessKeyId,
    secretAccessKey: secretAccessKey.reveal().trim(),
    datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    allHeaders: true,
  }).sign()
  try {
    const answer = await agent.request({ origin: signed.url.origin, path: `${signed.url.pathname}${signed.url.search}`, method, headers: Object.fromEntries(signed.headers), ...(body === undefined ? {} : { body }) })
    return { status: answer.statusCode, headers: answer.headers, body: await readBody(answer.body) }
  } catch (error) {
    if (error instanceof S3Error) throw error
    throw new S3Error(wordOf(error), 0, { cause: error })
  }
}

async function readBody (body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > largestObject) throw new S3Error('UNREADABLE', 0)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function wordOf (error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.includes('TIMEOUT')) return 'TIMEOUT'
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'CLOSED'
}

const textOf = (header: string | string[] | undefined) => typeof header === 'string' ? header : ''

/** No object of this name; a bucket that is not there is another matter. */
function isMissing ({ status, body }: Answer): boolean {
  return status === 404 && readCode(body) !== 'NoSuchBucket'
}

function require2xx (answer: Answer): Answer {
  if (answer.status >= 200 && answer.status <= 299) return answer
  const fallback = answer.status === 412 ? 'PreconditionFailed' : answer.status === 403 ? 'AccessDenied' : `HTTP_${answer.status}`
  throw new S3Error(readCode(answer.body) ?? fallback, answer.status)
}

function readCode (body: Buffer): string | undefined {
  return /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(body.toString('latin1', 0, 4096))?.[1]
}

async function readPage ({ body, status }: Answer): Promise<{ readonly names: readonly string[], readonly next: string }> {
  const { DOMParser } = await import('@xmldom/xmldom')
  let isBroken = false
  const onError = (level: string) => { if (level !== 'warning') isBroken = true }
  const root = new DOMParser({ errorHandler: onError }).parseFromString(body.toString(), 'text/xml')?.documentElement
  if (isBroken || root?.localName !== 'ListBucketResult') throw new S3Error('UNREADABLE', status)
  const textsOf = (name: string) => Array.from(root.getElementsByTagName(name), element => element.textContent ?? '')
  const isTruncated = textsOf('IsTruncated')[0] === 'true'
  const next = textsOf('NextContinuationToken')[0] ?? ''
  if (isTruncated && next === '') throw new S3Error('UNREADABLE', status)
  return { names: textsOf('Key'), next: isTruncated ? next : '' }
}
