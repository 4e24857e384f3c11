// `sallyport check --live`: tries each part that the gateway depends on.
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { defaultConfigFile } from './serve.ts'

export const check: Command = {
  name: 'check',
  positionals: [],
  options: {
    live: { help: 'Try each part: certificate, sign-in, Redis, spool, CRM, clock, mail server.' },
    config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
    json: { help: 'Print JSON.' },
  },
  summary: 'Tries each part that the gateway depends on and says what to do. Exit code 1 when one does not work.',
  async run ({ options }, output) {
    if (!options.has('live')) throw new UsageError('check needs --live, which tries each part. To check the file alone: sallyport config check FILE.')
    const { checkLive } = await import('../operations/check-live.ts')
    const parts = await checkLive(options.get('config') ?? defaultConfigFile)
    if (options.has('json')) output.line(JSON.stringify(parts, undefined, 2))
    else for (const { part, ok, text } of parts) output.line(plain(`${ok ? 'ok    ' : 'NOT OK'}  ${part.padEnd(11)}  ${text}`))
    return parts.every(({ ok }) => ok) ? 0 : 1
  },
}
