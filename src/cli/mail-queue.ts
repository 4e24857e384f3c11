// `sallyport mail queue list`, `retry` and `drop`: mail that waits for the mail server, and what people decide about it.
import { askingOptions, requireReason } from './question-options.ts'
import { UsageError, type Command } from './command.ts'
import type { WaitingMail } from '../operations/manage-mail-queue.ts'
import { plain, type Output } from './output.ts'
import { defaultConfigFile } from './serve.ts'

const configOption = { config: askingOptions['config'] as NonNullable<typeof askingOptions['config']> }
const moment = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

function printMail ({ id, recipients, acceptedAt, bytes, attempts, nextAt, lastCode, destination }: WaitingMail, output: Output): void {
  output.line(plain(`${id}  ${moment(acceptedAt)} UTC  ${destination}  ${plural(recipients, 'recipient', 'recipients')}  ${bytes} bytes`))
  if (attempts > 0) output.line(plain(`  ${plural(attempts, 'attempt', 'attempts')} failed (${lastCode ?? 'unknown'}); the next not before ${moment(nextAt)} UTC`))
}

export const mailQueueList: Command = {
  name: 'mail queue list',
  positionals: [],
  options: { json: { help: 'JSON Lines; also when the output goes to a program.' }, ...configOption },
  summary: 'Lists the mails that wait for the mail server, oldest first, without their contents and recipients.',
  async run ({ options }, output) {
    const { listMailQueue } = await import('../operations/manage-mail-queue.ts')
    const { mails, unreadable } = await listMailQueue(options.get('config') ?? defaultConfigFile)
    if (output.columns === undefined || options.has('json')) for (const mail of mails) output.line(JSON.stringify(mail))
    else {
      for (const mail of mails) printMail(mail, output)
      output.line(mails.length === 0 ? 'No mail waits.' : `${plural(mails.length, 'mail waits', 'mails wait')}.`)
    }
    if (unreadable > 0) output.remark(`${plural(unreadable, 'file', 'files')} cannot be opened: sealed with another audit.key, or damaged.`)
    return unreadable > 0 ? 1 : 0
  },
}

async function order (kind: 'retry' | 'drop', options: ReadonlyMap<string, string>, positionals: readonly string[]): Promise<string> {
  const [id = ''] = positionals
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new UsageError(`${plain(id)} is no id of a mail: sallyport mail queue list shows them.`)
  const [{ orderMail }, { readPerson }] = await Promise.all([import('../operations/manage-mail-queue.ts'), import('../operations/read-person.ts')])
  await orderMail({ configFile: options.get('config') ?? defaultConfigFile, id, order: kind, reason: requireReason(options), person: readPerson() })
  return id
}

export const mailQueueRetry: Command = {
  name: 'mail queue retry',
  positionals: ['ID'],
  options: askingOptions,
  summary: 'Tries a mail that waits at once, within a second or two; a gateway that is down does so when it runs again.',
  async run ({ options, positionals }, output) {
    output.line(`${await order('retry', options, positionals)} is tried at once.`)
    return 0
  },
}

export const mailQueueDrop: Command = {
  name: 'mail queue drop',
  positionals: ['ID'],
  options: askingOptions,
  summary: 'Takes a mail that waits out of the queue for good. Who did so and why stays on record; what is on its way at this moment may still arrive.',
  async run ({ options, positionals }, output) {
    output.line(`${await order('drop', options, positionals)} is dropped.`)
    return 0
  },
}
