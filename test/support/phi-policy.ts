// A redactor from a few rules, for tests.
import { compilePolicy, createKeyedTokens, createRedactor, createVaultTokens, type Redactor } from '../../src/phi/phi.ts'
import type { FieldRule, PolicyFile } from '../../src/phi/config.ts'

const key = Buffer.alloc(32, 7)

export function redactorOf (rules: readonly FieldRule[], more: Partial<PolicyFile> = {}): Redactor {
  const { policy, problems } = compilePolicy({ name: 'test', version: 1, profile: 'safe-harbor', unknown: 'mask', deepest: 64, ...more, rules: [...rules] })
  if (problems.length > 0) throw new TypeError(problems[0]?.message)
  const tokens = policy.profile === 'safe-harbor' ? createVaultTokens(key, new Map()) : createKeyedTokens(key)
  return createRedactor({ policy, tokens, now: () => Date.UTC(2026, 0, 1) })
}

/** The body that comes out, or `held: reason`. */
export function redactWith (redactor: Redactor, type: string, body: string | Buffer): string {
  const redaction = redactor.redact({ type, body: Buffer.from(body) })
  return redaction.held === undefined ? redaction.body.toString('utf8') : `held: ${redaction.held}`
}
