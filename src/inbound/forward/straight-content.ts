// The content of an answer on the short way: as it came, changed piece by piece, or through streams. It is never held, and goes at the speed of the slower side.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnswerControl } from './call-upstream.ts'
import type { AnswerChange, PieceChange } from './change-answer.ts'

export interface StraightContent {
  /** False: no more until `control.resume`. */
  write(chunk: Buffer): boolean
  /** The CRM has sent all; `onWhole` follows when the client was handed all. */
  end(): void
  /** Nothing more comes, and the client gets nothing more. */
  destroy(): void
}

interface Ways {
  readonly raw: ServerResponse
  readonly control: AnswerControl
  readonly onWhole: () => void
  /** Content that is not what its coding says. */
  readonly onBroken: () => void
}

export function createStraightContent (change: AnswerChange | undefined, ways: Ways): StraightContent {
  if (change?.steps !== undefined) return throughSteps(change.steps, ways)
  const { raw, control, onWhole } = ways
  const { pieces } = change ?? {}
  raw.on('drain', () => { control.resume() })
  const write = (chunk: Buffer) => raw.write(chunk)
  return pieces === undefined ? { write, end: onWhole, destroy () { /* nothing is under way */ } } : inPieces(pieces, write, onWhole)
}

function inPieces (pieces: PieceChange, write: (chunk: Buffer) => boolean, onWhole: () => void): StraightContent {
  const pass = (all: readonly Buffer[]) => {
    let isFree = true
    for (const piece of all) isFree = write(piece)
    return isFree
  }
  return { write: chunk => pass(pieces.push(chunk)), end () { pass(pieces.end()); onWhole() }, destroy () { /* nothing is under way */ } }
}

function throughSteps (steps: readonly Duplex[], { raw, control, onWhole, onBroken }: Ways): StraightContent {
  const first = steps[0] as Duplex
  const last = steps.at(-1) as Duplex
  let isOver = false
  const destroy = () => {
    isOver = true
    for (const step of steps) step.destroy()
  }
  for (const [at, step] of steps.entries()) {
    step.on('error', () => {
      if (isOver) return
      destroy()
      onBroken()
    })
    steps[at - 1]?.pipe(step)
  }
  first.on('drain', () => { control.resume() })
  raw.on('drain', () => { last.resume() })
  last.on('data', (chunk: Buffer) => { if (!raw.write(chunk)) last.pause() })
  last.once('end', () => { isOver = true; onWhole() })
  return { write: chunk => first.destroyed || first.write(chunk), end () { first.end() }, destroy }
}
