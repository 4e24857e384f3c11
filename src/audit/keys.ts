// All keys of the trail, derived from the configured ones. A key serves one purpose, one gateway, one writer and one epoch; which configured key an epoch
// has is settled by its number, so that a key is good for its epochs only. Tokens keep their key for as long as its epochs go, so that they can be looked up.
import { hkdfSync } from 'node:crypto'
import type { SecretValue } from '../shared/schema.ts'
import { readKeyRing } from './key-ring.ts'

export interface EpochKeys {
  readonly seal: Buffer
  readonly mac: Buffer
}

/** What one configured key is used for beside its epochs. */
export interface AuditKey {
  /** Names the configured key without telling anything about it: 11 characters of base64url. */
  readonly id: string
  readonly token: Buffer
  /** 32 bytes: the Ed25519 key that checkpoints are signed with. */
  readonly checkpointSeed: Buffer
  /** For what says where a trail begins after its oldest part was removed. */
  readonly beginning: Buffer
  /** For what declares an emergency. */
  readonly emergency: Buffer
}

export interface AuditKeys {
  /** Newest first. */
  readonly all: readonly AuditKey[]
  /** The one key that an epoch is sealed with. */
  of (epoch: number): AuditKey
  forEpoch (writer: string, epoch: number): EpochKeys
}

const keyBytes = 32

/** Throws an AuditSetupError when the configured text is no key ring. */
export function deriveAuditKeys (secret: SecretValue, gateway: string): AuditKeys {
  const ring = readKeyRing(secret.reveal()).map(({ master, until }) => {
    // The parts of `info` stand in a JSON list, so that no two lists of parts give one text (RFC 5869 section 3.2).
    const derive = (length: number, ...parts: ReadonlyArray<string | number>) =>
      Buffer.from(hkdfSync('sha256', master, '', JSON.stringify(['sallyport audit 1', ...parts]), length))
    return {
      until,
      derive,
      id: derive(8, 'key id').toString('base64url'),
      token: derive(keyBytes, 'token', gateway),
      checkpointSeed: derive(keyBytes, 'checkpoint', gateway),
      beginning: derive(keyBytes, 'beginning', gateway),
      emergency: derive(keyBytes, 'emergency', gateway),
    }
  })
  const [current] = ring
  // The oldest whose time had not come to an end.
  const of = (epoch: number) => ring.findLast(({ until }) => until !== undefined && epoch < until) ?? current as (typeof ring)[number]
  return {
    all: ring,
    of,
    forEpoch (writer, epoch) {
      const { derive } = of(epoch)
      return { seal: derive(keyBytes, 'seal', gateway, writer, epoch), mac: derive(keyBytes, 'mac', gateway, writer, epoch) }
    },
  }
}
