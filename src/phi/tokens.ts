// Tokens: the same value gets the same token, and nobody without the key gets the value back. Keyed ones are for minimum-necessary only; Safe Harbor wants codes that are
// not derived from the person (45 CFR 164.514(c)(1)), so those are drawn at random and kept in a vault.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Kind } from './identifier-kinds.ts'

export interface Tokens {
  tokenOf (kind: Kind, value: string): string
  /** A token of ours passes a second time as it is. */
  isToken (text: string): boolean
}

export interface TokenVault {
  get (digest: string): string | undefined
  set (digest: string, token: string): void
}

const form = /^([a-z]{2,9}_[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{11})$/

function digest (key: Uint8Array, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url')
}

/** Checks of our own tokens, so that nobody's value is taken for one. */
function createSeal (key: Uint8Array): Pick<Tokens, 'isToken'> & { seal (token: string): string } {
  const checkOf = (token: string) => digest(key, ['check', token]).slice(0, 11)
  return {
    seal: token => `${token}.${checkOf(token)}`,
    isToken (text) {
      const [, token, check] = form.exec(text) ?? []
      return token !== undefined && check !== undefined && timingSafeEqual(Buffer.from(check), Buffer.from(checkOf(token)))
    },
  }
}

/** `key` has at least 32 bytes. */
export function createKeyedTokens (key: Uint8Array): Tokens {
  const { seal, isToken } = createSeal(key)
  return { isToken, tokenOf: (kind, value) => seal(`${kind}_${digest(key, [kind, value]).slice(0, 22)}`) }
}

/** The vault sees keyed digests of values, never values. */
export function createVaultTokens (key: Uint8Array, vault: TokenVault): Tokens {
  const { seal, isToken } = createSeal(key)
  return {
    isToken,
    tokenOf (kind, value) {
      const place = digest(key, [kind, value])
      const known = vault.get(place)
      if (known !== undefined) return known
      const token = seal(`${kind}_${randomBytes(17).toString('base64url').slice(0, 22)}`)
      vault.set(place, token)
      return token
    },
  }
}
