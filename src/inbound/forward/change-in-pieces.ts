// Content that is changed piece by piece, as a stream; where that gives up, what was held and all that comes after it goes through streams. What breaks in one of these breaks all.
import { Transform, type Duplex, type TransformCallback } from 'node:stream'
import type { PieceChange } from './change-answer.ts'

export class PieceStream extends Transform {
  readonly #pieces: PieceChange
  readonly #makeSteps: () => readonly Duplex[]
  #steps: readonly Duplex[] | undefined

  constructor (pieces: PieceChange, makeSteps: () => readonly Duplex[]) {
    super()
    this.#pieces = pieces
    this.#makeSteps = makeSteps
  }

  override _transform (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#steps !== undefined) { this.#feed(chunk, this.#steps, done); return }
    const all = this.#pieces.push(chunk)
    if (all === undefined) this.#feed(this.#pieces.held, this.#open(), done)
    else this.#pass(all, done)
  }

  override _flush (done: TransformCallback): void {
    const all = this.#steps === undefined ? this.#pieces.end() : undefined
    if (all !== undefined) { this.#pass(all, done); return }
    const isNew = this.#steps === undefined
    const steps = this.#steps ?? this.#open()
    steps.at(-1)?.once('end', () => { done() })
    steps[0]?.end(isNew ? this.#pieces.held : undefined)
  }

  override _read (size: number): void {
    this.#steps?.at(-1)?.resume()
    super._read(size)
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    for (const step of this.#steps ?? []) step.destroy()
    done(error)
  }

  #pass (all: readonly Buffer[], done: TransformCallback): void {
    for (const piece of all) this.push(piece)
    done()
  }

  #feed (chunk: Buffer | undefined, [first]: readonly Duplex[], done: TransformCallback): void {
    if (chunk === undefined || first?.write(chunk) !== false) done()
    else first.once('drain', () => { done() })
  }

  #open (): readonly Duplex[] {
    const steps = this.#steps = this.#makeSteps()
    const last = steps.at(-1)
    for (const [at, step] of steps.entries()) {
      step.on('error', error => { this.destroy(error) })
      steps[at - 1]?.pipe(step)
    }
    last?.on('data', (chunk: Buffer) => { if (!this.push(chunk)) last.pause() })
    return steps
  }
}
