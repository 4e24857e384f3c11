// All keys of the trail, derived from the one configured key. A key serves one purpose, one gateway, one writer and one epoch; tokens alone
// keep their key for as long as the configured key lives, so that they can be looked up over years.
import { hkdfSync } from 'node:crypto'
import type { SecretValue } from '../shared/schema.ts'
import { AuditSetupError } from './setup-error.ts'

export interface EpochKeys {
  readonly seal: Buffer
  readonly mac: Buffer
}

export interface AuditKeys {
  /** Names the configured key without telling anything about it: 11 characters of base64url. */
  readonly id: string
  readonly token: Buffer
  /** 32 bytes: the Ed25519 key that checkpoints are signed with. */
  readonly checkpointSeed: Buffer
  forEpoch (writer: string, epoch: number): EpochKeys
}

const keyBytes = 32

/** Throws an AuditSetupError when the configured text is not at least 32 bytes of base64. */
export function deriveAuditKeys (secret: SecretValue, gateway: string): AuditKeys {
  const text = secret.reveal().trim()
  const master = Buffer.from(text, 'base64')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || master.length < keyBytes) {
    throw new AuditSetupError('audit.keyInvalid', 'audit.key is not base64 of at least 32 random bytes. Make one with: openssl rand -base64 32')
  }
  // The parts of `info` stand in a JSON list, so that no two lists of parts give one text (RFC 5869 section 3.2).
  const derive = (length: number, ...parts: ReadonlyArray<string | number>) =>
    Buffer.from(hkdfSync('sha256', master, '', JSON.stringify(['sallyport audit 1', ...parts]), length))
  return {
    id: derive(8, 'key id').toString('base64url'),
    token: derive(keyBytes, 'token', gateway),
    checkpointSeed: derive(keyBytes, 'checkpoint', gateway),
    forEpoch: (writer, epoch) => ({
      seal: derive(keyBytes, 'seal', gateway, writer, epoch),
      mac: derive(keyBytes, 'mac', gateway, writer, epoch),
    }),
  }
}
