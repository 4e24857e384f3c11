// What both listeners for mail share: how a mail is read within bounds, what may not stand in it, how a refusal is answered. It knows no configuration.
import type { SMTPServerDataStream, SMTPServerError } from 'smtp-server'
import type { Reason } from '../shared/errors.ts'

/** Replies of RFC 5321; reasons of other rooms have statuses of HTTP: from 500 on, it may come again. */
export function replyOf ({ status, publicText }: Reason, id: string): SMTPServerError {
  const code = (status < 450 && status !== 421) || status === 503 || status === 502 || status === 500 ? 451 : status
  return Object.assign(new Error(`${publicText} (${id})`), { responseCode: code })
}

/** Two servers that see different ends of lines see different mails (RFC 5321 section 2.3.8). */
export function hasLooseEnds (bytes: Buffer): boolean {
  if (bytes.includes(0)) return true
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) if (at === 0 || bytes[at - 1] !== 0x0d) return true
  for (let at = bytes.indexOf(0x0d); at !== -1; at = bytes.indexOf(0x0d, at + 1)) if (bytes[at + 1] !== 0x0a) return true
  return false
}

export interface Reading { readonly mostBytes: number, readonly take: (bytes: number) => void }

/** Undefined: it is longer. */
export async function readMail (stream: SMTPServerDataStream, { mostBytes, take }: Reading): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length
    // The rest is read and thrown away, so that the client hears why.
    if (length > mostBytes) { chunks.length = 0; continue }
    take(chunk.length)
    chunks.push(chunk)
  }
  return length > mostBytes ? undefined : Buffer.concat(chunks)
}
