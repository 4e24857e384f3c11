// `sallyport sessions revoke`: ends the sessions of a person, a group, an address or network, one session, or all.
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { defaultConfigFile } from './serve.ts'
import { describeUnreadable, readSessionFilter, sessionCommandOptions, sessionFilterOptions } from './session-options.ts'

export const sessionsRevoke: Command = {
  name: 'sessions revoke',
  positionals: [],
  options: { ...sessionFilterOptions, all: { help: 'Everybody\'s sessions.' }, ...sessionCommandOptions },
  summary: 'Ends sessions on every gateway that shares the store, within a second; of several conditions all must hold. It is recorded in the trail.',
  async run ({ options }, output) {
    const filter = readSessionFilter(options)
    if (filter === undefined && !options.has('all')) throw new UsageError('sessions revoke needs --person ID, --group NAME, --address ADDRESS, --session ID or --all. sallyport sessions list with the same options shows whom it would sign out.')
    if (filter !== undefined && options.has('all')) throw new UsageError('--all ends everybody\'s sessions: give it alone, or leave it away.')
    const { revokeSessions } = await import('../operations/revoke-sessions.ts')
    const { ended, unreadable } = await revokeSessions({ configFile: options.get('config') ?? defaultConfigFile, whose: filter ?? { everybody: true }, reason: options.get('reason') })
    const whose = filter?.person === undefined ? '' : ` of ${plain(filter.person)}`
    output.line(ended === 1 ? `1 session${whose} was ended.` : `${ended} sessions${whose} were ended.`)
    if (unreadable === 0) return 0
    output.remark(`${describeUnreadable(unreadable)} --all ends them as well.`)
    return 1
  },
}
