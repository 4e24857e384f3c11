// What an archive asks of a place that keeps its segments: whole objects by name, written once.

export interface ArchiveStore {
  /** For people: where it is. */
  readonly name: string
  /** Resolves when it is kept. Throws a StoreError, also when the name is taken. */
  put (name: string, bytes: Buffer): Promise<void>
  /** Undefined when there is none. */
  get (name: string): Promise<Buffer | undefined>
  /** All names that begin so, sorted. */
  list (prefix: string): Promise<readonly string[]>
  /** Resolves when it is gone for good; also when there was none. Throws a StoreError, also when the store keeps it locked. */
  remove (name: string): Promise<void>
}

/** The message is a sentence that says what to do and quotes nothing from outside. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

const nameShape = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/

/** Names are ours: no dot segment, nothing that a file system or a URL reads in another way. */
export function requireStoreName (name: string): void {
  if (!nameShape.test(name) || name.length > 512) throw new TypeError('not a name in the archive')
}
