// The leanest proxy that Node can be: its own TLS server and undici's dispatch, the answer passed on as it comes. No control, no library of ours.
// Arguments: upstream URL, certificate, key, and `h2` for HTTP/2. Prints its port.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { Pool, type Dispatcher } from 'undici'

const [upstream = '', certificate = '', key = '', protocol] = process.argv.slice(2)
const pool = new Pool(upstream, { connections: 256, pipelining: 1 })
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'proxy-connection', 'te', 'trailer', 'host'])

function pickHeaders (headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const picked: Record<string, string | string[]> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined && !name.startsWith(':') && !hopByHop.has(name)) picked[name] = value
  }
  return picked
}

class Passing implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse

  constructor (response: ServerResponse) { this.#response = response }

  onRequestStart (): void { /* nothing to do */ }

  onResponseStart (controller: Dispatcher.DispatchController, status: number, headers: IncomingMessage['headers']): void {
    this.#response.writeHead(status, pickHeaders(headers))
    this.#response.on('drain', () => { controller.resume() })
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void { if (!this.#response.write(chunk)) controller.pause() }

  onResponseEnd (): void { this.#response.end() }

  onResponseError (): void { this.#response.destroy() }
}

function handle (request: IncomingMessage, response: ServerResponse): void {
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  pool.dispatch({ path: request.url ?? '/', method: request.method as Dispatcher.HttpMethod, headers: pickHeaders(request.headers), body: hasBody ? request : null }, new Passing(response))
}

const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
const server = protocol === 'h2' ? createSecureServer(tls, handle as unknown as Parameters<typeof createSecureServer>[1]) : createServer(tls, handle as unknown as Parameters<typeof createServer>[1])
if ('keepAliveTimeout' in server) server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => { console.log((server.address() as { port: number }).port) })
