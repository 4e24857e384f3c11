// `sallyport egress seen`: the hosts that the CRM wanted to reach through the proxy, the unknown ones first.
import type { SeenHosts } from '../operations/list-egress.ts'
import { createSystemClock } from '../shared/clock.ts'
import { printRemarks } from './answer-remarks.ts'
import type { Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { askingOptions, rangeOptions, readTimes, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

const moment = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function print ({ hosts, isCut }: SeenHosts, output: Output): void {
  if (hosts.length === 0) { output.line('The CRM called no host through the proxy in this time.'); return }
  const width = Math.max(...hosts.map(({ host }) => host.length))
  for (const { host, isKnown, opened, tunnelled, reported, refused, firstAt, lastAt } of hosts) {
    const counts = [[opened, 'opened'], [tunnelled, 'tunnelled'], [reported, 'LET THROUGH UNREAD'], [refused, 'refused']] as const
    const told = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`).join(', ')
    output.line(plain(`${isKnown ? 'known   ' : 'UNKNOWN '} ${host.padEnd(width)}  ${told}  ${moment(firstAt)} to ${moment(lastAt)}`))
  }
  if (isCut) output.remark('There were more hosts than are told apart: ask for a shorter time too.')
  if (hosts.some(({ isKnown }) => !isKnown)) output.remark('Write each unknown host into outbound.proxy.hosts: open (with a policy), tunnel (with an agreement) or block.')
}

export const egressSeen: Command = {
  name: 'egress seen',
  positionals: [],
  options: { ...rangeOptions, json: { help: 'Print JSON.' }, ...askingOptions },
  summary: 'Lists the hosts that the CRM wanted to reach through the proxy, unknown ones first. Without --from: 7 days.',
  async run ({ options }, output) {
    const now = createSystemClock().now()
    const given = new Map(options)
    if (!given.has('from')) given.set('from', '7d')
    const { from, to = now } = readTimes(given, now)
    const operation = await import('../operations/list-egress.ts')
    const seen = await operation.listEgress({ configFile: options.get('config') ?? defaultConfigFile, reason: requireReason(options), from, to, onProgress: output.progress })
    output.progress(undefined)
    if (options.has('json')) output.line(JSON.stringify({ hosts: seen.hosts, isCut: seen.isCut }, undefined, 2))
    else print(seen, output)
    return printRemarks(seen, output)
  },
}
