// `sallyport audit hold`, `audit release`, `audit holds`: legal holds on the trail.
import { createSystemClock } from '../shared/clock.ts'
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions, rangeOptions, readTimes, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'
import type { Hold } from '../operations/hold-trail.ts'

const configOption = { config: askingOptions['config'] as NonNullable<typeof askingOptions['config']> }

export const auditHold: Command = {
  name: 'audit hold',
  positionals: ['NAME'],
  options: { ...rangeOptions, ...askingOptions },
  summary: 'Sets a legal hold: nothing of its range of time is removed from the archive or shredded. Without --from and --to it holds everything.',
  async run ({ options, positionals }, output) {
    const { holdName, setLegalHold } = await import('../operations/hold-trail.ts')
    const [name = ''] = positionals
    if (!holdName.test(name)) throw new UsageError(`${plain(name)} is no name for a hold: write lower-case letters, digits and hyphens, matter-2026-14.`)
    const { from, to } = readTimes(options, createSystemClock().now())
    const hold = await setLegalHold({ configFile: options.get('config') ?? defaultConfigFile, name, reason: requireReason(options), from, to })
    output.line(`${describeHold(hold)} It stands until: sallyport audit release ${name}`)
    return 0
  },
}

export const auditRelease: Command = {
  name: 'audit release',
  positionals: ['NAME'],
  options: askingOptions,
  summary: 'Ends a legal hold. A name is used once: a later hold needs another.',
  async run ({ options, positionals }, output) {
    const { endLegalHold } = await import('../operations/hold-trail.ts')
    const [name = ''] = positionals
    await endLegalHold({ configFile: options.get('config') ?? defaultConfigFile, name, reason: requireReason(options) })
    output.line(`The hold ${plain(name)} has ended.`)
    return 0
  },
}

export const auditHolds: Command = {
  name: 'audit holds',
  positionals: [],
  options: configOption,
  summary: 'Lists the legal holds in force.',
  async run ({ options }, output) {
    const { listLegalHolds } = await import('../operations/hold-trail.ts')
    const holds = await listLegalHolds(options.get('config') ?? defaultConfigFile)
    if (holds.length === 0) output.line('No hold is in force.')
    for (const hold of holds) output.line(`${describeHold(hold)} ${plain(hold.reason)} (${plain(hold.by)}, ${new Date(hold.at).toISOString()})`)
    return 0
  },
}

function describeHold ({ name, from, to }: Hold): string {
  const begin = from === 0 ? '' : ` from ${new Date(from).toISOString()}`
  const end = to === Number.MAX_SAFE_INTEGER ? '' : ` to ${new Date(to).toISOString()}`
  return `${plain(name)}: everything${begin}${end} is held.`
}
