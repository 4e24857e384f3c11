// Signs the head of the chain from time to time, also when nothing happens, and sees to it that every place keeps it. It never delays a record.
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { SegmentPlace } from '../segment.ts'
import { nameCheckpoint, type CheckpointSigner } from './note.ts'
import { PlaceError, type CheckpointPlace } from './places.ts'

export interface CheckpointerOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly place: SegmentPlace
  readonly keyId: string
  readonly signer: CheckpointSigner
  readonly places: readonly CheckpointPlace[]
  readonly everyMs: number
  readonly records: number
  /** A place began to fail, or keeps checkpoints again; for the trail. */
  readonly onChange: (change: { readonly place: string, readonly state: 'failing' | 'kept', readonly seq: number }) => void
}

export class Checkpointer {
  readonly #options: CheckpointerOptions
  readonly #timer: Timer
  readonly #failing = new Set<CheckpointPlace>()
  #head: { readonly seq: number, readonly hash: string } | undefined
  #signedSeq = 0
  #work: Promise<void> | undefined
  #isWanted = false
  #keptAt: number | undefined

  constructor (options: CheckpointerOptions) {
    this.#options = options
    this.#timer = options.clock.every(options.everyMs, () => { this.#want() })
  }

  /** The last record that is durable. */
  advance (seq: number, hash: string): void {
    this.#head = { seq, hash }
    // The first one at once: from then on it is known that this epoch was there.
    if (this.#signedSeq === 0 || seq - this.#signedSeq >= this.#options.records) this.#want()
  }

  /** When every place last kept one, milliseconds since the epoch. */
  keptAt (): number | undefined { return this.#keptAt }

  /** Places that do not keep checkpoints now. */
  failing (): readonly string[] { return [...this.#failing].map(place => place.name) }

  /** The final one. `isLast`: everything is on disk, and nothing comes after it in this epoch. */
  async close (isLast: boolean): Promise<void> {
    this.#timer.cancel()
    this.#isWanted = false
    await this.#work
    await this.#publish(isLast)
  }

  /** One at a time; what is asked for meanwhile is done once, afterwards. */
  #want (): void {
    this.#isWanted = true
    this.#work ??= (async () => {
      while (this.#isWanted) {
        this.#isWanted = false
        await this.#publish(false)
      }
      this.#work = undefined
    })()
  }

  async #publish (isLast: boolean): Promise<void> {
    const { clock, place, keyId, signer, places } = this.#options
    if (this.#head === undefined) return
    const { seq, hash } = this.#head
    this.#signedSeq = seq
    const note = signer.sign({ ...place, seq, head: hash, time: clock.now(), keyId, isLast })
    const results = await Promise.all(places.map(target => this.#keep(target, note, seq)))
    if (results.every(Boolean)) this.#keptAt = clock.now()
  }

  async #keep (target: CheckpointPlace, note: string, seq: number): Promise<boolean> {
    const { log, place, onChange } = this.#options
    try {
      await target.keep(nameCheckpoint(place), note)
      if (this.#failing.delete(target)) onChange({ place: target.name, state: 'kept', seq })
      return true
    } catch (error) {
      if (!(error instanceof PlaceError)) throw error
      if (!this.#failing.has(target)) {
        log.warn('audit.checkpointNotKept', { place: target.name, problem: error.message })
        this.#failing.add(target)
        onChange({ place: target.name, state: 'failing', seq })
      }
      return false
    }
  }
}
