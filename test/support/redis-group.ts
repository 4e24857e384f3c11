// Several real Redis servers that belong together: a primary with a replica and a Sentinel, or a Cluster of three primaries.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './journey.ts'

type Test = { teardown (action: () => unknown): void }

const run = promisify(execFile)

export interface RedisNode {
  readonly port: number
  readonly address: string
  /** The answer in redis-cli's words. */
  ask(...args: readonly string[]): Promise<string>
  kill(): Promise<void>
}

class Group {
  readonly #directory = mkdtempSync(join(tmpdir(), 'sallyport-redis-group-'))
  readonly #children: ChildProcess[] = []
  #count = 0

  constructor (t: Test) {
    t.teardown(async () => {
      for (const child of this.#children) await endNow(child)
      rmSync(this.#directory, { recursive: true, force: true })
    })
  }

  async start (args: readonly string[], configuration?: (port: number) => string): Promise<RedisNode> {
    const port = await freePort()
    const place = join(this.#directory, String(this.#count += 1))
    mkdirSync(place)
    const file = join(place, 'redis.conf')
    writeFileSync(file, configuration?.(port) ?? '')
    const child = spawn('redis-server', [file, '--port', String(port), '--bind', '127.0.0.1', '--dir', place, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.push(child)
    let isReady = false
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      isReady = /Ready to accept connections|Sentinel ID is/.test(String(chunk))
      if (isReady) break
    }
    if (!isReady) throw new Error('a redis-server of the group ended at its start')
    child.stdout.resume()
    return {
      port,
      address: `redis://127.0.0.1:${port}`,
      ask: async (...words) => (await run('redis-cli', ['-p', String(port), ...words])).stdout.trim(),
      kill: () => endNow(child),
    }
  }
}

async function endNow (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']

/** `fallBack` kills the primary; the replica takes its place within seconds. */
export async function startSentinelGroup (t: Test): Promise<{ readonly sentinel: RedisNode, readonly primary: RedisNode, readonly replica: RedisNode }> {
  const group = new Group(t)
  const primary = await group.start(durable)
  const replica = await group.start([...durable, '--replicaof', '127.0.0.1', String(primary.port)])
  const sentinel = await group.start(['--sentinel'], () => [
    `sentinel monitor mymaster 127.0.0.1 ${primary.port} 1`, 'sentinel down-after-milliseconds mymaster 300', 'sentinel failover-timeout mymaster 2000', '',
  ].join('\n'))
  await untilTrue(async () => (await replica.ask('INFO', 'replication')).includes('master_link_status:up'))
  await untilTrue(async () => (await sentinel.ask('SENTINEL', 'REPLICAS', 'mymaster')).includes(String(replica.port)))
  return { sentinel, primary, replica }
}

/** Three primaries, and a replica of each. */
export async function startCluster (t: Test): Promise<readonly RedisNode[]> {
  const group = new Group(t)
  const nodes: RedisNode[] = []
  for (let n = 0; n < 6; n += 1) nodes.push(await group.start([...durable, '--cluster-enabled', 'yes', '--cluster-node-timeout', '800', '--cluster-config-file', 'nodes.conf', '--cluster-port', String(await freePort())]))
  await run('redis-cli', ['--cluster', 'create', ...nodes.map(({ port }) => `127.0.0.1:${port}`), '--cluster-replicas', '1', '--cluster-yes'])
  for (const node of nodes) await untilTrue(async () => (await node.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  // A replica that has not heard everything yet never takes its primary's place.
  for (const node of nodes) await untilTrue(async () => /role:master|master_link_status:up/.test(await node.ask('INFO', 'replication')))
  return nodes
}

/** Servers of their own tell the time of what they do: it is waited for, at most 20 s. */
export async function untilTrue (isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await isSo().catch(() => false)) return
    await new Promise(resolve => { setTimeout(resolve, 50) })
  }
  throw new Error('what was waited for did not happen within 20 s')
}
