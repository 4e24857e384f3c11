// The chain over the leaves of one epoch: h_n = SHA-256(h_{n-1} ‖ seq ‖ leaf). It runs over leaves and not over sealed bytes, so that keys can
// change and a record can be shredded without breaking it. Digests are base64url texts, as they stand in a record.
import { hash } from 'node:crypto'

const digestBytes = 32
const seqBytes = 8

/** What the first record of an epoch is chained to. */
export function chainStart (gateway: string, writer: string, epoch: number): string {
  return hash('sha256', JSON.stringify(['sallyport audit 1', gateway, writer, epoch]), 'base64url')
}

const input = Buffer.alloc(digestBytes + seqBytes + digestBytes)

/** The hash of record `seq` whose leaf is given. */
export function chainNext (before: string, seq: number, leaf: string): string {
  input.write(before, 0, digestBytes, 'base64url')
  input.writeBigUInt64BE(BigInt(seq), digestBytes)
  input.write(leaf, digestBytes + seqBytes, digestBytes, 'base64url')
  return hash('sha256', input, 'base64url')
}
