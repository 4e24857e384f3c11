// The CRM of the bench: 4 KiB of JSON at /, any size at /bytes/<n>, 40 KiB of HTML at /document (and packed, by the coding named below it or as the request asks), it
// swallows uploads, and its WebSockets say everything back. Run as a process of its own; prints its port.
import { createServer } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { pipeline, Readable, Writable } from 'node:stream'
import { WebSocketServer } from 'ws'

const body = JSON.stringify({ leads: Array.from({ length: 24 }, (_, index) => ({ id: index, name: `Lead ${index}`, phone: `555-01${String(index).padStart(2, '0')}`, note: 'n'.repeat(108) })) }).padEnd(4096, ' ').slice(0, 4096)
const block = Buffer.alloc(64 * 1024, 'a')

function bytes (size: number): Readable {
  let left = size
  return new Readable({
    read () {
      const next = Math.min(left, block.length)
      left -= next
      this.push(next === 0 ? null : block.subarray(0, next))
    },
  })
}

const row = (index: number) => `<tr><td><a href="/leads/${index}">Lead ${index}</a></td><td>555-01${index % 100}</td><td>${(index * 2654435761 >>> 0).toString(36)} asked for an appointment</td></tr>\n`
const page = Buffer.from(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Leads</title></head><body><table>\n${Array.from({ length: 500 }, (_, index) => row(index)).join('')}`.slice(0, 40_940).padEnd(40_960, ' '))
const documents: Readonly<Record<string, Buffer>> = { '/document': page, '/document/gzip': gzipSync(page), '/document/br': brotliCompressSync(page) }

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const size = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1]
  if (size !== undefined) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
    pipeline(bytes(Number(size)), response, () => undefined)
    return
  }
  const path = request.url === '/document/negotiated' ? `/document/${/\bbr\b/.test(String(request.headers['accept-encoding'])) ? 'br' : 'gzip'}` : request.url ?? ''
  const document = documents[path]
  if (document !== undefined) {
    const coding = path.split('/')[2]
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': document.length, ...(coding === undefined ? {} : { 'content-encoding': coding }) }).end(document)
    return
  }
  if (request.method === 'POST') {
    let received = 0
    pipeline(request, new Writable({ write (chunk: Buffer, _encoding, done) { received += chunk.length; done() } }), () => { response.end(String(received)) })
    return
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 4096 })
  response.end(body)
})
new WebSocketServer({ server }).on('connection', socket => { socket.on('message', data => { socket.send(data as Buffer) }) })
server.listen(0, '127.0.0.1', () => { console.log((server.address() as { port: number }).port) })
