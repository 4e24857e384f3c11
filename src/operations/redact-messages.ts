// Runs the redaction engine on messages that an administrator gives it: to try a policy before it decides about real ones. It keeps nothing and records no value.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { loadPolicyFile } from '../config/config.ts'
import { compilePolicy, createKeyedTokens, createProsePolicy, createRedactor, createVaultTokens, heldReasons, identifierKinds, type HeldReason, type Policy, type Redaction, type Redactor } from '../phi/phi.ts'
import { createSystemClock } from '../shared/clock.ts'
import { describeCode, OperationError } from './operation-error.ts'

export { heldReasons, identifierKinds, type Redaction }

export interface RedactionSettings {
  /** Undefined: the prose chain, for plain text and HTML. */
  readonly policyFile: string | undefined
  /** Undefined: a key of this run, so that tokens mean something within it only. */
  readonly tokenKeyFile: string | undefined
}

export type BatchLine =
  | { readonly held: undefined, readonly text: string, readonly redaction: Redaction & { held: undefined } }
  | { readonly held: HeldReason | 'batchLine', readonly text: string }

export const batchLineSentence = 'The line is not a JSON object with id, type and either body (text) or bodyBase64.'
const shortestKey = 32
/** A message of 10 KB takes a few milliseconds. */
const mostCpuMs = 10_000

async function loadPolicy (file: string): Promise<Policy> {
  return compilePolicy(await loadPolicyFile(file)).policy
}

async function loadKey (file: string): Promise<Buffer> {
  let key: Buffer
  try {
    key = await readFile(file)
  } catch (error) {
    throw new OperationError(`The token key cannot be read${describeCode(error)}: check the path of --token-key.`)
  }
  if (key.length < shortestKey) throw new OperationError(`The token key has ${key.length} bytes and needs at least ${shortestKey}: make one with sallyport keys create.`)
  return key
}

function readCpuMs (): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Throws a ConfigurationError for a policy with findings, an OperationError for a key that cannot be used. */
export async function openRedactor ({ policyFile, tokenKeyFile }: RedactionSettings): Promise<Redactor> {
  const policy = policyFile === undefined ? createProsePolicy() : await loadPolicy(policyFile)
  const key = tokenKeyFile === undefined ? randomBytes(shortestKey) : await loadKey(tokenKeyFile)
  const tokens = policy.profile === 'safe-harbor' ? createVaultTokens(key, new Map()) : createKeyedTokens(key)
  const clock = createSystemClock()
  const redactor = createRedactor({ policy, tokens, now: () => clock.now(), cpuLimit: { mostMs: mostCpuMs, spentMs: readCpuMs } })
  if (policyFile !== undefined) return redactor
  return { redact: message => /^text\/(?:plain|html|markdown)(?:;|$)/i.test(message.type.trim()) ? redactor.redact(message) : { held: 'noPolicy' } }
}

/** One line of a batch; undefined when it is none. */
export function readLine (line: string): { readonly id: unknown, readonly type: string | undefined, readonly body: Buffer, readonly isBase64: boolean } | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { id, type, body, bodyBase64 } = value as Record<string, unknown>
  const isKnown = (typeof id === 'string' || typeof id === 'number') && (type === undefined || typeof type === 'string')
  if (!isKnown || (typeof body === 'string') === (typeof bodyBase64 === 'string')) return undefined
  if (typeof body === 'string') return { id, type, body: Buffer.from(body, 'utf8'), isBase64: false }
  const bytes = Buffer.from(String(bodyBase64), 'base64')
  return bytes.toString('base64').replace(/=+$/, '') === String(bodyBase64).replace(/=+$/, '') ? { id, type, body: bytes, isBase64: true } : undefined
}

/** One line of a batch as one line of its answer, in the order given. `type` is for lines that have none. */
export function redactLine (redactor: Redactor, line: string, { number, type }: { readonly number: number, readonly type: string | undefined }): BatchLine {
  const message = readLine(line)
  const ownType = message?.type ?? type
  if (message === undefined || ownType === undefined) return { held: 'batchLine', text: JSON.stringify({ id: message?.id ?? null, line: number, held: 'batchLine' }) }
  const { id, isBase64 } = message
  const redaction = redactor.redact({ type: ownType, body: message.body })
  if (redaction.held !== undefined) return { held: redaction.held, text: JSON.stringify({ id, held: redaction.held }) }
  const { body, manifest } = redaction
  const isText = !isBase64 && Buffer.from(body.toString('utf8'), 'utf8').equals(body)
  return { held: undefined, redaction, text: JSON.stringify({ id, ...(isText ? { body: body.toString('utf8') } : { bodyBase64: body.toString('base64') }), manifest }) }
}
