// The part of the redaction engine's door that masking uses: how messages and paths are read, without what finds PHI in prose and in mail. phi.ts gives out the same and the rest.
import { createRequire } from 'node:module'
import { loadLater } from '../shared/load-later.ts'

export { createKeyedTokens, type Tokens } from './tokens.ts'
export { Hold } from './hold.ts'
export { kindWords, maskOf, type Kind } from './identifier-kinds.ts'
export { generalise } from './generalise.ts'
export { readMediaType, type MediaType } from './media-type.ts'
export { rewriteMessage } from './rewrite-message.ts'
export { compilePaths, itemName, parsePathPattern, type PathState } from './path-pattern.ts'
export type { LeafType, Spot, Visitor } from './visitor.ts'

const engine = loadLater(() => createRequire(import.meta.url)('./engine.ts') as typeof import('./engine.ts'))

/** Names that are data stand neither in a path nor in a message. */
export function isDataName (name: string): boolean {
  return engine().isDataName(name)
}
