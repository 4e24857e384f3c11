// A client of the forward proxy that sends what no library would: CONNECT in any words, another name in the handshake, raw bytes behind it.
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { proxyPassword } from './proxy-place.ts'

export const basic = (password: string) => `Basic ${Buffer.from(`crm:${password}`).toString('base64')}`

/** Sends the text to the proxy; resolves with what came back until the connection ended. */
export async function sayToProxy (port: number, text: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1')
  return await readAll(socket, () => { socket.write(text) })
}

async function readAll (socket: Socket, begin: () => void): Promise<string> {
  return await new Promise(resolve => {
    let received = ''
    socket.on('data', (chunk: Buffer) => { received += chunk.toString('latin1') })
    socket.on('error', () => { /* told by the end */ })
    socket.on('close', () => { resolve(received) })
    begin()
  })
}

export const connectLine = (target: string, authorization: string | undefined = basic(proxyPassword)) =>
  `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`}\r\n`

/** A connection behind a CONNECT that was answered 200. Throws with the answer otherwise. */
export async function openThrough (port: number, target: string): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1')
  socket.on('error', () => { /* told by its end */ })
  socket.write(connectLine(target))
  const head = await new Promise<string>(resolve => { socket.once('data', (chunk: Buffer) => { resolve(chunk.toString('latin1')) }) })
  if (!head.startsWith('HTTP/1.1 200')) throw new Error(head)
  return socket
}

/** A handshake with the host itself behind the proxy; resolves when it is done, with what resolves at the connection's end. */
export async function openSecure (port: number, { target, name, ca }: Readonly<Record<'target' | 'name' | 'ca', string>>): Promise<{ readonly closed: Promise<void>, say (text: string): void }> {
  const secure = connectTls({ socket: await openThrough(port, target), ca, servername: name })
  const closed = new Promise<void>(resolve => { secure.once('close', () => { resolve() }) })
  secure.on('error', () => { /* told by its end */ })
  secure.resume()
  await new Promise<void>(resolve => { secure.once('secureConnect', () => { resolve() }) })
  return { closed, say (text) { secure.write(text) } }
}

export interface RawCall {
  readonly target: string
  /** Undefined: none. */
  readonly name: string | undefined
  readonly text: string
  readonly ca: string
  /** Called when the text was sent. */
  readonly then?: () => void
}

/** CONNECT, a handshake for `name`, the text. Resolves with what came back until the end; empty when the handshake broke. */
export async function sayInside (port: number, { target, name, text, ca, then }: RawCall): Promise<string> {
  const socket = await openThrough(port, target)
  const secure = connectTls({ socket, ca, ...(name === undefined ? {} : { servername: name }), ALPNProtocols: ['http/1.1'], checkServerIdentity: () => undefined })
  return await readAll(secure, () => { secure.once('secureConnect', () => { secure.write(text, 'latin1'); then?.() }) })
}
