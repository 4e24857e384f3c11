// `sallyport audit shred`: takes the content of one record away in every place.
import { UsageError, type Command } from './command.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

export const auditShred: Command = {
  name: 'audit shred',
  positionals: [],
  options: {
    writer: { value: 'WRITER', help: 'The record\'s writer, as audit query prints it in JSON Lines.', isNeeded: true },
    epoch: { value: 'NUMBER', help: 'Its epoch.', isNeeded: true },
    seq: { value: 'NUMBER', help: 'Its number in the epoch.', isNeeded: true },
    'despite-damage': { help: 'Shreds also while records are damaged that may have set a legal hold.' },
    ...askingOptions,
  },
  summary: 'Takes the content of one record away in spool, archive and Redis. Its place in the chain stays. It cannot be undone.',
  async run ({ options }, output) {
    const reason = requireReason(options)
    const writer = options.get('writer') ?? ''
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(writer)) throw new UsageError('audit shred needs --writer, --epoch and --seq: sallyport audit query prints the three in JSON Lines.')
    const { shredRecord } = await import('../operations/shred-record.ts')
    const { places, isRepeated } = await shredRecord({
      configFile: options.get('config') ?? defaultConfigFile,
      reason,
      isDespiteDamage: options.has('despite-damage'),
      writer,
      epoch: readNumber(options, 'epoch'),
      seq: readNumber(options, 'seq'),
    })
    output.line(isRepeated
      ? `Its content was gone already: ${places.join(', ')}. That it was asked for again is on record.`
      : `The record is shredded in: ${places.join(', ')}. If it told of an access, no question, story or list of disclosures shows that access any more. What was exported, sent to a feed or copied before is not in reach.`)
    return 0
  },
}

function readNumber (options: ReadonlyMap<string, string>, name: 'epoch' | 'seq'): number {
  const text = options.get(name) ?? ''
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new UsageError(`--${name} is a number from 1: sallyport audit query prints it in JSON Lines.`)
  return Number(text)
}
