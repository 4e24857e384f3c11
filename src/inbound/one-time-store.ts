// Small values that are used once: sign-in attempts, seen assertion ids, logout requests. The session store keeps them (SQLite or Redis).

/** Where attempts, used assertion ids and sent logout requests are kept (embedded or Redis); the session room's store offers it. */
export interface OneTimeStore {
  /** Stores `value` under `key` for `ttlMs`, only if there is none. False when there was one (atomic). `mayBeLost`: a power cut may take it, so nobody waits for the disk. */
  putOnce(key: string, value: string, ttlMs: number, how?: { readonly mayBeLost?: boolean }): Promise<boolean>
  /** Takes the value away and returns it (atomic), or undefined. */
  take(key: string): Promise<string | undefined>
  /** Reads without taking. */
  peek(key: string): Promise<string | undefined>
}
