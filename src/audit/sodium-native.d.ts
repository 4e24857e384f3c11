// The few libsodium calls that the trail uses; sodium-native brings no types of its own.
declare module 'sodium-native' {
  interface Sodium {
    readonly crypto_aead_xchacha20poly1305_ietf_ABYTES: number
    readonly crypto_aead_xchacha20poly1305_ietf_NPUBBYTES: number
    crypto_aead_xchacha20poly1305_ietf_encrypt (cipher: Uint8Array, message: Uint8Array, additional: Uint8Array, nsec: null, nonce: Uint8Array, key: Uint8Array): number
    /** Throws when the seal does not hold. */
    crypto_aead_xchacha20poly1305_ietf_decrypt (message: Uint8Array, nsec: null, cipher: Uint8Array, additional: Uint8Array, nonce: Uint8Array, key: Uint8Array): number
    crypto_generichash (output: Uint8Array, input: Uint8Array, key: Uint8Array): void
    crypto_hash_sha256 (output: Uint8Array, input: Uint8Array): void
  }
  const sodium: Sodium
  export default sodium
}
