// `sallyport audit tail`: follows the trail, one readable line an event.
import type { TrailEntry } from '../operations/follow-trail.ts'
import type { Command } from './command.ts'
import { formatEvent } from './format-event.ts'
import { filterOptions, readFilters, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

function formatEntry (entry: TrailEntry): string {
  const place = `epoch ${entry.epoch}, record ${entry.seq}`
  if (entry.event === undefined) return `!! ${place} cannot be opened: ${entry.problems.join(', ')}`
  return `${formatEvent(entry.event)}${entry.problems.length === 0 ? '' : `  !! ${place} was changed: ${entry.problems.join(', ')}`}`
}

function toJson ({ writer, epoch, seq, event, problems }: TrailEntry): string {
  return JSON.stringify({ writer, epoch, seq, event, problems })
}

export const auditTail: Command = {
  name: 'audit tail',
  positionals: [],
  options: {
    config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
    json: { help: 'Print each record as one line of JSON.' },
    ...filterOptions,
    reason: { value: 'TEXT', help: 'Why you look: it goes into the trail.', isNeeded: true },
    'from-start': { help: 'Begin with the oldest record instead of the next one.' },
  },
  summary: 'Follows the audit trail, decrypted. Ctrl-C ends it. That somebody looks is on record.',
  async run ({ options }, output) {
    const { followTrail, kindWords, outcomeWords } = await import('../operations/follow-trail.ts')
    const query = readFilters(options, { kinds: kindWords, outcomes: outcomeWords })
    const reason = requireReason(options)
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stop.abort() })
    await followTrail({
      configFile: options.get('config') ?? defaultConfigFile,
      fromStart: options.has('from-start'),
      query,
      reason,
      signal: stop.signal,
      onEntry: entry => { output.line(options.has('json') ? toJson(entry) : formatEntry(entry)) },
    })
    return 0
  },
}
