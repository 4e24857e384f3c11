// Floods of refusals: what is alike (kind, address, reason) beyond a number in one second becomes one record with a count. Nothing is dropped:
// the counts add up to what happened. Under pressure, when nothing can record, it counts from the first on and by reason alone.
import type { Clock, Timer } from '../shared/clock.ts'
import type { AuditEvent } from './event.ts'

export interface RefusalCoalescer {
  /** Hands the event on, or counts it. */
  add (event: AuditEvent): void
  /** Hands on what is counted so far. */
  flush (): void
}

const refusals: ReadonlySet<AuditEvent['kind']> = new Set(['request.denied', 'connection.refused', 'message.refused'])
const alike = 20
const windowMs = 1000
/** More different floods than this at once are counted by reason alone: a botnet must not fill the memory. */
const maxFloods = 4096

interface Flood { readonly sample: AuditEvent, passed: number, counted: number, first: number, last: number }

export interface CoalescerOptions {
  readonly clock: Clock
  /** Whether memory is short. */
  readonly isPressed: () => boolean
  readonly handOn: (event: AuditEvent) => void
}

export function createRefusalCoalescer ({ clock, isPressed, handOn }: CoalescerOptions): RefusalCoalescer {
  const floods = new Map<string, Flood>()
  let timer: Timer | undefined

  const flush = () => {
    timer?.cancel()
    timer = undefined
    const ended = [...floods.values()]
    floods.clear()
    for (const flood of ended) if (flood.counted > 0) handOn(sumUp(flood))
  }

  const startTimer = () => {
    // With memory short the window stays open until there is room: counting takes none.
    timer ??= clock.after(windowMs, () => {
      timer = undefined
      if (isPressed()) startTimer()
      else flush()
    })
  }

  return {
    flush,
    add (event) {
      if (!refusals.has(event.kind)) { handOn(event); return }
      const isShort = isPressed()
      const isCoarse = isShort || floods.size >= maxFloods
      const key = JSON.stringify([event.kind, reasonOf(event), isCoarse ? null : event.from?.address])
      let flood = floods.get(key)
      if (flood === undefined) {
        flood = { sample: isCoarse ? withoutAddress(event) : event, passed: 0, counted: 0, first: event.time, last: event.time }
        floods.set(key, flood)
      }
      startTimer()
      if (flood.passed < alike && !isShort) {
        flood.passed += 1
        handOn(event)
        return
      }
      if (flood.counted === 0) flood.first = event.time
      flood.counted += event.count ?? 1
      flood.last = event.time
    },
  }
}

function reasonOf (event: AuditEvent): string {
  return event.decision?.reason ?? event.outcome?.reason ?? ''
}

function withoutAddress ({ from: _, ...event }: AuditEvent): AuditEvent {
  return event
}

/** What the counted ones have in common; paths, people and agents differ and are left out. */
function sumUp ({ sample, counted, first, last }: Flood): AuditEvent {
  return {
    kind: sample.kind,
    time: last,
    id: sample.id,
    ...(sample.from === undefined ? {} : { from: { address: sample.from.address } }),
    ...(sample.decision === undefined ? {} : { decision: sample.decision }),
    ...(sample.outcome?.reason === undefined && sample.outcome?.status === undefined ? {} : { outcome: pickOutcome(sample.outcome) }),
    count: counted,
    facts: { first, last },
  }
}

function pickOutcome ({ status, reason }: NonNullable<AuditEvent['outcome']>): NonNullable<AuditEvent['outcome']> {
  return { ...(status === undefined ? {} : { status }), ...(reason === undefined ? {} : { reason }) }
}
