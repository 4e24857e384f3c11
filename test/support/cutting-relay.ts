// A relay before a real server that lets requests through and cuts, or keeps, the answers: the server did it, the client does not know.
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'

export interface CuttingRelay {
  readonly url: string
  /** Decides for each piece of an answer: pass it, cut the connection instead, pass half of it and cut, or swallow it and keep the connection. */
  onAnswer: (piece: Buffer) => 'pass' | 'cut' | 'half' | 'swallow'
  /** The same for each piece of a request: cut, or half of it and cut, before the server has it whole. */
  onRequest: (piece: Buffer) => 'pass' | 'cut' | 'half'
  readonly cuts: number
  /** Breaks all connections; new ones lead to another server. */
  leadTo (targetUrl: string): void
  stop (): Promise<void>
}

export async function startCuttingRelay (targetUrl: string): Promise<CuttingRelay> {
  let target = new URL(targetUrl)
  const open = new Set<Socket>()
  let cuts = 0
  const server = createServer(inner => {
    const outer = connect(Number(target.port), target.hostname)
    open.add(inner)
    inner.on('error', () => inner.destroy())
    outer.on('error', () => inner.destroy())
    inner.on('close', () => { outer.destroySoon(); open.delete(inner) })
    outer.on('close', () => inner.destroy())
    inner.on('data', (piece: Buffer) => {
      const fate = relay.onRequest(piece)
      if (fate === 'pass') outer.write(piece)
      else {
        cuts += 1
        if (fate === 'half') outer.end(piece.subarray(0, piece.length / 2))
        inner.destroy()
      }
    })
    outer.on('data', (piece: Buffer) => {
      const fate = relay.onAnswer(piece)
      if (fate === 'pass') inner.write(piece)
      if (fate === 'cut' || fate === 'half') {
        cuts += 1
        if (fate === 'half') inner.end(piece.subarray(0, piece.length / 2))
        outer.destroy()
        inner.destroySoon()
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const relay = {
    url: `redis://${target.username}${target.password === '' ? '' : `:${target.password}`}${target.username === '' ? '' : '@'}127.0.0.1:${port}${target.pathname}`,
    onAnswer: (_piece: Buffer): 'pass' | 'cut' | 'half' | 'swallow' => 'pass',
    onRequest: (_piece: Buffer): 'pass' | 'cut' | 'half' => 'pass',
    get cuts () { return cuts },
    leadTo (url: string) {
      target = new URL(url)
      for (const socket of open) socket.destroy()
    },
    async stop () {
      server.close()
      for (const socket of open) socket.destroy()
      await once(server, 'close').catch(() => undefined)
    },
  }
  return relay
}
