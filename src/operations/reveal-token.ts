// What does a token in a message that left stand for? Only accounts that the configuration names may ask; that they ask, why, and that somebody else tried is on record, the value
// is not.
import { join } from 'node:path'
import { deriveSealingKeys } from '../audit/audit.ts'
import { loadConfigToAsk } from '../config/config.ts'
import { readTokenValue, tokenVaultPurpose } from '../outbound/redaction/redaction.ts'
import { tokenVaultFile } from '../outbound/stored-message.ts'
import { isOwnToken } from '../phi/phi.ts'
import { createRequestId } from '../shared/ids.ts'
import { deriveKey } from '../shared/keys.ts'
import { createDeps } from './ask-trail.ts'
import { OperationError } from './operation-error.ts'
import { recordStep, runInSteps } from './record-operation.ts'

export interface RevealRequest {
  readonly configFile: string
  readonly token: string
  readonly reason: string
  /** Who asks. */
  readonly person: string
}

export interface Revealed { readonly kind: string, readonly value: string }

const sentences = {
  missing: 'The value of this token is not kept: it was not given out while outbound.tokenVault was configured, or its time (keepDays) is over.',
  sealed: 'The value of this token cannot be opened: it was sealed with an audit.key that is not in the ring any more, or it was changed.',
} as const

/** Throws a ConfigurationError or an OperationError. */
export async function revealToken ({ configFile, token, reason, person }: RevealRequest): Promise<Revealed> {
  const { config } = await loadConfigToAsk(configFile)
  const vault = config.outbound?.tokenVault
  if (vault === undefined) throw new OperationError('outbound.tokenVault is not configured: what tokens stand for is not kept.')
  if (!isOwnToken(deriveKey(config.session.secret, 'outbound tokens'), token)) throw new OperationError('This is no token of this gateway: copy the whole of it, with the part behind the dot.')
  const deps = createDeps(config)
  const operation = { name: 'tokens.reveal', facts: { token, reason, by: person } }
  if (!vault.mayReveal.includes(person)) {
    await recordStep(config, { id: createRequestId(), ...operation, step: 'refused' }, deps)
    throw new OperationError(`${person} may not look up tokens: outbound.tokenVault.mayReveal names who may. That you asked is on record.`)
  }
  let found: ReturnType<typeof readTokenValue> = 'missing'
  const run = async () => {
    found = readTokenValue(join(config.gateway.dataDirectory, tokenVaultFile), token, deriveSealingKeys(config.audit.key, tokenVaultPurpose))
    return typeof found === 'string' ? { found: false } : { found: true, kind: found.kind }
  }
  await runInSteps(config, operation, { ...deps, run })
  const answer = found as ReturnType<typeof readTokenValue>
  if (typeof answer === 'string') throw new OperationError(sentences[answer])
  return answer
}
