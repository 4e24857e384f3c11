// CRC-32C (Castagnoli), which PROXY protocol v2 uses; zlib's crc32 is another polynomial.

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ 0x82f63b78
  return remainder
})

/** The checksum of all bytes (RFC 3309 appendix B). */
export function crc32c (bytes: Uint8Array): number {
  let remainder = 0xffffffff
  for (const byte of bytes) remainder = (remainder >>> 8) ^ (table[(remainder ^ byte) & 0xff] as number)
  return (remainder ^ 0xffffffff) >>> 0
}
