// Starts a recording process, kills it with SIGKILL in the middle of its work, and tells what it had acknowledged.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const child = new URL('audit-child.ts', import.meta.url).pathname

/** Ids that were acknowledged before the kill, which comes after about `count` of them. */
export async function recordUntilKilled (options: {
  readonly directory: string, readonly round: number, readonly key: string, readonly count: number, readonly redisUrl?: string,
}): Promise<string[]> {
  const { directory, round, key, count, redisUrl } = options
  const recorder = spawn(process.execPath, [child, directory, String(round), key, ...(redisUrl === undefined ? [] : [redisUrl])], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let isKilled = false
  recorder.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (!isKilled && text.split('\n').length > count + 1) {
      isKilled = true
      recorder.kill('SIGKILL')
    }
  })
  await once(recorder, 'close')
  if (!isKilled) throw new Error(`the recording process ended by itself after ${text.split('\n').length} lines`)
  return text.split('\n').slice(1, -1) // without `ready`, and without a line that the kill cut
}
