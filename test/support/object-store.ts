// An object store that holds a client to the contract where no server from npm or Debian does without a cluster behind it: signatures (AWS Signature Version 4) are worked
// out anew, lists come in pages, names are taken once with If-None-Match, and objects under lock are not removed.
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'

interface StoredObject { readonly bytes: Buffer, readonly version: string, readonly until: number, readonly mode: string }

export interface ObjectStore {
  readonly endpoint: string
  readonly objects: Map<string, StoredObject>
  /** `METHOD key?query` of all calls that were let in. */
  readonly calls: string[]
  /** What the next calls get instead of an answer, one each; `cut`: it is done, and the connection ends. */
  readonly faults: Array<number | 'cut' | 'hang'>
  /** Without object lock nothing is locked, whatever is asked. */
  hasLock: boolean
  ignoresConditions: boolean
}

export const accessKeyId = 'TESTKEY'
export const secretKey = 'not a secret: for tests only'
export const bucket = 'trail'
const pageNames = 3

export async function startObjectStore (t: { teardown (action: () => unknown): void }): Promise<ObjectStore> {
  const store = { endpoint: '', objects: new Map<string, StoredObject>(), calls: [] as string[], faults: [] as ObjectStore['faults'], hasLock: true, ignoresConditions: false }
  const server = createServer((request, response) => { void answer(request, response, store) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  store.endpoint = `http://127.0.0.1:${address.port}`
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return store
}

async function answer (request: IncomingMessage, response: ServerResponse, store: ObjectStore): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const body = Buffer.concat(pieces)
  const url = new URL(request.url ?? '', 'http://store')
  const fault = store.faults.shift()
  if (fault === 'hang') return
  if (typeof fault === 'number') { response.writeHead(fault).end(); return }
  const refusal = explainSignature(request, url, body)
  if (refusal !== undefined) { refuse(response, 403, refusal); return }
  const [, bucketName, ...rest] = url.pathname.split('/')
  const key = rest.map(decodeURIComponent).join('/')
  store.calls.push(`${request.method} ${key}${url.search}`)
  if (bucketName !== bucket) { refuse(response, 404, 'NoSuchBucket'); return }
  const act = key === '' ? listObjects : { PUT: putObject, GET: getObject, HEAD: getObject, DELETE: removeObject }[request.method ?? '']
  if (fault === 'cut') { act?.({ request, url, key, body, store, response: new SilentResponse() as unknown as ServerResponse }); response.destroy(); return }
  if (act === undefined) refuse(response, 405, 'MethodNotAllowed')
  else act({ request, url, key, body, store, response })
}

class SilentResponse {
  writeHead () { return this }
  end () { return this }
}

interface Act { readonly request: IncomingMessage, readonly url: URL, readonly key: string, readonly body: Buffer, readonly store: ObjectStore, readonly response: ServerResponse }

function putObject ({ request: { headers }, key, body, store, response }: Act): void {
  if (headers['content-md5'] !== createHash('md5').update(body).digest('base64')) { refuse(response, 400, 'BadDigest'); return }
  if (headers['if-none-match'] === '*' && !store.ignoresConditions && store.objects.has(key)) { refuse(response, 412, 'PreconditionFailed'); return }
  const until = store.hasLock ? Date.parse(String(headers['x-amz-object-lock-retain-until-date'] ?? '')) : NaN
  store.objects.set(key, { bytes: body, version: String(store.calls.length), until: Number.isNaN(until) ? 0 : until, mode: String(headers['x-amz-object-lock-mode'] ?? '') })
  response.writeHead(200).end()
}

function getObject ({ request, key, store, response }: Act): void {
  const found = store.objects.get(key)
  if (found === undefined) { refuse(response, 404, 'NoSuchKey'); return }
  const lock = found.until === 0 ? {} : { 'x-amz-object-lock-mode': found.mode, 'x-amz-object-lock-retain-until-date': new Date(found.until).toISOString() }
  response.writeHead(200, { 'content-length': found.bytes.length, 'x-amz-version-id': found.version, ...lock })
  response.end(request.method === 'HEAD' ? undefined : found.bytes)
}

function removeObject ({ url, key, store, response }: Act): void {
  const found = store.objects.get(key)
  // Without a version only a mark is left, and what is under it stays: that is not what a client may rely on.
  if (found !== undefined && url.searchParams.get('versionId') !== found.version) { refuse(response, 400, 'NoVersionGiven'); return }
  if (found !== undefined && found.until > Date.now()) { refuse(response, 403, 'AccessDenied'); return }
  store.objects.delete(key)
  response.writeHead(204).end()
}

function listObjects ({ url, store, response }: Act): void {
  const prefix = url.searchParams.get('prefix') ?? ''
  const after = url.searchParams.get('continuation-token') ?? ''
  const names = [...store.objects.keys()].filter(name => name.startsWith(prefix) && name > after).sort()
  const page = names.slice(0, pageNames)
  const isTruncated = names.length > page.length
  const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  response.writeHead(200, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${isTruncated}</IsTruncated>${page.map(name => `<Contents><Key>${escape(name)}</Key></Contents>`).join('')}` +
    `${isTruncated ? `<NextContinuationToken>${escape(page.at(-1) as string)}</NextContinuationToken>` : ''}</ListBucketResult>`)
}

function refuse (response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>told to nobody: secret-of-the-store</Message></Error>`)
}

/** Works the signature out from the request as it came. */
function explainSignature ({ method = '', headers }: IncomingMessage, url: URL, body: Buffer): string | undefined {
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '')
  if (match === null) return 'AccessDenied'
  const [, id, day = '', region = '', signedNames = '', signature] = match
  const digest = createHash('sha256').update(body).digest('hex')
  if (id !== accessKeyId || headers['x-amz-content-sha256'] !== digest) return 'InvalidRequest'
  const names = signedNames.split(';')
  if (!['host', 'x-amz-date', 'x-amz-content-sha256'].every(name => names.includes(name))) return 'InvalidRequest'
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&')
  const canonical = [method, url.pathname, query, ...names.map(name => `${name}:${String(headers[name] ?? '').trim()}`), '', signedNames, digest].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>((secret, part) => createHmac('sha256', secret).update(part).digest(), `AWS4${secretKey}`)
  return createHmac('sha256', key).update(text).digest('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}
