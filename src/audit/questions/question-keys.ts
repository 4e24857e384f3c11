// The tokenisers of a question: one for each key that tokens may have been made under.
import type { SecretValue } from '../../shared/schema.ts'
import { deriveAuditKeys } from '../keys.ts'
import { createTokeniser, type Tokeniser } from '../tokens.ts'

export function createQuestionTokenisers (key: SecretValue, gateway: string): readonly Tokeniser[] {
  return deriveAuditKeys(key, gateway).all.map(({ token }) => createTokeniser(token))
}
