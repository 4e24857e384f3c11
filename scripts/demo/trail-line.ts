// One event of the trail as one line that a person reads. Only for the demo's invented people: on a real machine paths and names stay sealed.
import type { AuditEvent } from '../../src/audit/audit.ts'

export type Paint = (style: 'dim' | 'bold' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string

const widths = { time: 12, kind: 21, who: 27, from: 10 } as const
const longestWhat = 64

/** Cut or filled to `width`, so that columns stay columns. */
function fit (text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}

/** A value that came from outside: no control characters reach the terminal. */
const plain = (text: string) => text.replace(/[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069]/g, '\uFFFD') // eslint-disable-line no-control-regex

function describeTime (ms: number): string {
  const time = new Date(ms)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(part => String(part).padStart(2, '0')).join(':') + `.${String(time.getMilliseconds()).padStart(3, '0')}`
}

function describeWho (event: AuditEvent): string {
  if (event.who === undefined) return '–'
  return event.who.roles.length === 0 ? event.who.id : `${event.who.id.split('@')[0]} (${event.who.roles.join(', ')})`
}

function describeWhat (event: AuditEvent): string {
  if (event.what === undefined) return ''
  const query = event.what.query === undefined || event.what.query === '' ? '' : `?${event.what.query}`
  const text = `${event.what.method} ${event.what.path ?? event.what.route?.replace(/^\S+ (?=\/)/, '') ?? ''}${query}`
  return text.length > longestWhat ? `${text.slice(0, longestWhat - 1)}…` : text
}

function describeBytes (bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

function describeFacts ({ cause, needsRestart, findings }: NonNullable<AuditEvent['facts']>): readonly string[] {
  return [
    ...(typeof cause === 'string' ? [cause] : []),
    ...(typeof needsRestart === 'string' ? [`needs a restart: ${needsRestart}`] : []),
    ...(typeof findings === 'number' ? [`${findings} to mend: sallyport config check`] : []),
  ]
}

function describeRecord ({ what }: AuditEvent): string | undefined {
  return what?.record === undefined ? undefined : [what.record.type, what.record.id].filter(part => part !== undefined).join(' ')
}

function describeOutcome (event: AuditEvent): string {
  const { outcome, decision, facts, count } = event
  const parts = [
    outcome?.status === undefined ? undefined : String(outcome.status),
    outcome?.bytesOut === undefined ? undefined : describeBytes(outcome.bytesOut),
    outcome?.durationMs === undefined ? undefined : `${Math.round(outcome.durationMs)} ms`,
    outcome?.reason ?? decision?.reason,
    ...describeFacts(facts ?? {}),
    event.kind === 'record.seen' ? describeRecord(event) : undefined,
    count === undefined || count < 2 ? undefined : `${count} times`,
  ]
  return parts.filter(part => part !== undefined).join(' · ')
}

const styles: Readonly<Record<string, Parameters<Paint>[0]>> = { admitted: 'cyan', completed: 'green', denied: 'red', refused: 'red', failed: 'yellow', abandoned: 'yellow', ended: 'yellow', gap: 'red' }

/** The column heads. */
export function formatHeads (): string {
  return `${fit('time', widths.time)}  ${fit('what', widths.kind)}  ${fit('who', widths.who)}  ${fit('from', widths.from)}  method, path → outcome`
}

export interface TrailPrinter {
  /** The line of an event. An ending says whose request it ends: the record itself only has the request's number. */
  format(event: AuditEvent): string
}

const longestMemory = 10_000

/** `background` are paths that pages ask for by themselves (with a last `/`: all below): on record like the others, and shown dimmed. */
export function createTrailPrinter (options: { readonly paint: Paint, readonly background: readonly string[] }): TrailPrinter {
  const { paint } = options
  const admitted = new Map<string, AuditEvent>()
  const complete = (event: AuditEvent): AuditEvent => {
    if (event.kind === 'request.admitted') {
      if (admitted.size >= longestMemory) admitted.clear()
      admitted.set(event.id, event)
      return event
    }
    const before = admitted.get(event.id)
    if (before === undefined) return event
    if (event.kind.startsWith('request.')) admitted.delete(event.id)
    const { who, from, what } = before
    return { ...(who === undefined ? {} : { who }), ...(from === undefined ? {} : { from }), ...(what === undefined ? {} : { what }), ...event }
  }
  return {
    format (given) {
      const event = complete(given)
      const path = event.what?.path ?? ''
      const isBackground = options.background.some(one => one.endsWith('/') ? path.startsWith(one) : path === one)
      const style = styles[event.kind.split('.')[1] ?? ''] ?? 'bold'
      const what = plain(describeWhat(event))
      const outcome = plain(describeOutcome(event))
      const kind = fit(event.kind, widths.kind)
      const rest = [fit(plain(describeWho(event)), widths.who), fit(plain(event.from?.address ?? ''), widths.from), what === '' || outcome === '' ? what + outcome : `${what} → ${outcome}`].join('  ')
      const time = fit(describeTime(event.time), widths.time)
      return isBackground ? paint('dim', `${time}  ${kind}  ${rest}`.trimEnd()) : `${paint('dim', time)}  ${paint(style, kind)}  ${rest}`.trimEnd()
    },
  }
}
