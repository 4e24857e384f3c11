// `sallyport status`: how a running gateway is, on one screen.
import type { GatewayStatus } from '../operations/ask-status.ts'
import { createSystemClock } from '../shared/clock.ts'
import type { Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { defaultConfigFile } from './serve.ts'

const mostReasons = 8

const ms = (value: number) => value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`

function describeGate ({ count, averageMs, p99Ms }: GatewayStatus['gate']): string {
  if (count === 0) return 'nothing was recorded since the start'
  return `${count} records, ${ms(averageMs)} on average, 99 % within ${p99Ms === undefined ? 'more than 1 s' : ms(p99Ms)}`
}

function describeDays (days: number): string {
  if (days < 0) return 'over: browsers refuse it. Renew it; the gateway takes the new file by itself'
  return days < 14 ? `${days} days left: renew it` : `${days} days left`
}

function printStatus (status: GatewayStatus, output: Output): void {
  const { spool } = status
  const row = (name: string, text: string) => { output.line(plain(`  ${name.padEnd(12)}  ${text}`)) }
  output.line(status.isReady ? 'ready' : 'NOT READY: nobody is let in until every part below says ok')
  for (const part of status.parts) row(part.name, `${part.ok ? 'ok' : 'NOT OK'}  ${part.detail}`)
  output.line('')
  row('people', `${status.sessions} signed in, ${status.connections} connections, ${status.openExchanges} requests open`)
  for (const { routeClass, count, failed, averageMs } of status.exchanges) row(routeClass, `${count} since the start, ${failed} failed, ${ms(averageMs)} on average`)
  row('gate', describeGate(status.gate))
  row('spool', `${spool.waiting} waiting for the disk, ${spool.unshipped} not yet in Redis`)
  row('certificate', describeDays(status.certificateDaysLeft))
  for (const { by, count } of status.pagesWithoutIdleScript) row('idle script', `${String(count).padStart(6)}  pages without it: ${by}`)
  for (const { reason, count } of status.refusals.slice(0, mostReasons)) row('refused', `${String(count).padStart(6)}  ${reason}`)
}

export const status: Command = {
  name: 'status',
  positionals: [],
  options: {
    url: { value: 'URL', help: 'Where the health listener is, http://127.0.0.1:9090. Default: as the configuration says.' },
    config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
    json: { help: 'Print JSON.' },
  },
  summary: 'Asks a running gateway how it is. Exit code 1 when it is not ready or does not answer.',
  async run ({ options }, output) {
    const { askStatus } = await import('../operations/ask-status.ts')
    const found = await askStatus({ configFile: options.get('config') ?? defaultConfigFile, url: options.get('url')?.replace(/\/+$/, ''), now: createSystemClock().now() })
    if (options.has('json')) output.line(JSON.stringify(found, undefined, 2))
    else printStatus(found, output)
    return found.isReady ? 0 : 1
  },
}
