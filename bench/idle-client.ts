// Opens connections, asks once on each, and leaves them open. Prints one JSON line when all are, and ends when its input ends. Arguments: one JSON
// object (see idle-connections.ts).
import { connect, type TLSSocket } from 'node:tls'
import type { IdleLoad } from './idle-connections.ts'

const load = JSON.parse(process.argv[2] ?? '{}') as IdleLoad
const { port, host, headers, caPem, connections, withinMs } = load
const until = performance.now() + withinMs
const ask = `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
const open: TLSSocket[] = []
let begun = 0

function openOne (): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', servername: host, ca: caPem }, () => { socket.write(ask) })
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\r\n\r\n')
      if (end === -1 || text.length - end - 4 < 4096) return
      if (!text.startsWith('HTTP/1.1 200 ')) { reject(new Error(text.slice(0, 80))); return }
      text = ''
      open.push(socket)
      resolve()
    })
    socket.on('error', reject)
  })
}

async function openMany (): Promise<void> {
  while (begun < connections && performance.now() < until) {
    begun += 1
    await openOne()
  }
}

await Promise.all(Array.from({ length: 32 }, () => openMany()))
console.log(JSON.stringify({ open: open.filter(socket => !socket.destroyed).length }))
process.stdin.resume().on('end', () => { process.exit(0) })
