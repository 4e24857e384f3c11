// `sallyport mail test`: is an alias of the shield mailbox active, and if not, where does it end.
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { defaultConfigFile } from './serve.ts'

const longestWait = 600

function readWait (text = '20'): number {
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Infinity
  if (seconds > longestWait) throw new UsageError(`--wait is a number of seconds from 0 to ${longestWait}.`)
  return seconds * 1000
}

export const mailTest: Command = {
  name: 'mail test',
  positionals: ['ALIAS'],
  options: {
    wait: { value: 'SECONDS', help: 'How long the CRM\'s mailbox has to take it. Default: 20.' },
    config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
    json: { help: 'Print JSON.' },
  },
  summary: 'Sends a test mail with invented values to an alias of the shield mailbox and shows each step up to the CRM\'s mailbox. Exit code 1 when the alias is not active.',
  async run ({ options, positionals }, output) {
    const [alias = ''] = positionals
    const waitMs = readWait(options.get('wait'))
    const { testAlias } = await import('../operations/test-alias.ts')
    const test = await testAlias({ configFile: options.get('config') ?? defaultConfigFile, alias, waitMs })
    if (options.has('json')) output.line(JSON.stringify(test, undefined, 2))
    else {
      for (const { step, ok, text } of test.steps) output.line(plain(`${ok ? 'ok    ' : 'NOT OK'}  ${step.padEnd(11)}  ${text}`))
      output.line(plain(test.isActive ? `${alias} is active.` : `${alias} is NOT active.`))
    }
    return test.isActive ? 0 : 1
  },
}
