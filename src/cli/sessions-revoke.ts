// `sallyport sessions revoke`: ends the sessions of one person, one session, or all.
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { defaultConfigFile } from './serve.ts'

export const sessionsRevoke: Command = {
  name: 'sessions revoke',
  positionals: [],
  options: {
    person: { value: 'ID', help: 'The person\'s id as in the trail.' },
    session: { value: 'KEY', help: 'One session: who.session of its events in the trail.' },
    all: { help: 'Everybody\'s sessions.' },
    reason: { value: 'TEXT', help: 'Why; it goes into the trail.' },
    config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
  },
  summary: 'Ends sessions on every gateway that shares the store. It is recorded in the trail.',
  async run ({ options }, output) {
    const person = options.get('person')
    const key = options.get('session')
    const given = [person !== undefined, key !== undefined, options.has('all')].filter(Boolean).length
    if (given !== 1) throw new UsageError('sessions revoke needs either --person ID, --session KEY or --all.')
    const { revokeSessions } = await import('../operations/revoke-sessions.ts')
    const ended = await revokeSessions({
      configFile: options.get('config') ?? defaultConfigFile,
      whose: person !== undefined ? { by: 'person', id: person } : key !== undefined ? { by: 'key', key } : { by: 'all' },
      reason: options.get('reason'),
    })
    const whose = person === undefined ? '' : ` of ${plain(person)}`
    output.line(ended === 1 ? `1 session${whose} was ended.` : `${ended} sessions${whose} were ended.`)
    return 0
  },
}
