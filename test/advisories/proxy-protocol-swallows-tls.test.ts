// A reader that takes whole packets off the socket swallows the beginning of the TLS handshake behind the PROXY header, or hands the header to TLS.
// Here TLS gets every byte after the header and none of it, wherever the packets are cut.
import { once } from 'node:events'
import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { acceptProxyProtocol } from '../../src/inbound/client-ip/client-ip.ts'
import { createTestAuthority } from '../support/certificates.ts'
import { createMovableClock } from '../support/clock.ts'

const header = Buffer.from('0d0a0d0a000d0a515549540a21110011cb007109c0a80102d43101bb0100026832', 'hex')

async function listen (test: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

/** Answers every connection inside TLS with the source that its PROXY header named and what it was sent. */
async function startGate (test: Test) {
  const authority = await createTestAuthority()
  const { certPem, keyPem } = await authority.issue({ names: ['crm.clinic.test'] })
  const sources = new Map<number | undefined, string | undefined>()
  const inside: Socket[] = []
  const tls = createTlsServer({ cert: certPem, key: keyPem }, (socket: TLSSocket) => {
    socket.on('error', () => undefined)
    socket.once('data', said => { socket.end(`${sources.get(socket.remotePort) ?? 'nobody'} said ${String(said)}`) })
  })
  const server = createServer(socket => {
    inside.push(socket)
    socket.on('error', () => undefined)
    acceptProxyProtocol(socket, { clock: createMovableClock(), timeoutMs: 1000 }).then(({ source }) => {
      sources.set(socket.remotePort, source)
      tls.emit('connection', socket)
    }, () => undefined)
  })
  return { port: await listen(test, server), ca: authority.caPem, inside }
}

/** A balancer that writes the header and the client's first bytes in pieces, each of which has arrived before the next is sent. */
async function startBalancer (test: Test, gate: Awaited<ReturnType<typeof startGate>>, cut: (first: Buffer) => readonly Buffer[]): Promise<number> {
  return await listen(test, createServer(client => {
    void (async () => {
      const [first] = await once(client, 'data') as [Buffer]
      client.pause()
      const onward = connectTcp(gate.port, '127.0.0.1')
      onward.setNoDelay(true)
      for (const end of [client, onward]) end.on('error', () => { client.destroy(); onward.destroy() })
      await once(onward, 'connect')
      let sent = 0
      for (const piece of cut(Buffer.concat([header, first]))) {
        onward.write(piece)
        sent += piece.length
        while (sent < header.length && (gate.inside.at(-1)?.bytesRead ?? 0) < sent) await turn()
        await turn()
      }
      onward.pipe(client)
      client.pipe(onward)
    })()
  }))
}

async function talk (port: number, ca: string): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'crm.clinic.test', ca })
  socket.write('hello')
  let heard = ''
  socket.on('data', piece => { heard += String(piece) })
  await once(socket, 'close')
  return heard
}

t.test('header and handshake in one packet', async t => {
  const gate = await startGate(t)
  t.equal(await talk(await startBalancer(t, gate, bytes => [bytes]), gate.ca), '203.0.113.9 said hello')
})

t.test('cut in two at every byte of the header and into the handshake', async t => {
  const gate = await startGate(t)
  let at = 1
  const port = await startBalancer(t, gate, bytes => [bytes.subarray(0, at), bytes.subarray(at)])
  for (; at <= header.length + 6; at++) t.equal(await talk(port, gate.ca), '203.0.113.9 said hello', `after ${at} bytes`)
})

t.test('every byte by itself', async t => {
  const gate = await startGate(t)
  const port = await startBalancer(t, gate, bytes => Array.from(bytes, byte => Buffer.from([byte])))
  t.equal(await talk(port, gate.ca), '203.0.113.9 said hello')
})
