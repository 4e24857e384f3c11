// Which fields may this person not see in the answer about this record? It rewrites answers and refuses what it cannot read; whether the person may ask at all is not its question.
import type { Transform } from 'node:stream'
import { createKeyedTokens } from '../../phi/start.ts'
import type { Clock } from '../../shared/clock.ts'
import { compileRouteTable } from '../../shared/route-pattern.ts'
import { sizeBytes } from '../../shared/schema.ts'
import type { MaskingConfig } from './config.ts'
import type { Counts } from './counts.ts'
import { explainMaskingConfig, mostHeld } from './explain-config.ts'
import { EventMasker } from './mask-events.ts'
import type { AnswerHead, MaskedAnswer } from './mask-answer.ts'
import { judgeRequest, type MaskedRequest, type RequestVerdict } from './judge-request.ts'
import { maskHead } from './mask-head.ts'
import { compileMasks, type Aliases, type MaskedRecord, type MaskedRoles, type MaskPlan, type MaskVerdict } from './plan.ts'
import { maskingReasons } from './reasons.ts'
import { single } from './single-field.ts'

export { describeCounts } from './counts.ts'
export { explainMaskingConfig } from './explain-config.ts'
export { maskingReasons } from './reasons.ts'
export type { AnswerHead } from './mask-answer.ts'
export type { Aliases, MaskPlan, MaskVerdict } from './plan.ts'

export interface MaskingQuestion extends MaskedRoles {
  readonly records: readonly MaskedRecord[]
  readonly target: { readonly method: string, readonly foldedPath: string }
}

export interface MaskingRoom {
  /** There is no rule. */
  readonly isEmpty: boolean
  /** Undefined: nothing has to be masked, and nothing would have to be. */
  planFor (question: MaskingQuestion): MaskVerdict | undefined
  /** Throws a Denial `masking.*` for what may not reach the CRM where fields are masked. */
  requireRequest (request: { readonly isUpgrade: boolean, readonly headers: Readonly<Record<string, string | string[] | undefined>> }): void
  /** What the request may not say of fields that the person does not see. Throws a Denial `masking.*`. */
  requireFields (request: MaskedRequest, plan: MaskPlan): RequestVerdict & { readonly refused: undefined }
  /** The same without throwing. */
  judge (request: MaskedRequest, plan: MaskPlan): RequestVerdict
  /** An answer, whole, as the person may see it. Never throws for what the CRM sent. */
  mask (head: AnswerHead, content: Buffer, masked: { readonly plan: MaskPlan, readonly aliases?: Aliases | undefined }): Promise<MaskedAnswer>
  /** What an event stream goes through; undefined: it is none. Throws a Failure for one that cannot be masked. */
  maskEvents (head: AnswerHead, masked: MaskedStream): Transform | undefined
  /** What stands instead in its head; undefined takes a field away. */
  maskHead (head: AnswerHead, plan: MaskPlan): Readonly<Record<string, string | undefined>>
  /** Whether an answer of this status is replaced. */
  replaces (statusCode: number): boolean
  /** Longest answer that is masked. */
  readonly mostBytes: number
  /** Whether so much more may be held now; what is taken has to be given back. */
  take (bytes: number): boolean
  give (bytes: number): void
}

export interface MaskedStream {
  readonly plan: MaskPlan
  readonly aliases?: Aliases | undefined
  /** Told again and again while it goes on: what was masked until then. */
  onMasked (counts: Counts): void
}

export interface MaskingDeps {
  readonly clock: Clock
  /** 32 bytes, for tokens. */
  readonly tokenKey: Uint8Array
}

/** Throws a TypeError when the configuration has mistakes that `explainMaskingConfig` finds. */
export function createMaskingRoom (config: MaskingConfig, { clock, tokenKey }: MaskingDeps): MaskingRoom {
  const mistake = explainMaskingConfig(config)[0]
  if (mistake !== undefined) throw new TypeError(`masking.${mistake.path}: ${mistake.message}`)
  const masks = compileMasks(config)
  const opaque = compileRouteTable(config.opaque.map(pattern => ({ pattern, value: true })))
  const tokens = createKeyedTokens(tokenKey)
  const mostBytes = sizeBytes(config.maxAnswerSize)
  let held = 0
  return {
    isEmpty: config.rules.length === 0,
    mostBytes,
    planFor ({ roles, needsAll, records, target }) {
      const plan = masks.planFor({ roles, needsAll }, records)
      return plan === undefined || opaque.find(target.method, target.foldedPath) === true ? undefined : plan
    },
    requireRequest ({ isUpgrade, headers }) {
      if (isUpgrade) throw maskingReasons.deny('masking.liveConnection')
      const condition = headers['if-match']
      if (condition !== undefined && condition !== '*') throw maskingReasons.deny('masking.condition')
    },
    judge: (request, plan) => judgeRequest(request, plan, config),
    requireFields (request, plan) {
      const verdict = judgeRequest(request, plan, config)
      if (verdict.refused !== undefined) throw maskingReasons.deny(verdict.refused)
      return verdict
    },
    async mask (head, content, { plan, aliases }) {
      // Only here: what reads pages takes memory that a gateway without masks does not need.
      const { maskAnswer } = await import('./mask-answer.ts')
      return await maskAnswer(head, content, { plan, aliases, mostBytes, tokens, now: clock.now() })
    },
    maskEvents ({ statusCode, headers }, { plan, aliases, onMasked }) {
      if (statusCode !== 200 || !/^text\/event-stream\s*(?:;|$)/i.test(single(headers['content-type']) ?? '')) return undefined
      const coding = single(headers['content-encoding'])
      if (coding !== '' && coding?.toLowerCase() !== 'identity') throw maskingReasons.fail('masking.unreadable', 'upstream')
      return new EventMasker(plan, { tokens, aliases, onMasked, now: () => clock.now() })
    },
    maskHead: ({ headers }, plan) => maskHead(headers, plan),
    replaces: statusCode => statusCode >= 400 && config.errors === 'replace',
    take (bytes) {
      if (held + bytes > mostHeld) return false
      held += bytes
      return true
    },
    give (bytes) { held -= bytes },
  }
}
