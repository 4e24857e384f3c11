// `sallyport keys ca DIRECTORY`: the authority with which the forward proxy opens connections.
import type { Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

export const keysCa: Command = {
  name: 'keys ca',
  positionals: ['DIRECTORY'],
  options: { config: askingOptions['config'] as NonNullable<typeof askingOptions['config']> },
  summary: 'Writes proxy-ca.pem and proxy-ca.key: the authority of outbound.proxy, which can vouch for the opened hosts and for nothing else. Never overwrites.',
  async run ({ options, positionals: [directory = ''] }, output) {
    const { createProxyAuthority } = await import('../operations/create-proxy-authority.ts')
    const { certificateFile, keyFile, hosts, expires, fingerprint } = await createProxyAuthority(options.get('config') ?? defaultConfigFile, directory)
    output.line(plain(certificateFile))
    output.line(plain(keyFile))
    output.remark(plain(`It can vouch for ${hosts.join(', ')} and what is below, until ${expires}. SHA-256 ${fingerprint}`))
    output.remark('Name both in outbound.proxy.authority, and let the CRM trust proxy-ca.pem (docs/egress.md). The key stays on this machine: who has it can read what the CRM sends to these hosts.')
    return 0
  },
}
