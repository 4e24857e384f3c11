// What may follow `npm run demo --`. A wrong word gets one sentence, and nothing starts.
import { parseArgs } from 'node:util'
import { parseDuration } from '../../src/shared/schema.ts'

export interface DemoOptions {
  /** A Redis for the trail and the sessions; without it the embedded stores. */
  readonly redis: URL | undefined
  /** Idle timeout as text, `15m`. */
  readonly idle: string
  /** The port that was asked for; undefined takes 8443, or a free one when that is taken. */
  readonly port: number | undefined
  readonly help: boolean
}

/** A mistake of whoever typed the command; the message is a whole sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const usage = `npm run demo -- [options]

  --idle 30s      sign people out after so long without their doing (15m)
  --port 8443     where the gateway listens
  --redis URL     keep the trail and the sessions in this Redis: redis://host:port/db
  --help          this text
`

function readRedis (text: string): URL {
  const url = URL.parse(text)
  if (url === null || !['redis:', 'rediss:', 'unix:'].includes(url.protocol)) throw new UsageError(`--redis ${text} is not an address of a Redis. Write it as redis://127.0.0.1:6379/0.`)
  return url
}

function readIdle (text: string): string {
  const ms = parseDuration(text)
  if (ms === undefined) throw new UsageError(`--idle ${text} is not a duration. Write it as 30s or 15m.`)
  if (ms < 5000) throw new UsageError(`--idle ${text} is too short to click anything. Take at least 5s.`)
  return text
}

function readPort (text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new UsageError(`--port ${text} is not a port. Take a number from 1 to 65535.`)
  return port
}

/** Reads the words after the command. Throws a UsageError. */
export function readOptions (words: readonly string[]): DemoOptions {
  let values
  try {
    ({ values } = parseArgs({ args: [...words], options: { redis: { type: 'string' }, idle: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }))
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message.split('. ')[0] : 'That'}. The options are:\n\n${usage}`)
  }
  return {
    redis: values.redis === undefined ? undefined : readRedis(values.redis),
    idle: readIdle(values.idle ?? '15m'),
    port: values.port === undefined ? undefined : readPort(values.port),
    help: values.help ?? false,
  }
}
