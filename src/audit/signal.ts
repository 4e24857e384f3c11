// Something to wait for that can happen before anybody waits: it is kept until it was waited for once.
import type { Clock } from '../shared/clock.ts'

export class Signal {
  #isGiven = false
  #resolve: (() => void) | undefined

  give (): void {
    this.#isGiven = true
    this.#resolve?.()
  }

  /** Until it is given, or `timeout` is over. */
  async taken (timeout?: { readonly clock: Clock, readonly ms: number }): Promise<void> {
    if (!this.#isGiven) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#resolve = resolve
      const timer = timeout?.clock.after(timeout.ms, resolve)
      await promise
      timer?.cancel()
      this.#resolve = undefined
    }
    this.#isGiven = false
  }
}
