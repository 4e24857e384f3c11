// Trails for the bench: real ones, in a directory of their own, with a real Redis where one is asked for.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createAuditTrail, type AuditTrail } from '../../src/audit/audit.ts'
import type { AuditConfig } from '../../src/audit/config.ts'
import { createSystemClock, type Clock } from '../../src/shared/clock.ts'
import { createLogger } from '../../src/shared/log.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { freePort } from '../../test/support/journey.ts'
import { endWithBench } from '../processes.ts'

export const gateway = 'bench'
export const key = new SecretValue(randomBytes(32).toString('base64'))

export const config: AuditConfig = {
  key,
  durability: 'spool',
  deadline: '10s',
  segmentSize: '64MiB',
  maxSpoolSize: '64GiB',
  checkpoints: { every: '1m', records: 10_000, directories: [], objectStores: [], witnesses: [] },
}

export async function openTrail (directory: string, options: Partial<AuditConfig> & { readonly clock?: Clock } = {}): Promise<AuditTrail> {
  const { clock = createSystemClock(), ...more } = options
  return await createAuditTrail({ ...config, ...more }, { clock, log: createLogger({ level: 'error', name: 'bench' }), directory: join(directory, 'audit'), checkpointDirectory: join(directory, 'checkpoints'), gateway })
}

/** A Redis that confirms an append once it is on disk. */
export async function startRedis (directory: string): Promise<{ readonly url: string, stop (): Promise<void> }> {
  const port = await freePort()
  mkdirSync(directory, { recursive: true })
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory]
  const child = endWithBench(spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] }))
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break
  child.stdout.resume()
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async stop () {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
