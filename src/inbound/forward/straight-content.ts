// The content of an answer on the short way: as it came, changed piece by piece, or through streams. It is never held, and goes at the speed of the slower side.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnswerControl } from './call-upstream.ts'
import { stepsOf, type AnswerChange, type PieceChange } from './change-answer.ts'

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
  /** Called before anything is written that was changed piece by piece. `growth`: as `PieceChange` knows it. False: nothing may be written. */
  readonly begin: (growth: number | undefined) => boolean
  readonly onWhole: () => void
  /** Content that is not what its coding says. */
  readonly onBroken: () => void
}

export function createStraightContent (change: AnswerChange | undefined, ways: Ways): StraightContent {
  if (change !== undefined) return change.pieces === undefined ? throughSteps(stepsOf(change), ways) : inPieces(change.pieces, change, ways)
  const { raw, control, onWhole } = ways
  raw.on('drain', () => { control.resume() })
  return { write: chunk => raw.write(chunk), end: onWhole, destroy () { /* nothing is under way */ } }
}

function inPieces (pieces: PieceChange, change: AnswerChange, ways: Ways): StraightContent {
  const { raw, control, onWhole, begin } = ways
  let streamed: StraightContent | undefined
  const pass = (all: readonly Buffer[] | undefined) => {
    if (all === undefined) {
      if (!begin(undefined)) return true
      streamed = throughSteps(stepsOf(change), ways)
      return pieces.held === undefined || streamed.write(pieces.held)
    }
    if (all.length === 0 || !begin(pieces.growth)) return true
    let isFree = true
    for (const piece of all) isFree = raw.write(piece)
    return isFree
  }
  raw.on('drain', () => { if (streamed === undefined) control.resume() })
  return {
    write: chunk => streamed === undefined ? pass(pieces.push(chunk)) : streamed.write(chunk),
    end () {
      if (streamed === undefined) pass(pieces.end())
      if (streamed !== undefined) streamed.end()
      else if (begin(pieces.growth)) onWhole()
    },
    destroy () { streamed?.destroy() },
  }
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
