// `sallyport audit query`: what the trail says, as a table for people and as JSON Lines for programs.
import type { Found } from '../operations/ask-trail.ts'
import { printRemarks } from './answer-remarks.ts'
import { UsageError, type Command } from './command.ts'
import { formatTableLines } from './format-table.ts'
import { askingOptions, filterOptions, rangeOptions, readAsked } from './question-options.ts'
import { createSystemClock } from '../shared/clock.ts'

function readLimit (text: string | undefined): number {
  if (text === undefined) return Infinity
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('--limit is a number of records from 1.')
  return Number(text)
}

/** Keeps the last ones, in order. */
function createLatest (limit: number): { add (found: Found): void, list (): readonly Found[] } {
  const kept: Found[] = []
  let next = 0
  return {
    add (found) {
      if (kept.length < limit) kept.push(found)
      else {
        kept[next] = found
        next = (next + 1) % limit
      }
    },
    list: () => [...kept.slice(next), ...kept.slice(0, next)],
  }
}

export const auditQuery: Command = {
  name: 'audit query',
  positionals: [],
  options: {
    ...filterOptions,
    ...rangeOptions,
    limit: { value: 'N', help: 'Only the latest N records.' },
    json: { help: 'JSON Lines instead of a table; also when the output goes to a program.' },
    ...askingOptions,
  },
  summary: 'Answers who did what when, out of the trail. Exit code 3: the answer is there, but something in the trail is damaged or could not be asked.',
  async run ({ options }, output) {
    const { askTrail, kindWords, outcomeWords, toRow } = await import('../operations/ask-trail.ts')
    const asked = readAsked(options, { kinds: kindWords, outcomes: outcomeWords, now: createSystemClock().now() })
    const limit = readLimit(options.get('limit'))
    const { columns } = output
    const isTable = columns !== undefined && !options.has('json')
    const table = { zone: asked.zone, width: columns ?? 0 }
    const print = (found: Found) => {
      const row = toRow(found)
      for (const line of isTable ? formatTableLines(row, table) : [JSON.stringify(row)]) output.line(line)
    }
    const latest = limit === Infinity ? undefined : createLatest(limit)
    if (isTable) for (const line of formatTableLines(undefined, table)) output.line(line)
    const told = await askTrail({ ...asked, name: 'audit.query', onProgress: latest === undefined ? undefined : output.progress }, latest === undefined ? print : latest.add)
    output.progress(undefined)
    for (const found of latest?.list() ?? []) print(found)
    if (isTable) output.line(`${told.found === 1 ? '1 record' : `${told.found} records`}${told.found > limit ? `, the latest ${limit} shown` : ''}. Times are ${asked.zone.name}. The question is on record.`)
    return printRemarks(told, output)
  },
}
