// `sallyport config schema`: the JSON schema of the configuration.
import type { Command } from './command.ts'

export const configSchema: Command = {
  name: 'config schema',
  positionals: [],
  options: {},
  summary: 'Prints the JSON schema of the configuration, for editors.',
  async run (_input, output) {
    const { describeSchema } = await import('../operations/describe-schema.ts')
    output.line(JSON.stringify(describeSchema(), undefined, 2))
    return 0
  },
}
