// A checkpoint as text: a C2SP signed note (tlog-checkpoint): whose chain, how many records, the hash of the last one, signed with Ed25519. It holds nothing
// about anybody, so it can lie anywhere, and whoever has the public key can check it.
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { SegmentPlace } from '../segment.ts'
import { createSigningKey } from '../signing-key.ts'

export interface Checkpoint extends SegmentPlace {
  /** Records in the epoch so far. */
  readonly seq: number
  /** Hash of record `seq`, base64url. */
  readonly head: string
  /** When it was made, milliseconds since the epoch. */
  readonly time: number
  /** `AuditKeys.id` of the key that the records are sealed with, and whose checkpoint key signed this. */
  readonly keyId: string
  /** Whether the writer closed the epoch with this record: nothing comes after it. */
  readonly isLast: boolean
}

export interface CheckpointSigner {
  /** PEM (SPKI) of the public key. */
  readonly publicKey: string
  sign (checkpoint: Checkpoint): string
}

const nameOf = (gateway: string) => `sallyport/${gateway}`

/** The first four bytes of SHA-256(name ‖ line feed ‖ 0x01 ‖ public key): C2SP signed-note, type Ed25519. */
function keyHash (name: string, publicKey: KeyObject): Buffer {
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  return createHash('sha256').update(`${name}\n\u0001`).update(raw).digest().subarray(0, 4)
}

/** Name of a checkpoint wherever it is kept: each epoch has one, and a later one takes the place of an earlier one. */
export function nameCheckpoint ({ gateway, writer, epoch }: SegmentPlace): string {
  return `${gateway}-${writer}-${String(epoch).padStart(12, '0')}.checkpoint`
}

function formatBody (checkpoint: Checkpoint): string {
  const { gateway, writer, epoch, seq, head, time, keyId, isLast } = checkpoint
  const root = Buffer.from(head, 'base64url').toString('base64')
  return `${nameOf(gateway)}/${writer}/${epoch}\n${seq}\n${root}\ntime ${new Date(time).toISOString()}\nkey ${keyId}\n${isLast ? 'last\n' : ''}`
}

/** `seed` is 32 bytes, of this purpose alone. */
export function createCheckpointSigner (seed: Buffer, gateway: string): CheckpointSigner {
  const key = createSigningKey(seed)
  const publicKey = createPublicKey(key)
  const name = nameOf(gateway)
  const hashOfKey = keyHash(name, publicKey)
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign (checkpoint) {
      const body = formatBody(checkpoint)
      const signature = Buffer.concat([hashOfKey, sign(null, Buffer.from(body), key)])
      return `${body}\n— ${name} ${signature.toString('base64')}\n`
    },
  }
}

const shape = new RegExp('^(?<body>sallyport/(?<gateway>[a-z][a-z0-9-]{0,62})/(?<writer>[A-Za-z0-9_-]{1,64})/(?<epoch>[1-9][0-9]{0,11})\\n(?<seq>[1-9][0-9]{0,14})\\n' +
  '(?<root>[A-Za-z0-9+/]{43}=)\\ntime (?<time>[0-9TZ:.-]{24})\\nkey (?<keyId>[A-Za-z0-9_-]{11})\\n(?<last>last\\n)?)\\n— (?<name>[^ \\n]{1,80}) (?<signature>[A-Za-z0-9+/]{91}=)\\n$')

/** A note taken apart, or undefined when it has another form. Nothing in it is proven before `isGenuine` says so. */
export function parseCheckpoint (text: string): { readonly checkpoint: Checkpoint, isGenuine (publicKeyPem: string): boolean } | undefined {
  const groups = shape.exec(text)?.groups
  if (groups === undefined) return undefined
  const part = (name: string) => groups[name] as string
  const checkpoint: Checkpoint = {
    gateway: part('gateway'),
    writer: part('writer'),
    epoch: Number(part('epoch')),
    seq: Number(part('seq')),
    head: Buffer.from(part('root'), 'base64').toString('base64url'),
    time: Date.parse(part('time')),
    keyId: part('keyId'),
    isLast: groups['last'] !== undefined,
  }
  const body = part('body')
  // One spelling only: what is signed is what was read.
  if (Number.isNaN(checkpoint.time) || formatBody(checkpoint) !== body || part('name') !== nameOf(checkpoint.gateway)) return undefined
  const bytes = Buffer.from(part('signature'), 'base64')
  if (bytes.toString('base64') !== part('signature')) return undefined
  return {
    checkpoint,
    isGenuine (publicKeyPem) {
      const key = createPublicKey(publicKeyPem)
      return bytes.subarray(0, 4).equals(keyHash(part('name'), key)) && verify(null, Buffer.from(body), key, bytes.subarray(4))
    },
  }
}
