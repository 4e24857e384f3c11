// `sallyport audit prune`: removes what may go, from the spools, from Redis and from the archive.
import type { Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'
import type { PruneTold } from '../operations/prune-trail.ts'

export const auditPrune: Command = {
  name: 'audit prune',
  positionals: [],
  options: {
    'dry-run': { help: 'Says what would go, and removes nothing.' },
    'count-pauses': { help: 'Retention counts also time in which nothing was recorded: for a gateway that was out of use. Check the clock first.' },
    'despite-damage': { help: 'Removes also while records are damaged that may have set a legal hold.' },
    ...askingOptions,
  },
  summary: 'Removes what the archive was seen to hold from spool and Redis, and from the archive what is older than its retention.',
  async run ({ options }, output) {
    const reason = requireReason(options)
    const isRehearsal = options.has('dry-run')
    const { pruneTrail } = await import('../operations/prune-trail.ts')
    const told = await pruneTrail({ configFile: options.get('config') ?? defaultConfigFile, reason, isRehearsal, countsPauses: options.has('count-pauses'), isDespiteDamage: options.has('despite-damage') })
    printPruned(told, isRehearsal ? 'would go' : 'went', output)
    return told.unreadable.length > 0 ? 1 : 0
  },
}

const number = (value: number, one: string, many: string) => `${value.toLocaleString('en')} ${value === 1 ? one : many}`

function printPruned ({ spools, redisRecords, archiveSegments, archiveRecords, heldBy, unreadable, notCountedDays }: PruneTold, went: string, output: Output): void {
  for (const { name, files, bytes, stop } of spools) output.line(`${name}: ${number(files, 'file', 'files')} (${(bytes / 1024 ** 2).toFixed(1)} MiB) ${went}; then it ended: ${stop}.`)
  if (redisRecords > 0) output.line(`Redis: ${number(redisRecords, 'record', 'records')} ${went}.`)
  output.line(`the archive: ${number(archiveSegments, 'segment', 'segments')} with ${number(archiveRecords, 'record', 'records')} ${went}.`)
  if (notCountedDays > 0) output.line(`${number(notCountedDays, 'day', 'days')} in which nothing new came into the archive did not count towards the retention. Is the clock of this machine right? If it is: --count-pauses.`)
  for (const name of heldBy) output.line(`The hold ${plain(name)} kept what is older: sallyport audit holds.`)
  for (const name of unreadable) output.remark(`The segment ${plain(name)} cannot be believed, and nothing after it was removed. Run: sallyport audit verify`)
}
