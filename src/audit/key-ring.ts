// The text of `audit.key`: the current key on the first line, earlier ones below it, newest first, each with the epoch from which on it is not used any more.
import { AuditSetupError } from './setup-error.ts'

export interface RingKey {
  /** At least 32 bytes. */
  readonly master: Buffer
  /** Epochs from this one on have a newer key; undefined for the current one. */
  readonly until: number | undefined
}

const leastBytes = 32
const lineShape = /^(?<key>[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2})(?: until (?<until>[1-9][0-9]{0,11}))?$/

/** Throws an AuditSetupError that says which line cannot be used and quotes nothing. */
export function readKeyRing (text: string): readonly RingKey[] {
  const ring: RingKey[] = []
  for (const [at, line] of text.trim().split(/\r?\n/).entries()) {
    const groups = lineShape.exec(line.trim())?.groups
    const master = Buffer.from(groups?.['key'] ?? '', 'base64')
    const until = groups?.['until'] === undefined ? undefined : Number(groups['until'])
    const refuse = (why: string) => new AuditSetupError('audit.keyInvalid', `audit.key, line ${at + 1}: ${why}`)
    if (master.length < leastBytes) throw refuse('it is not base64 of at least 32 random bytes. Make a key with: sallyport keys create DIRECTORY')
    if ((until === undefined) !== (at === 0)) throw refuse(at === 0 ? 'the first line is the current key and has no "until".' : 'an earlier key says until which epoch it was used: <key> until <epoch>.')
    const newer = ring.at(-1)?.until
    if (until !== undefined && newer !== undefined && until >= newer) throw refuse('the keys stand newest first, each with a smaller epoch than the one above it.')
    if (ring.some(known => known.master.equals(master))) throw refuse('it is the same key as one above it.')
    ring.push({ master, until })
  }
  return ring
}

/** What keeps a text from being a key ring, or undefined when nothing does. */
export function explainKeyRing (text: string): string | undefined {
  try {
    readKeyRing(text)
    return undefined
  } catch (error) {
    if (error instanceof AuditSetupError) return error.message
    throw error
  }
}

/** The text with a new current key; the one that was current is good for epochs before `until`. Throws as `readKeyRing` does. */
export function addToKeyRing (text: string, { key, until }: { readonly key: Buffer, readonly until: number }): string {
  const [current = '', ...earlier] = text.trim().split(/\r?\n/).map(line => line.trim())
  const next = [key.toString('base64'), `${current} until ${until}`, ...earlier].join('\n')
  readKeyRing(next)
  return `${next}\n`
}
