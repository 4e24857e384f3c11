// What an open connection costs in memory on which nothing happens: thousands are opened, asked once each, and left.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readMemory } from './memory.ts'
import type { Peer } from './peers.ts'
import { loadCore } from './processes.ts'

export interface IdleLoad {
  readonly port: number
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  readonly caPem: string
  readonly connections: number
  /** No more are opened after this. */
  readonly withinMs: number
}

export interface IdleResult { readonly connections: number, readonly kibEach: number }

const withinMs = 90_000
const spare = 1500
/** Until the garbage of the handshakes is gone, as far as it goes by itself. */
const settleMs = 3000

/** As many of `wanted` as the limit on open files leaves room for. */
function affordable (wanted: number): number {
  const limit = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024)
  return Math.max(100, Math.min(wanted, limit - spare))
}

export async function measureIdle (peer: Peer, wanted: number): Promise<IdleResult> {
  const pid = peer.processIds[0] as number
  const load: IdleLoad = { port: peer.port, host: peer.host, headers: peer.headers, caPem: peer.caPem, connections: affordable(wanted), withinMs }
  const before = readMemory(pid).residentMib
  const child = spawn('taskset', ['-c', String(loadCore), process.execPath, fileURLToPath(new URL('idle-client.ts', import.meta.url)), JSON.stringify(load)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [line] = await once(child.stdout, 'data') as [Buffer]
  const { open } = JSON.parse(String(line)) as { open: number }
  await new Promise(resolve => { setTimeout(resolve, settleMs) })
  const after = readMemory(pid).residentMib
  child.stdin.end()
  await ended
  if (open === 0) throw new Error('no connection stayed open')
  return { connections: open, kibEach: (after - before) * 1024 / open }
}
