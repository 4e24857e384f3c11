// When a caller may go on: once its record is durable in every place that `audit.durability` names.
import type { Item } from './committer.ts'

export class Acknowledger {
  readonly #durability: 'spool' | 'redis' | 'dual'
  /** Items that wait for Redis, in order. In `redis` their place on disk is not waited for; in `dual` both are. */
  #shipping: Item[] = []
  #shippedSeq = 0

  constructor (durability: 'spool' | 'redis' | 'dual') {
    this.#durability = durability
  }

  /** Sealed items in the order of their numbers. */
  add (items: readonly Item[]): void {
    if (this.#durability !== 'spool') this.#shipping.push(...items)
  }

  markOnDisk (items: readonly Item[]): void {
    if (this.#durability === 'redis') return
    for (const item of items) if (this.#durability === 'spool' || this.#isShipped(item)) settle(item)
  }

  /** Redis has everything up to this number. */
  markShipped (seq: number): void {
    this.#shippedSeq = Math.max(this.#shippedSeq, seq)
    if (this.#durability === 'spool') return
    const waiting = this.#shipping.findIndex(item => !this.#isShipped(item))
    const shipped = this.#shipping.splice(0, waiting === -1 ? this.#shipping.length : waiting)
    for (const item of shipped) if (this.#durability === 'redis' || item.isOnDisk) settle(item)
  }

  #isShipped (item: Item): boolean {
    return item.record !== undefined && item.record.seq <= this.#shippedSeq
  }
}

function settle (item: Item): void {
  item.settle?.()
  item.settle = undefined
}
