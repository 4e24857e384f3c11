// What stays open: server-sent events with the clinic's activity, and a WebSocket with presence and the team channel.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { WebSocketServer, type WebSocket } from 'ws'
import type { CrmContext } from './layout.ts'

const heartbeatMs = 10_000

/** `GET /events`: one event for each activity, and a comment now and then so that nobody takes the line for dead. */
export function registerEvents (app: FastifyInstance, context: CrmContext): void {
  app.get('/events', (request, reply) => {
    reply.hijack()
    const response = reply.raw
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) response.setHeader(name, value)
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    response.write('retry: 3000\nevent: hello\ndata: {}\n\n')
    const stop = context.records.onActivity(activity => { response.write(`event: activity\ndata: ${JSON.stringify(activity)}\n\n`) })
    const heartbeat = setInterval(() => { response.write(': still here\n\n') }, heartbeatMs)
    response.on('close', () => { stop(); clearInterval(heartbeat) })
    request.raw.on('error', () => response.destroy())
  })
}

interface Member { readonly socket: WebSocket, readonly person: string }

/** Takes over `upgrade` of the server for `/live`. Returns how to end all sockets. */
export function attachLive (server: Server): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 })
  const members = new Set<Member>()
  const tellAll = (message: object) => { for (const member of members) member.socket.send(JSON.stringify(message)) }
  const tellPresence = () => { tellAll({ type: 'presence', people: [...new Set([...members].map(member => member.person))].sort() }) }

  const join = (socket: WebSocket, person: string) => {
    const member = { socket, person }
    members.add(member)
    tellPresence()
    socket.on('error', () => socket.terminate())
    socket.on('close', () => { members.delete(member); tellPresence() })
    socket.on('message', (data, isBinary) => {
      if (isBinary) { socket.send(data, { binary: true }); return } // an echo, for whoever checks that bytes arrive as they left
      const text = String(data).trim().slice(0, 200)
      if (text !== '') tellAll({ type: 'message', from: person, text, at: new Date().toISOString() })
    })
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refuse = (line: string) => { socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`) }
    const person = request.headers['x-forwarded-user']
    if (request.url?.split('?')[0] !== '/live') { refuse('404 Not Found'); return }
    if (typeof person !== 'string' || person === '') { refuse('401 Unauthorized'); return }
    sockets.handleUpgrade(request, socket, head, webSocket => { join(webSocket, person) })
  })
  return () => { for (const member of members) member.socket.terminate(); sockets.close() }
}
