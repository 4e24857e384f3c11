// A name server on loopback for tests: TXT, A, AAAA and MX of the names that it is given, NXDOMAIN for any other (RFC 1035).
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'

export interface Zone { readonly TXT?: readonly string[], readonly A?: readonly string[] }

export interface TestDns {
  /** As a setting has it. */
  readonly address: string
  /** By name, in small letters. */
  readonly zones: Record<string, Zone>
  /** Questions so far. */
  asked: number
  /** Nobody is answered. */
  isSilent: boolean
}

const types: Readonly<Record<number, keyof Zone>> = { 1: 'A', 16: 'TXT' }

function readName (bytes: Buffer): { readonly name: string, readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

function writeData (type: keyof Zone, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number))
  const pieces = value.match(/.{1,255}/g) ?? ['']
  return Buffer.concat(pieces.flatMap(piece => [Buffer.from([piece.length]), Buffer.from(piece, 'latin1')]))
}

function answer (question: Buffer, zones: TestDns['zones']): Buffer {
  const { name, end } = readName(question)
  const code = question.readUInt16BE(end)
  const zone = zones[name]
  const type = types[code]
  const records = type === undefined ? [] : (zone?.[type] ?? []).map(value => writeData(type, value))
  const header = Buffer.alloc(12)
  question.copy(header, 0, 0, 2)
  // Answer, authoritative, recursion; 3 is NXDOMAIN.
  header.writeUInt16BE(0x8580 | (zone === undefined ? 3 : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  const answers = records.flatMap(data => {
    const about = Buffer.alloc(12)
    about.writeUInt16BE(0xc00c, 0)
    about.writeUInt16BE(code, 2)
    about.writeUInt16BE(1, 4)
    about.writeUInt32BE(60, 6)
    about.writeUInt16BE(data.length, 10)
    return [about, data]
  })
  return Buffer.concat([header, question.subarray(12, end + 4), ...answers])
}

export async function startDns (t: Test, zones: TestDns['zones'] = {}): Promise<TestDns> {
  const socket = createSocket('udp4')
  const server = { zones, asked: 0, isSilent: false }
  socket.on('message', (question, { port, address }) => {
    server.asked += 1
    if (!server.isSilent) socket.send(answer(question, server.zones), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => { socket.close() })
  return Object.assign(server, { address: `127.0.0.1:${socket.address().port}` })
}
