// How the commands about sessions are told which ones are meant.
import type { SessionFilter } from '../operations/find-sessions.ts'
import type { CommandOption } from './command.ts'
import { defaultConfigFile } from './serve.ts'

export const sessionFilterOptions: Readonly<Record<string, CommandOption>> = {
  person: { value: 'ID', help: 'The person\'s id as in the trail.' },
  group: { value: 'NAME', help: 'People of a group, named as the identity provider names it.' },
  address: { value: 'ADDRESS', help: 'Used from this address, or begun there; or from a network: 203.0.113.0/24, 2001:db8:1::/64.' },
  session: { value: 'ID', help: 'One session: its id in sessions list or who.session in the trail, or the first characters of it.' },
}

export const sessionCommandOptions: Readonly<Record<string, CommandOption>> = {
  reason: { value: 'TEXT', help: 'Why; it goes into the trail.' },
  config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
}

/** Undefined when none is given. */
export function readSessionFilter (options: ReadonlyMap<string, string>): SessionFilter | undefined {
  if (!Object.keys(sessionFilterOptions).some(name => options.has(name))) return undefined
  return { person: options.get('person'), group: options.get('group'), address: options.get('address'), session: options.get('session') }
}

/** What is to be said of sessions that nobody here can read. */
export function describeUnreadable (count: number): string {
  const [sessions, they] = count === 1 ? ['1 session', 'It was'] : [`${count} sessions`, 'They were']
  return `${sessions} could not be read, so nobody can say whose. ${they} written by another version of the gateway, or with another session.secret: run this with that version and its configuration.`
}
