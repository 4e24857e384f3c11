// `npm run bench -- outbound`: the queue of messages by itself, as the gateway builds it: sealed and safe on this disk, then delivered in order to an https receiver in a process
// of its own. Redaction and the trail have figures of their own.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, fdatasyncSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { openSealedFiles } from '../../src/audit/audit.ts'
import { createDeliveryRoom } from '../../src/outbound/delivery/delivery.ts'
import { createReplayMemory } from '../../src/outbound/sender/replay-memory.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createLogger } from '../../src/shared/log.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { createTestAuthority } from '../../test/support/certificates.ts'
import { formatFigure, type Figure } from '../audit/figures.ts'
import { makeDirectory } from '../processes.ts'

const bodyBytes = 10 * 1024
const writers = 16
const remembered = 50_000

async function startReceiver (directory: string): Promise<{ readonly url: string, readonly authority: string, stop (): void }> {
  const authority = await createTestAuthority()
  const leaf = await authority.issue({ names: ['localhost'], addresses: ['127.0.0.1'] } as Parameters<typeof authority.issue>[0])
  const child = fork(new URL('receiver.ts', import.meta.url))
  child.send({ cert: leaf.certPem, key: leaf.keyPem })
  const [port] = await once(child, 'message') as [number]
  const file = join(directory, 'authority.pem')
  writeFileSync(file, authority.caPem)
  return { url: `https://127.0.0.1:${port}/in`, authority: file, stop: () => { child.kill() } }
}

const perSecond = (count: number, began: number) => count / ((performance.now() - began) / 1000)

/** What this disk does: a file of this size, safe, one after the other. */
function measureDisk (directory: string, count: number): number {
  mkdirSync(directory)
  const body = randomBytes(bodyBytes)
  const began = performance.now()
  for (let index = 0; index < count; index++) {
    const file = openSync(join(directory, String(index)), 'w')
    writeSync(file, body)
    fdatasyncSync(file)
    closeSync(file)
  }
  return perSecond(count, began)
}

async function measureQueue (directory: string, count: number): Promise<readonly Figure[]> {
  const receiver = await startReceiver(directory)
  const clock = createSystemClock()
  const log = createLogger({ level: 'error', name: 'bench', destination: process.stderr })
  const files = await openSealedFiles(join(directory, 'queue'), { key: new SecretValue(randomBytes(32).toString('base64')), purpose: 'bench' })
  let ended = 0
  let settle: () => void = () => { /* nothing waits yet */ }
  const all = new Promise<void>(resolve => { settle = resolve })
  const deps = { clock, log, files, allowAddresses: ['127.0.0.1'], attemptTimeoutMs: 30_000, retryForMs: 60_000, maxStoredBytes: 2 ** 40, random: Math.random }
  const onEnding = async () => { ended += 1; if (ended === count) settle() }
  const receivers = new Map([['d', { url: receiver.url, authority: receiver.authority, signingKey: `whsec_${randomBytes(32).toString('base64')}` }]])
  const room = createDeliveryRoom(receivers, { ...deps, mayLeave: () => true, onEnding })
  const body = randomBytes(bodyBytes)
  try {
    const began = performance.now()
    let next = 0
    const write = async () => {
      for (;;) {
        const index = next++
        if (index >= count) return
        room.requireRoom()
        await room.enqueue({ id: `m${index}`, destination: 'd', path: '', type: 'application/octet-stream', acceptedAt: clock.now(), body })
      }
    }
    await Promise.all(Array.from({ length: writers }, write))
    const stored = perSecond(count, began)
    await all
    return [
      { name: `taken, safe on disk (${writers} at a time, while they are delivered)`, value: stored, unit: 'messages/s' },
      { name: 'taken and delivered in order, one destination', value: perSecond(count, began), unit: 'messages/s' },
    ]
  } finally {
    await room.close()
    receiver.stop()
  }
}

function measureMemory (): Figure {
  const ids = Array.from({ length: 1000 }, (_, index) => `msg_${index}_`)
  const before = process.memoryUsage().heapUsed
  const memory = createReplayMemory(() => 0)
  for (let index = 0; index < remembered; index++) {
    const id = `${ids[index % 1000] ?? ''}${index}`
    memory.begin(id)
    memory.end(id, true)
  }
  return { name: 'memory of signatures, full, each destination (with garbage)', value: (process.memoryUsage().heapUsed - before) / 2 ** 20, unit: 'MiB', note: `${remembered} messages, or a day` }
}

export async function benchOutbound ({ isJson, scale }: { readonly isJson: boolean, readonly scale: number }): Promise<void> {
  const directory = makeDirectory()
  try {
    const count = Math.max(100, Math.round(3000 * scale))
    const figures: Figure[] = [
      { name: 'this disk: files of 10 KiB made safe, one after the other', value: measureDisk(join(directory, 'disk'), Math.min(count, 1000)), unit: 'files/s' },
      ...await measureQueue(directory, count),
      measureMemory(),
    ]
    if (isJson) console.log(JSON.stringify({ node: process.versions.node, cores: cpus().length, scale, figures }))
    else console.log(`Node ${process.versions.node}, ${cpus().length} cores; messages of 10 KiB, sealed\n${figures.map(figure => `  ${formatFigure(figure)}`).join('\n')}`)
  } finally { rmSync(directory, { recursive: true, force: true }) }
}
