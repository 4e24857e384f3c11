// `sallyport tokens reveal`: what a token in a message that left stands for.
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

export const tokensReveal: Command = {
  name: 'tokens reveal',
  positionals: ['TOKEN'],
  options: askingOptions,
  summary: 'Prints what a token in a message stands for, to accounts that outbound.tokenVault.mayReveal names. Who asked and why is on record.',
  async run ({ options, positionals }, output) {
    const [token = ''] = positionals
    if (!/^[a-z]{2,9}_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{11}$/.test(token)) throw new UsageError(`${plain(token)} is no token: they look like email_, 22 characters, a dot and 11 more.`)
    const reason = requireReason(options)
    const [{ revealToken }, { readPerson }] = await Promise.all([import('../operations/reveal-token.ts'), import('../operations/read-person.ts')])
    const { kind, value } = await revealToken({ configFile: options.get('config') ?? defaultConfigFile, token, reason, person: readPerson() })
    output.remark(`${kind}:`)
    output.line(plain(value))
    return 0
  },
}
