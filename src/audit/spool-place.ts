// Where the spools of a gateway's processes lie in its data directory: each process is the one writer of its own.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const first = 'audit'

/** `worker`: from 1. */
export function spoolDirectory (dataDirectory: string, worker: number): string {
  return join(dataDirectory, worker === 1 ? first : `${first}-${worker}`)
}

/** The workers that ever had one, besides the first, in order. A data directory that is not there has none. */
export function listFurtherWorkers (dataDirectory: string): readonly number[] {
  return namesIn(dataDirectory).flatMap(name => {
    const digits = /^audit-([1-9]\d{0,2})$/.exec(name)?.[1]
    return digits === undefined || digits === '1' ? [] : [Number(digits)]
  }).sort((a, b) => a - b)
}

function namesIn (directory: string): readonly string[] {
  try { return readdirSync(directory) } catch { return [] } // what cannot be read says so when its files are opened
}
