// Keys for what is sealed beside the trail, from the same ring: each purpose has its own, and what an earlier key sealed can still be opened.
import { hkdfSync } from 'node:crypto'
import type { SecretValue } from '../shared/schema.ts'
import { readKeyRing } from './key-ring.ts'

export interface SealingKey {
  /** Which key of the ring it is from; says nothing about it. */
  readonly id: string
  readonly seal: Buffer
}

/** The current one first. */
export function deriveSealingKeys (key: SecretValue, purpose: string): readonly SealingKey[] {
  return readKeyRing(key.reveal()).map(({ master }) => {
    const derive = (length: number, ...parts: readonly string[]) => Buffer.from(hkdfSync('sha256', master, '', JSON.stringify(['sallyport sealed 1', ...parts]), length))
    return { id: derive(8, 'key id').toString('base64url'), seal: derive(32, 'seal', purpose) }
  })
}
