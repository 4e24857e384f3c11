// `sallyport coverage`: routes that people used against routes that access.records classifies.
import type { Coverage, Share } from '../operations/measure-coverage.ts'
import { createSystemClock } from '../shared/clock.ts'
import { printRemarks } from './answer-remarks.ts'
import type { Command } from './command.ts'
import { formatMoment } from './format-table.ts'
import { plain, type Output } from './output.ts'
import { askingOptions, rangeOptions, readTimes, readZone, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

/** Down to a tenth, and never 100 while something is missing. */
function percent ({ seen, classified }: Share): string {
  return seen === 0 ? 'nothing was seen' : `${(Math.floor(classified / seen * 1000) / 10).toFixed(1)} %`
}

function print (coverage: Coverage, output: Output, zone: ReturnType<typeof readZone>): void {
  const { ofRoutes, ofRequests, routes, isCut } = coverage
  output.line(`Classified: ${percent(ofRoutes)} of routes (${ofRoutes.classified} of ${ofRoutes.seen}), ${percent(ofRequests)} of requests (${ofRequests.classified} of ${ofRequests.seen}).`)
  const unclassified = routes.filter(route => !route.isClassified)
  if (unclassified.length === 0) return
  output.line(`\nUnclassified, most used first${isCut ? '; there are more routes than are told apart' : ''}. Write an entry of access.records for each; type: none for what concerns no record.\n`)
  output.line('  requests  last seen            route')
  for (const { requests, lastSeen, route } of unclassified) output.line(plain(`  ${String(requests).padStart(8)}  ${formatMoment(lastSeen, zone).padEnd(19)}  ${route}`))
}

export const coverage: Command = {
  name: 'coverage',
  positionals: [],
  options: {
    ...rangeOptions,
    fields: { value: 'NAMES', help: 'Query fields whose values tell routes apart, with commas: module,action.' },
    json: { help: 'Print JSON, with the classified routes too.' },
    ...askingOptions,
  },
  summary: 'Lists the routes that people used and access.records does not classify, and the share that it does. Without --from: 30 days.',
  async run ({ options }, output) {
    const now = createSystemClock().now()
    const given = new Map(options)
    if (!given.has('from')) given.set('from', '30d')
    const { from, to = now } = readTimes(given, now)
    const { measureCoverage } = await import('../operations/measure-coverage.ts')
    const measured = await measureCoverage({
      configFile: options.get('config') ?? defaultConfigFile,
      reason: requireReason(options),
      from,
      to,
      fields: options.get('fields')?.split(',').map(name => name.trim()) ?? [],
      onProgress: output.progress,
    })
    output.progress(undefined)
    if (options.has('json')) output.line(JSON.stringify({ ofRoutes: measured.ofRoutes, ofRequests: measured.ofRequests, routes: measured.routes, isCut: measured.isCut }, undefined, 2))
    else print(measured, output, readZone(options))
    return printRemarks(measured, output)
  },
}
