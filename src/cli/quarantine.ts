// `sallyport quarantine list`, `show`, `release` and `drop`: messages that were held, and what people decide about them.
import type { HeldMessage } from '../operations/manage-quarantine.ts'
import { UsageError, type Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

const configOption = { config: askingOptions['config'] as NonNullable<typeof askingOptions['config']> }

const moment = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

function describeAbout ({ id, destination, type, heldAt, acceptedAt, reason, stage, approvals, body }: HeldMessage) {
  const times = { heldAt: new Date(heldAt).toISOString(), acceptedAt: new Date(acceptedAt).toISOString() }
  return { id, destination, ...times, reason, stage, type, bytes: body.length, agreed: approvals.map(({ by }) => by) }
}

const stages = { redaction: 'held before anything left', delivery: 'redacted, but not delivered' } as const

interface Printing { readonly output: Output, readonly explain: (reason: string) => Promise<string>, readonly needed: number }

async function printMessage (message: HeldMessage, { output, explain, needed }: Printing): Promise<void> {
  const { id, destination, heldAt, reason, stage, approvals, body } = message
  output.line(plain(`${id}  ${moment(heldAt)} UTC  ${destination}  ${body.length} bytes  ${stages[stage]}`))
  output.line(plain(`  ${reason}: ${await explain(reason)}`))
  for (const { by, at, reason: why } of approvals) output.line(plain(`  ${by} agreed ${moment(at)} UTC: ${why}`))
  if (approvals.length > 0) output.line(`  ${needed - approvals.length} more must agree.`)
}

export const quarantineList: Command = {
  name: 'quarantine list',
  positionals: [],
  options: { json: { help: 'JSON Lines; also when the output goes to a program.' }, ...configOption },
  summary: 'Lists the messages that are held, oldest first, without their contents.',
  async run ({ options }, output) {
    const { explainHold, listQuarantine } = await import('../operations/manage-quarantine.ts')
    const { messages, unreadable, neededApprovals } = await listQuarantine(options.get('config') ?? defaultConfigFile)
    if (output.columns === undefined || options.has('json')) for (const message of messages) output.line(JSON.stringify(describeAbout(message)))
    else {
      for (const message of messages) await printMessage(message, { output, explain: explainHold, needed: neededApprovals })
      output.line(messages.length === 0 ? 'No message is held.' : `${messages.length === 1 ? '1 message is' : `${messages.length} messages are`} held.`)
    }
    if (unreadable > 0) output.remark(`${unreadable === 1 ? '1 file' : `${unreadable} files`} cannot be opened: sealed with another audit.key, or damaged.`)
    return unreadable > 0 ? 1 : 0
  },
}

function readRequest (options: ReadonlyMap<string, string>, positionals: readonly string[]) {
  const [id = ''] = positionals
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new UsageError(`${plain(id)} is no id of a message: sallyport quarantine list shows them.`)
  return { configFile: options.get('config') ?? defaultConfigFile, id, reason: requireReason(options) }
}

async function withPerson<T extends object> (request: T): Promise<T & { readonly person: string }> {
  const { readPerson } = await import('../operations/read-person.ts')
  return { ...request, person: readPerson() }
}

export const quarantineShow: Command = {
  name: 'quarantine show',
  positionals: ['ID'],
  options: askingOptions,
  summary: 'Writes what a held message contains to standard output. A message that was held before redaction contains patient data.',
  async run ({ options, positionals }, output) {
    const { showQuarantined } = await import('../operations/manage-quarantine.ts')
    const message = await showQuarantined(await withPerson(readRequest(options, positionals)))
    output.remark(JSON.stringify(describeAbout(message)))
    if (output.columns === undefined) await new Promise<void>(resolve => { process.stdout.write(message.body, () => { resolve() }) })
    else for (const line of message.body.toString('utf8').split('\n')) output.line(plain(line))
    return 0
  },
}

export const quarantineRelease: Command = {
  name: 'quarantine release',
  positionals: ['ID'],
  options: askingOptions,
  summary: 'Lets a held message go on: the running gateway redacts it again, now with a mask where a rule held it, and delivers it. What still cannot be judged is held again.',
  async run ({ options, positionals }, output) {
    const { releaseQuarantined } = await import('../operations/manage-quarantine.ts')
    const request = await withPerson(readRequest(options, positionals))
    const { missing } = await releaseQuarantined(request)
    output.line(missing === 0 ? `${request.id} goes on: the gateway takes it up within seconds, or when it runs again.` : `${plain(request.person)} agreed. ${missing === 1 ? 'One more person' : `${missing} more people`} must.`)
    return 0
  },
}

export const quarantineDrop: Command = {
  name: 'quarantine drop',
  positionals: ['ID'],
  options: askingOptions,
  summary: 'Deletes a held message for good. That it was held, and who deleted it why, stays on record.',
  async run ({ options, positionals }, output) {
    const { dropQuarantined } = await import('../operations/manage-quarantine.ts')
    const request = await withPerson(readRequest(options, positionals))
    await dropQuarantined(request)
    output.line(`${request.id} is deleted.`)
    return 0
  },
}
