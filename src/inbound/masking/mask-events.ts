// An event stream (WHATWG HTML, server-sent events) as it comes: each event waits until it is whole, its data is masked as JSON, and then it goes on at once. Data that is no JSON
// ends the stream before anything of that event went out.
import { Transform, type TransformCallback } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { Hold, readMediaType, type MediaType } from '../../phi/start.ts'
import { addCounts, type Counts } from './counts.ts'
import { maskFields, type MaskDeps } from './mask-fields.ts'
import type { FieldRule, MaskPlan } from './plan.ts'
import { maskingReasons } from './reasons.ts'

const longestEvent = 1024 * 1024
const eventEnd = /\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n/g
/** Of what was looked through before, so much can be the beginning of an end. */
const longestEnd = 4
const json = readMediaType('application/json') as MediaType

export interface EventMaskDeps extends Omit<MaskDeps, 'now'> {
  now (): number
  /** Told after each event that had something to mask: all there was until then. */
  onMasked (counts: Counts): void
}

export class EventMasker extends Transform {
  readonly #plan: MaskPlan
  readonly #deps: EventMaskDeps
  readonly #decoder = new StringDecoder('utf8')
  readonly #counts = new Map<FieldRule, number>()
  #held = ''

  constructor (plan: MaskPlan, deps: EventMaskDeps) {
    super()
    this.#plan = plan
    this.#deps = deps
  }

  override _transform (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    // An event may come in any number of pieces: what was looked through is not looked through again.
    let from = Math.max(0, this.#held.length - longestEnd)
    this.#held += this.#decoder.write(chunk)
    try {
      for (let end = this.#findEnd(from); end !== null; end = this.#findEnd(from)) {
        const event = this.#held.slice(0, end.index)
        this.#held = this.#held.slice(end.index + end[0].length)
        from = 0
        this.push(this.#mask(event))
      }
      if (this.#held.length > longestEvent) throw maskingReasons.fail('masking.tooLarge', 'upstream')
      done()
    } catch (error) {
      done(error instanceof Hold || error instanceof RangeError ? maskingReasons.fail('masking.unreadable', 'upstream') : error as Error)
    }
  }

  /** A carriage return at the end may be half of a line break. */
  #findEnd (from: number): RegExpExecArray | null {
    eventEnd.lastIndex = from
    const end = eventEnd.exec(this.#held)
    return end !== null && end[0].endsWith('\r') && end.index + end[0].length === this.#held.length ? null : end
  }

  /** What was not ended with an empty line is no event. */
  override _flush (done: TransformCallback): void {
    done()
  }

  #mask (event: string): string {
    const rest: string[] = []
    const data: string[] = []
    for (const line of event.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)) {
      const [, name = '', value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? []
      if (name === 'data') data.push(value)
      // A comment says nothing to a page; it keeps the connection open.
      else if (name === '') rest.push(':')
      else if (name === 'event' || name === 'id' || name === 'retry') rest.push(line)
    }
    const text = data.join('\n')
    const masked = text.trim() === '' ? text : this.#maskData(text)
    return [...rest, ...(data.length === 0 ? [] : masked.split('\n').map(line => `data: ${line}`)), '', ''].join('\n')
  }

  #maskData (text: string): string {
    const { tokens, aliases, now, onMasked } = this.#deps
    const { body, counts } = maskFields({ body: Buffer.from(text), type: 'application/json', media: json }, this.#plan, { tokens, aliases, now: now() })
    addCounts(this.#counts, counts)
    if (counts.size > 0) onMasked(this.#counts)
    return body.toString()
  }
}
