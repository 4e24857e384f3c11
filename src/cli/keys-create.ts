// `sallyport keys create DIRECTORY`: the keys that a gateway needs.
import { createKeys } from '../operations/create-keys.ts'
import type { Command } from './command.ts'
import { plain } from './output.ts'

export const keysCreate: Command = {
  name: 'keys create',
  positionals: ['DIRECTORY'],
  options: {},
  summary: 'Writes a new session.secret, audit.key, export.key, archive.key and backup.key. Never overwrites.',
  async run ({ positionals: [directory = ''] }, output) {
    for (const file of await createKeys(directory)) output.line(plain(file))
    output.remark('Keep a copy of audit.key, archive.key and backup.key off this machine: without them trail, archive and backups cannot be read.')
    return 0
  },
}
