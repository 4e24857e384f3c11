// Runs a client as a process of its own, with nothing of our environment but its path.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ClientRun { readonly code: number | null, readonly out: string, readonly err: string }

export async function runClient (command: string, args: readonly string[], { env, input = '' }: { readonly env: Readonly<Record<string, string>>, readonly input?: string }): Promise<ClientRun> {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'pipe' })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => { out.push(chunk) })
  child.stderr.on('data', (chunk: Buffer) => { err.push(chunk) })
  child.stdin.on('error', () => { /* it did not read on */ })
  child.stdin.end(input)
  const [code] = await once(child, 'close') as [number | null]
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }
}
