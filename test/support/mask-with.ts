// The masking room by itself, for tests of what becomes of an answer.
import type { MaskingConfig } from '../../src/inbound/masking/config.ts'
import { createMaskingRoom, describeCounts, type MaskingRoom } from '../../src/inbound/masking/masking.ts'
import { createMovableClock } from './clock.ts'

export type Rules = MaskingConfig['rules']

export function maskingOf (rules: Rules, rest: Partial<MaskingConfig> = {}): MaskingRoom {
  const config: MaskingConfig = { rules, searches: [], writes: 'refuse', opaque: [], errors: 'replace', maxAnswerSize: '16MiB', ...rest }
  return createMaskingRoom(config, { clock: createMovableClock(Date.UTC(2026, 10, 26)), tokenKey: Buffer.alloc(32, 7) })
}

export interface Asked {
  readonly roles?: readonly string[]
  readonly needsAll?: boolean
  readonly records?: ReadonlyArray<{ readonly type: string, readonly kind: string }>
  readonly type?: string
}

const target = { method: 'GET', foldedPath: '/patients/42' }

/** The body as the roles see it, or why it is refused; `unmasked` where nothing has to be masked. */
export async function maskWith (room: MaskingRoom, body: string, { roles = ['desk'], needsAll = false, records = [{ type: 'patient', kind: 'read' }], type = 'application/json' }: Asked = {}) {
  const plan = room.planFor({ roles, needsAll, records, target })?.enforced
  if (plan === undefined) return { body: 'unmasked', counts: '' }
  const masked = await room.mask({ statusCode: 200, headers: { 'content-type': type } }, Buffer.from(body), { plan })
  return masked.refused === undefined ? { body: masked.body.toString(), counts: describeCounts(masked.counts) } : { body: masked.refused, counts: '' }
}
