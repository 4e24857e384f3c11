// `sallyport audit archive`: carries finished parts of the trail into the archive.
import type { Command } from './command.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

export const auditArchive: Command = {
  name: 'audit archive',
  positionals: [],
  options: askingOptions,
  summary: 'Carries the trail into the archive, and reads back what it wrote. Run it daily, as an account of its own.',
  async run ({ options }, output) {
    const reason = requireReason(options)
    const { archiveTrail } = await import('../operations/archive-trail.ts')
    const { segments, records, bytes, waiting } = await archiveTrail({ configFile: options.get('config') ?? defaultConfigFile, reason })
    const each = records === 0 ? '' : `, ${(bytes / records).toFixed(0)} bytes a record`
    output.line(records === 0 ? 'Nothing new was to be archived.' : `${records.toLocaleString('en')} records in ${segments} ${segments === 1 ? 'segment' : 'segments'}${each}; each segment was read back.`)
    if (waiting > 0) output.line(`${waiting === 1 ? '1 record waits' : `${waiting.toLocaleString('en')} records wait`} until there are enough for a segment, or the gateway is started again.`)
    return 0
  },
}
