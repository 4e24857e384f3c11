// A canonical room behind Node's own parser on a real socket, with a CRM behind it that counts: what is refused must never be counted.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Test as T } from 'tap'
import { createCanonicalRoom, type CanonicalTarget, type RawRequest } from '../../../src/inbound/canonical/canonical.ts'
import { Denial } from '../../../src/shared/errors.ts'

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** A well-formed HTTP/1.1 GET, changed as given. */
export function request (target: string, changes: Partial<RawRequest> = {}): RawRequest {
  return { method: 'GET', target, httpVersion: '1.1', headers: {}, rawHeaders: ['Host', 'crm.clinic.example'], ...changes }
}

const room = createCanonicalRoom({ publicUrl: 'https://crm.clinic.example', methods })

/** The code of the refusal, or the href that is forwarded. Anything else that is thrown goes on. */
export function read (raw: RawRequest, reader = room): string {
  const found = readTarget(raw, reader)
  return typeof found === 'string' ? found : found.href
}

export function readTarget (raw: RawRequest, reader = room): CanonicalTarget | string {
  try {
    return reader.require(raw)
  } catch (error) {
    if (error instanceof Denial) return error.code
    throw error
  }
}

export interface Wire {
  /** Sends bytes and returns the status of the first answer, with the refusal's code; 400 `parser` is Node's own. */
  send(bytes: string): Promise<string>
  /** Targets that the CRM was asked for. */
  readonly seen: readonly string[]
}

export async function startWire (t: T): Promise<Wire> {
  const seen: string[] = []
  const answer = (message: IncomingMessage, reply: ServerResponse) => {
    const { method = '', url = '', httpVersion, headers, rawHeaders } = message
    const outcome = readTarget({ method, target: url, httpVersion, headers, rawHeaders })
    if (typeof outcome !== 'string') seen.push(`${outcome.method} ${outcome.href}`)
    reply.writeHead(200, { 'x-outcome': typeof outcome === 'string' ? outcome : 'forwarded', connection: 'close' }).end()
  }
  const server = createServer({ requireHostHeader: false }, answer)
  server.on('checkContinue', answer)
  server.on('checkExpectation', answer)
  server.on('upgrade', (message, socket) => {
    const { method = '', url = '', httpVersion, headers, rawHeaders } = message
    const outcome = readTarget({ method, target: url, httpVersion, headers, rawHeaders })
    if (typeof outcome !== 'string') seen.push(`UPGRADE ${outcome.href}`)
    socket.end(`HTTP/1.1 200 OK\r\nx-outcome: ${typeof outcome === 'string' ? outcome : 'forwarded'}\r\n\r\n`)
  })
  server.on('connect', (_message, socket) => { socket.end('HTTP/1.1 400 Bad\r\nx-outcome: connect\r\n\r\n') })
  server.on('clientError', (_error, socket) => { socket.end('HTTP/1.1 400 Bad\r\nx-outcome: parser\r\n\r\n') })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const { port } = server.address() as { port: number }
  return {
    seen,
    async send (bytes) {
      const socket = connect(port, '127.0.0.1')
      const chunks: Uint8Array[] = []
      socket.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      socket.write(bytes, 'latin1')
      await once(socket, 'close')
      return /x-outcome: (\S+)/i.exec(Buffer.concat(chunks).toString('latin1'))?.[1] ?? 'no answer'
    },
  }
}

/** Sends each request, expects its outcome, and that the CRM saw none of the refused. */
export async function expectRefused (t: T, wire: Wire, cases: readonly (readonly [name: string, bytes: string, outcome: string])[]): Promise<void> {
  for (const [name, bytes, outcome] of cases) t.equal(await wire.send(bytes), outcome, name)
  t.strictSame(wire.seen, [], 'the CRM saw nothing')
}

/** A GET of `target` as it goes over the wire. */
export function get (target: string, lines: readonly string[] = []): string {
  return ['GET ' + target + ' HTTP/1.1', 'Host: crm.clinic.example', ...lines, '', ''].join('\r\n')
}
