// The thread that redacts, so that a long message keeps nobody else waiting. What it gives out was looked at twice: a second redaction must find nothing to do.
import { parentPort, workerData } from 'node:worker_threads'
import { compilePolicy, createKeyedTokens, createRedactor, createVaultTokens, type HeldReason, type Manifest, type Redaction, type Redactor } from '../../phi/phi.ts'
import { createSystemClock } from '../../shared/clock.ts'
import { narrowPolicy } from './narrow-policy.ts'
import type { WorkerOrder, WorkerPolicies } from './redaction.ts'
import { openTokenVault, type StoredVault } from './token-vault.ts'

export type WorkerAnswer =
  | { readonly number: number, readonly held: HeldReason }
  | { readonly number: number, readonly held: undefined, readonly body: Uint8Array, readonly manifest: Manifest }

const { destinations, tokenKey, vaultFile, vaultKey, mostCpuMs } = workerData as WorkerPolicies
const clock = createSystemClock()
const redactors = new Map<string, Redactor>()
let vault: StoredVault | undefined

function readCpuMs (): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function redactorFor ({ destination, isLive, isApproved }: WorkerOrder): Redactor {
  const name = JSON.stringify([destination, isLive, isApproved])
  const known = redactors.get(name)
  if (known !== undefined) return known
  const found = destinations.find(one => one.name === destination)
  if (found === undefined) throw new TypeError('no such destination')
  const { policy } = compilePolicy(narrowPolicy(found.policy, { isLive, kinds: found.kinds, isApproved }))
  const key = Buffer.from(tokenKey)
  const openVault = (): StoredVault => {
    vault ??= openTokenVault(vaultFile, { sealing: vaultKey, now: () => clock.now() })
    return vault
  }
  const keep = vaultKey === undefined ? undefined : openVault().keep
  const tokens = policy.profile === 'safe-harbor' ? createVaultTokens(key, openVault(), keep) : createKeyedTokens(key, keep)
  const made = createRedactor({ policy, tokens, ids: createKeyedTokens(key), now: () => clock.now(), cpuLimit: { mostMs: mostCpuMs, spentMs: readCpuMs } })
  redactors.set(name, made)
  return made
}

function redactTwice (order: WorkerOrder): Redaction {
  const redactor = redactorFor(order)
  const first = redactor.redact({ type: order.type, body: order.body, mail: order.mail })
  if (first.held !== undefined) return first
  const second = redactor.redact({ type: order.type, body: first.body, mail: order.mail })
  if (second.held !== undefined) return second
  return second.body.equals(first.body) ? first : { held: 'notStable' }
}

const port = parentPort
port?.on('message', (order: WorkerOrder) => {
  let redaction: Redaction
  try { redaction = redactTwice(order) } catch { redaction = { held: 'failed' } }
  const { number } = order
  const answer: WorkerAnswer = redaction.held === undefined ? { number, held: undefined, body: redaction.body, manifest: redaction.manifest } : { number, held: redaction.held }
  port.postMessage(answer)
})
