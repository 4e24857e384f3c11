// `sallyport serve`: starts the gateway and ends with it.
import { ConfigurationError } from '../shared/errors.ts'
import { OperationError } from '../operations/operation-error.ts'
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'

export const defaultConfigFile = 'gateway.yaml'

const sentences: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already: end it, or change listeners in the configuration.',
  EACCES: 'this account may not do that: ports under 1024 and the files of other accounts need more rights.',
  EADDRNOTAVAIL: 'this machine has no such address: check listeners.public.host and listeners.health.host.',
}

/** Why a start failed, when that is the operator's business and not a bug of ours. */
function explainStart (error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, address, port, path } = error as NodeJS.ErrnoException & { readonly address?: string, readonly port?: number }
  const place = port === undefined ? path : `${address ?? ''} port ${port}`
  const sentence = code === undefined ? undefined : sentences[code]
  if (sentence !== undefined) return place === undefined ? sentence : `${place}: ${sentence}`
  return code !== undefined || error instanceof RangeError ? error.message : undefined
}

function readWorker (text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d?$/.test(text) || process.send === undefined) throw new UsageError('--worker is for the gateway itself: set gateway.workers in the configuration, and start it without.')
  return Number(text)
}

export const serve: Command = {
  name: 'serve',
  positionals: [],
  options: { config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` }, worker: { value: 'NUMBER', help: 'One process of several, which the gateway starts itself (gateway.workers).' } },
  summary: 'Starts the gateway. SIGTERM and Ctrl-C end it after open requests are done.',
  async run ({ options }, _output) {
    const { runGateway } = await import('../main.ts')
    try {
      return await runGateway({ configFile: options.get('config') ?? defaultConfigFile, worker: readWorker(options.get('worker')) })
    } catch (error) {
      if (error instanceof ConfigurationError) throw error
      const why = explainStart(error)
      throw why === undefined ? error : new OperationError(plain(`Sallyport could not start: ${why}`), { cause: error })
    }
  },
}
