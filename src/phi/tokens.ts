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

/** Keeps what tokens stand for, where that is wanted. Told of each token that is given out, so that it knows which are still in use. */
export type KeepValue = (token: string, kept: { readonly kind: Kind, readonly value: string }) => void

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
export function createKeyedTokens (key: Uint8Array, keep?: KeepValue): Tokens {
  const { seal, isToken } = createSeal(key)
  return {
    isToken,
    tokenOf (kind, value) {
      const token = seal(`${kind}_${digest(key, [kind, value]).slice(0, 22)}`)
      keep?.(token, { kind, value })
      return token
    },
  }
}

/** The vault sees keyed digests of values, never values; only `keep` does. */
export function createVaultTokens (key: Uint8Array, vault: TokenVault, keep?: KeepValue): Tokens {
  const { seal, isToken } = createSeal(key)
  const tokenOf = (kind: Kind, value: string): string => {
    const place = digest(key, [kind, value])
    const known = vault.get(place)
    if (known !== undefined) return known
    vault.set(place, seal(`${kind}_${randomBytes(17).toString('base64url').slice(0, 22)}`))
    // Another thread may have been first; its token counts.
    return vault.get(place) as string
  }
  return {
    isToken,
    tokenOf (kind, value) {
      const token = tokenOf(kind, value)
      keep?.(token, { kind, value })
      return token
    },
  }
}

/** Whether a text is a token that this key made. */
export function isOwnToken (key: Uint8Array, text: string): boolean {
  return createSeal(key).isToken(text)
}
