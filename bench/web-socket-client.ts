// Asks over WebSockets as fast as it is answered, checks each answer, and prints how many there were. Arguments: one JSON object (see web-sockets.ts).
import WebSocket from 'ws'
import type { ClientOptions } from 'ws'
import type { WebSocketLoad, WebSocketResult } from './web-sockets.ts'

const load = JSON.parse(process.argv[2] ?? '{}') as WebSocketLoad
const { port, host, headers, caPem, connections, seconds, bytes } = load
const message = Buffer.alloc(bytes, 'm')
const micros: number[] = []
const until = performance.now() + seconds * 1000

function converse (): Promise<void> {
  return new Promise((resolve, reject) => {
    const options: ClientOptions & { readonly servername: string } = { ca: caPem, servername: host, headers: { host: `${host}:${port}`, origin: `https://${host}:${port}`, ...headers } }
    const socket = new WebSocket(`wss://127.0.0.1:${port}/live`, options)
    let sentAt = 0
    const send = () => { sentAt = performance.now(); socket.send(message) }
    socket.on('open', send)
    socket.on('message', (data: Buffer) => {
      if (data.length !== bytes) { reject(new Error(`${data.length} bytes came back`)); return }
      const now = performance.now()
      micros.push((now - sentAt) * 1000)
      if (now < until) send()
      else socket.close()
    })
    socket.on('close', () => { resolve() })
    socket.on('error', reject)
  })
}

const began = performance.now()
await Promise.all(Array.from({ length: connections }, () => converse()))
const took = (performance.now() - began) / 1000
micros.sort((a, b) => a - b)
const at = (share: number) => (micros[Math.floor(micros.length * share)] ?? 0) / 1000
const result: WebSocketResult = { messages: micros.length, messagesPerSecond: micros.length / took, p50Ms: at(0.5), p99Ms: at(0.99) }
console.log(JSON.stringify(result))
process.exit(0)
