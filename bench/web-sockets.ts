// Messages over WebSockets: each is said back by the CRM, and each answer checked. A message there and back counts as one.
import { fileURLToPath } from 'node:url'
import { cpuMicros } from './load.ts'
import type { Peer } from './peers.ts'
import { runScript } from './processes.ts'

export interface WebSocketLoad {
  readonly port: number
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  readonly caPem: string
  readonly connections: number
  readonly seconds: number
  /** Of one message. */
  readonly bytes: number
}

export interface WebSocketResult { readonly messages: number, readonly messagesPerSecond: number, readonly p50Ms: number, readonly p99Ms: number }

export async function measureWebSockets (peer: Peer, seconds: number): Promise<WebSocketResult & { readonly cpuMicros: number }> {
  const { port, host, headers, caPem, processIds } = peer
  const load: WebSocketLoad = { port, host, headers, caPem, connections: 32, seconds, bytes: 512 }
  const before = cpuMicros(processIds)
  const result = await runScript<WebSocketResult>(fileURLToPath(new URL('web-socket-client.ts', import.meta.url)), [JSON.stringify(load)])
  return { ...result, cpuMicros: (cpuMicros(processIds) - before) / result.messages }
}
