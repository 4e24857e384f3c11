// Which host a TLS client says that it wants, read from its first words without touching them.
import { PassThrough } from 'node:stream'
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello'

const handshake = 0x16
const headerLength = 5
/** RFC 8446 section 5.1 */
const longestRecord = 16_384

export type Greeting =
  /** More bytes are needed. */
  | { readonly is: 'unfinished' }
  | { readonly is: 'notTls' }
  /** `name` in small letters; undefined: it says none. */
  | { readonly is: 'hello', readonly name: string | undefined }

/** `bytes`: what the client has sent so far. A greeting in several records is taken for none: no client writes one. */
export async function readServerName (bytes: Buffer): Promise<Greeting> {
  if (bytes.length === 0) return { is: 'unfinished' }
  if (bytes[0] !== handshake) return { is: 'notTls' }
  if (bytes.length < headerLength) return { is: 'unfinished' }
  const length = bytes.readUInt16BE(3)
  if (length === 0 || length > longestRecord) return { is: 'notTls' }
  if (bytes.length < headerLength + length) return { is: 'unfinished' }
  const stream = new PassThrough()
  stream.end(bytes.subarray(0, headerLength + length))
  try {
    const hello = await readTlsClientHello(stream)
    const names = getExtensionData(hello, 'server_name')
    return { is: 'hello', name: names?.serverName?.toLowerCase() }
  } catch { return { is: 'notTls' } } finally { stream.destroy() }
}
