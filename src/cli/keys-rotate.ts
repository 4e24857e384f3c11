// `sallyport keys rotate`: a new audit key from the next start on; earlier records stay readable.
import { createSystemClock } from '../shared/clock.ts'
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions, readZone, requireReason } from './question-options.ts'
import { readMoment } from './read-moment.ts'
import { defaultConfigFile } from './serve.ts'

export const keysRotate: Command = {
  name: 'keys rotate',
  positionals: [],
  options: {
    at: { value: 'TIME', help: 'When the new key is first used: 2026-12-01T03:00. Default: a minute from now.' },
    'time-zone': { value: 'ZONE', help: 'Zone of that time: Europe/Berlin, America/Chicago. Default: UTC.' },
    ...askingOptions,
  },
  summary: 'Puts a new audit key before the current one, which stays in the file for the records it sealed.',
  async run ({ options }, output) {
    const reason = requireReason(options)
    const text = options.get('at')
    const at = text === undefined ? undefined : readMoment(text, { zone: readZone(options), now: createSystemClock().now(), isEnd: false })
    if (text !== undefined && at === undefined) throw new UsageError(`--at ${plain(text)} is not a time: write 2026-12-01T03:00.`)
    const { rotateKey } = await import('../operations/rotate-key.ts')
    const { file, from } = await rotateKey({ configFile: options.get('config') ?? defaultConfigFile, reason, at })
    output.line(plain(`${file} has a new key. Gateways that start after ${new Date(from).toISOString()} use it; one that runs now keeps the earlier key until it is started again.`))
    output.remark('Give the file to every replica before that time, start each of them again after it, and keep a new copy off this machine (sallyport keys escrow).')
    return 0
  },
}
