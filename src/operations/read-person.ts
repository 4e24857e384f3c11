// Which person sits behind the command. Linux remembers who logged in, also behind sudo, and lets nobody change it afterwards (/proc/self/loginuid); elsewhere it is the account.
import { readFileSync } from 'node:fs'
import { readAccount } from './record-operation.ts'

/** What the kernel says when nobody logged in: in containers, in services. */
const nobody = 4_294_967_295

function readText (file: string): string {
  try { return readFileSync(file, 'utf8') } catch { return '' }
}

/** `read`: gives a file's text, empty when there is none. */
export function readPerson (read: (file: string) => string = readText): string {
  const text = read('/proc/self/loginuid').trim()
  if (!/^\d{1,10}$/.test(text) || Number(text) === nobody) return readAccount()
  const name = read('/etc/passwd').split('\n').map(line => line.split(':')).find(parts => parts[2] === text)?.[0]
  return name ?? `uid ${text}`
}
