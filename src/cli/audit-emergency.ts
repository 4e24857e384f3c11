// `sallyport audit emergency`: people are let in for a time although nothing can be recorded.
import { parseDuration } from '../shared/schema.ts'
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

export const auditEmergency: Command = {
  name: 'audit emergency',
  positionals: [],
  options: {
    for: { value: 'TIME', help: 'How long: 30m, 1h. Default and most: audit.emergency.atMost.' },
    end: { help: 'Ends the emergency before its time.' },
    ...askingOptions,
    reason: { value: 'TEXT', help: 'Why: it stands in the trail beside what happened.', isNeeded: true },
  },
  summary: 'Declares an emergency: while nothing can be recorded, people are let in all the same, for a limited time.',
  async run ({ options }, output) {
    const { declareEmergency, endEmergency } = await import('../operations/declare-emergency.ts')
    const asked = { configFile: options.get('config') ?? defaultConfigFile, reason: requireReason(options) }
    const given = options.get('for')
    const forMs = given === undefined ? undefined : parseDuration(given)
    if (given !== undefined && forMs === undefined) throw new UsageError(`--for ${plain(given)} is no time: write 30m or 1h.`)
    if (options.has('end') && given !== undefined) throw new UsageError('--end and --for exclude each other.')
    const { emergency, unrecorded } = options.has('end') ? await endEmergency(asked) : await declareEmergency({ ...asked, forMs })
    output.line(options.has('end')
      ? `The emergency that ${plain(emergency.by)} declared has ended. People are let in only when it is on record, within a second.`
      : `Until ${new Date(emergency.until).toISOString()} people are let in also while nothing can be recorded. End it earlier with: sallyport audit emergency --end --reason TEXT`)
    if (unrecorded !== undefined) output.remark(`This is not on record yet; the gateway puts it there once it can. ${unrecorded}`)
    return 0
  },
}
