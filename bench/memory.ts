// Memory of a process while a large body streams through it.
import { readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { Peer } from './peers.ts'

/** Resident memory now and the most since `resetPeak`, MiB (Linux). */
export function readMemory (pid: number): { readonly residentMib: number, readonly peakMib: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN)
  return { residentMib: kib('VmRSS') / 1024, peakMib: kib('VmHWM') / 1024 }
}

export function resetPeak (pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

export interface StreamResult { readonly mibPerSecond: number, readonly peakMib: number }

export async function streamThrough (peer: Peer, direction: 'down' | 'up', bytes: number): Promise<StreamResult> {
  const pid = peer.processIds[0] as number
  resetPeak(pid)
  const began = performance.now()
  const common = { host: '127.0.0.1', port: peer.port, servername: peer.host, ca: peer.caPem, agent: false as const, headers: { host: `${peer.host}:${peer.port}`, ...peer.headers, 'content-type': 'application/octet-stream' } }
  let seen = 0
  if (direction === 'down') {
    const [answer] = await once(request({ ...common, path: `/bytes/${bytes}` }).end(), 'response') as [IncomingMessage]
    for await (const chunk of answer) seen += (chunk as Buffer).length
  } else {
    const outgoing = request({ ...common, method: 'POST', path: '/upload', headers: { ...common.headers, 'content-length': bytes } })
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    const block = Buffer.alloc(64 * 1024)
    const blocks = function * () { for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length)) }
    await pipeline(Readable.from(blocks(), { objectMode: false }), outgoing)
    const [answer] = await answered
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    seen = Number(text)
  }
  if (seen !== bytes) throw new Error(`${direction}: ${seen} of ${bytes} bytes arrived`)
  return { mibPerSecond: bytes / 1024 ** 2 / ((performance.now() - began) / 1000), peakMib: readMemory(pid).peakMib }
}
