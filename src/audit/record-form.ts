// The form of one record as it lies in the spool: one line with clear fields in one order, a keyed digest over them, and the sealed part.
// There is exactly one spelling of a record; anything else is not a record. See docs/decisions/audit-record-form.md.
import { timingSafeEqual } from 'node:crypto'
import sodium from 'sodium-native'
import { tokenNames, type Tokens } from './tokens.ts'

export interface AuditRecord {
  /** Number of the record in its epoch, from 1. */
  readonly seq: number
  readonly time: number
  readonly kind: string
  /** A reason code or a status, nothing else. Empty when there is none. */
  readonly outcome: string
  readonly tokens: Tokens
  /** SHA-256(salt ‖ canonical event), base64url. */
  readonly leaf: string
  /** SHA-256(hash of the record before ‖ seq ‖ leaf), base64url. */
  readonly hash: string
  /** Keyed BLAKE2b over everything before it. */
  readonly mac: string
  /** Nonce ‖ XChaCha20-Poly1305(salt ‖ canonical event), base64url. Empty when the record was shredded. */
  readonly seal: string
}

const macBytes = 16

/** The clear fields of a line: what the keyed digest covers. ASCII only. */
export function formatClear (record: Omit<AuditRecord, 'mac' | 'seal'>): string {
  let text = `{"v":1,"n":${record.seq},"t":${record.time},"k":"${record.kind}"`
  if (record.outcome !== '') text += `,"o":"${record.outcome}"`
  for (const name of tokenNames) {
    const token = record.tokens[name]
    if (token !== undefined) text += `,"${name}":"${token}"`
  }
  return `${text},"leaf":"${record.leaf}","hash":"${record.hash}"`
}

/** The line, without its line break. */
export function formatLine (clear: string, mac: string, seal: string): string {
  return `${clear},"mac":"${mac}","seal":"${seal}"}`
}

/** The line of a record that came from elsewhere than the spool. */
export function formatRecord (record: AuditRecord): string {
  return formatLine(formatClear(record), record.mac, record.seal)
}

const shape = new RegExp([
  '^(?<clear>\\{"v":1,"n":(?<seq>[1-9][0-9]{0,14}),"t":(?<time>0|[1-9][0-9]{0,14}),"k":"(?<kind>[a-z]+\\.[a-z]+)"(?:,"o":"(?<outcome>[A-Za-z0-9.]{1,64})")?',
  ...tokenNames.map(name => `(?:,"${name}":"(?<${name}>[A-Za-z0-9_-]{22})")?`),
  ',"leaf":"(?<leaf>[A-Za-z0-9_-]{43})","hash":"(?<hash>[A-Za-z0-9_-]{43})"),"mac":"(?<mac>[A-Za-z0-9_-]{22})","seal":"(?<seal>[A-Za-z0-9_-]*)"\\}$',
].join(''))

/** A line taken apart, or undefined when it is not one of ours, spelled as we spell it. */
export function parseLine (line: string): { readonly record: AuditRecord, readonly clear: string } | undefined {
  const groups = shape.exec(line)?.groups
  if (groups === undefined) return undefined
  const tokens: Partial<Record<typeof tokenNames[number], string>> = {}
  for (const name of tokenNames) if (groups[name] !== undefined) tokens[name] = groups[name]
  const part = (name: string) => groups[name] as string
  const record = {
    seq: Number(part('seq')),
    time: Number(part('time')),
    kind: part('kind'),
    outcome: groups['outcome'] ?? '',
    tokens,
    leaf: part('leaf'),
    hash: part('hash'),
    mac: part('mac'),
    seal: part('seal'),
  }
  return { record, clear: part('clear') }
}

const macOutput = Buffer.alloc(macBytes)
const macInput = Buffer.alloc(4096)

/** The keyed digest of clear fields (BLAKE2b, 128 bits), base64url. */
export function macOf (clear: string, key: Buffer): string {
  const input = clear.length <= macInput.length ? macInput.subarray(0, macInput.write(clear, 'latin1')) : Buffer.from(clear, 'latin1')
  sodium.crypto_generichash(macOutput, input, key)
  return macOutput.toString('base64url')
}

/** Whether two texts are one, in a time that does not tell where they differ. */
export function isSameText (one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
