// Bytes on a TLS connection, for requests that no client library would send.
import { connect } from 'node:tls'
import type { Journey } from './journey.ts'

/** Sends `text` as it is and returns what came back until the connection closed or `quietMs` passed without a byte. */
export async function sendRaw (journey: Journey, text: string, options: { readonly quietMs?: number, readonly from?: string } = {}): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: journey.port, servername: 'crm.clinic.test', ca: journey.authority.caPem, ALPNProtocols: ['http/1.1'], ...(options.from === undefined ? {} : { localAddress: options.from }) })
  return new Promise((resolve, reject) => {
    let received = ''
    socket.on('error', error => { if (received === '') reject(error); else resolve(received) })
    socket.on('data', chunk => { received += chunk.toString('latin1') })
    socket.on('close', () => { resolve(received) })
    socket.setTimeout(options.quietMs ?? 3000, () => { socket.destroy() })
    socket.on('secureConnect', () => { socket.write(text, 'latin1') })
  })
}
