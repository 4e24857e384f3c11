// `sallyport learn polling`: routes that pages call at a steady beat, as lines for session.background.
import type { Polling } from '../operations/learn-polling.ts'
import { createSystemClock } from '../shared/clock.ts'
import { printRemarks } from './answer-remarks.ts'
import type { Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { askingOptions, rangeOptions, readTimes, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

function print ({ routes, alreadyListed, isCut }: Polling, output: Output): void {
  const listed = alreadyListed === 0 ? '' : ` ${alreadyListed} more ${alreadyListed === 1 ? 'is' : 'are'} in session.background already.`
  if (routes.length === 0) { output.line(`No further route was called at a steady beat.${listed}`); return }
  output.line(`# Called at a steady beat, most often first.${listed}${isCut ? ' There were more routes and sessions than are told apart: ask for a shorter time too.' : ''}`)
  output.line('# Look at each: what only a person does must not stand here, or it will not keep them signed in.\nsession:\n  background:')
  for (const { route, beatMs, steady, sessions, calls } of routes) {
    output.line(plain(`    - ${quoted(route)}  # every ${Math.round(beatMs / 1000)} s in ${steady} of ${sessions} session${sessions === 1 ? '' : 's'}, ${calls} calls`))
  }
}

export const learnPolling: Command = {
  name: 'learn polling',
  positionals: [],
  options: { ...rangeOptions, json: { help: 'Print JSON.' }, ...askingOptions },
  summary: 'Lists routes that pages call by themselves at a steady beat, as lines for session.background. Without --from: 7 days.',
  async run ({ options }, output) {
    const now = createSystemClock().now()
    const given = new Map(options)
    if (!given.has('from')) given.set('from', '7d')
    const { from, to = now } = readTimes(given, now)
    const operation = await import('../operations/learn-polling.ts')
    const polling = await operation.learnPolling({ configFile: options.get('config') ?? defaultConfigFile, reason: requireReason(options), from, to, onProgress: output.progress })
    output.progress(undefined)
    if (options.has('json')) output.line(JSON.stringify({ routes: polling.routes, alreadyListed: polling.alreadyListed, isCut: polling.isCut }, undefined, 2))
    else print(polling, output)
    return printRemarks(polling, output)
  },
}
