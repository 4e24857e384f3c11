// `sallyport config check FILE`: all findings with line and column, or what the gateway would do.
import type { ConfigurationCheck } from '../operations/check-configuration.ts'
import { formatFinding, type Finding } from '../shared/errors.ts'
import { UsageError, type Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { defaultConfigFile } from './serve.ts'

export function printFindings (findings: readonly Finding[], print: (text: string) => void): void {
  for (const finding of findings) print(plain(formatFinding(finding)))
  print(`${findings.length === 1 ? '1 finding' : `${findings.length} findings`}: nothing starts until ${findings.length === 1 ? 'it is' : 'they are'} mended.`)
}

type Config = Extract<ConfigurationCheck, { ok: true }>['config']

function describeIdp (idp: Config['signIn']['saml']['idp']): string {
  if ('metadataFile' in idp) return `metadata from ${idp.metadataFile}`
  return 'metadataUrl' in idp ? `metadata from ${idp.metadataUrl}, every ${idp.refresh}` : idp.entityId
}

/** What is switched on, one row each. */
function summarise (config: Config): readonly (readonly [string, string])[] {
  const { listeners, clientIp, signIn, session, access, audit, upstream } = config
  const proxies = [...clientIp.trustedProxies, ...clientIp.proxyProtocolFrom]
  const { port, host, http2, tls } = listeners.public
  const ranges = clientIp.allow.length > 6 ? `${clientIp.allow.slice(0, 6).join(', ')} and ${clientIp.allow.length - 6} more` : clientIp.allow.join(', ')
  return [
    ['people', `${config.gateway.publicUrl}, listening on ${host} port ${port}, TLS ${tls.minimumVersion} and newer${http2 ? ', HTTP/2' : ''}`],
    ['machines', tls.clientCertificates.mode === 'off' ? 'no client certificates' : `client certificates: ${tls.clientCertificates.mode}`],
    ['addresses', `${clientIp.mode === 'report' ? 'everybody; tried and not enforced: ' : ''}${ranges}${clientIp.restrict.length === 0 ? '' : `, ${clientIp.restrict.length} narrower`}`],
    ['proxies', proxies.length === 0 ? 'none trusted: the address is the connection\'s own' : proxies.join(', ')],
    ['sign-in', `SAML, ${describeIdp(signIn.saml.idp)}`],
    ['session', `${session.idleTimeout} idle, ${session.absoluteTimeout} in all, kept in ${session.store.kind === 'redis' ? 'Redis' : 'the data directory'}`],
    ['roles', Object.keys(access.roles).join(', ')],
    ['records', describeRecords(config)],
    ['rules', describeRules(config)],
    ['masks', describeMasks(config)],
    ['CRM', upstream.url],
    ['audit', `${audit.durability === 'spool' ? 'on record when on disk' : `on record when in ${audit.durability === 'dual' ? 'Redis and on disk' : 'Redis'}`}${audit.redis === undefined ? ', kept in the data directory' : ', shipped to Redis'}`],
    ['data', config.gateway.dataDirectory],
  ]
}

const count = (number: number, one: string, many: string) => number === 1 ? `1 ${one}` : `${number} ${many}`

function describeRecords ({ access: { records, profile: name, unclassified }, profile }: Config): string {
  const own = records.length === 0 ? undefined : `${count(records.length, 'kind', 'kinds')} of request`
  const known = profile === undefined ? undefined : `profile ${name} (${profile.product} ${profile.version}, ${count(profile.records.length, 'kind', 'kinds')} of request)`
  const parts = [own, known].filter(part => part !== undefined)
  if (parts.length === 0) return 'no route is classified'
  return `${parts.join(' before ')}; what is unclassified is ${unclassified === 'allow' ? 'allowed by the routes of the roles' : 'refused'}`
}

const describeTrials = (rules: readonly { readonly mode?: string }[]) => {
  const trials = rules.filter(rule => rule.mode === 'report').length
  return trials === 0 ? '' : `, ${trials} of them only reported`
}

function describeRules ({ access: { rules } }: Config): string {
  return rules.length === 0 ? 'none: the routes of the roles decide alone' : `${count(rules.length, 'rule', 'rules')}${describeTrials(rules)}; what none allows is refused`
}

function describeMasks ({ masking: { rules } }: Config): string {
  return rules.length === 0 ? 'none' : `${count(rules.length, 'rule', 'rules')}${describeTrials(rules)}`
}

function printCheck (check: ConfigurationCheck, file: string, output: Output): void {
  if (!check.ok) {
    printFindings(check.findings, text => { output.line(text) })
    return
  }
  for (const warning of check.warnings) output.line(plain(`${warning.file}:${warning.line}:${warning.column}  warning: ${warning.message}`))
  output.line(plain(`ok  ${file}`))
  for (const [name, text] of summarise(check.config)) output.line(plain(`  ${name.padEnd(9)}  ${text}`))
  output.line(`  digest     ${check.digest}`)
}

function chooseFile (option: string | undefined, positional: string | undefined): string {
  if (option !== undefined && positional !== undefined) throw new UsageError('config check takes one file: give it once.')
  return option ?? positional ?? defaultConfigFile
}

export const configCheck: Command = {
  name: 'config check',
  positionals: ['[FILE]'],
  options: { config: { value: 'FILE', help: 'The same as FILE, as other commands have it.' }, json: { help: 'Print JSON.' } },
  summary: `Checks a configuration (${defaultConfigFile} in this directory without FILE) and prints every finding with its line. Exit code 1 when there is one.`,
  async run ({ options, positionals }, output) {
    const file = chooseFile(options.get('config'), positionals[0])
    const { checkConfiguration } = await import('../operations/check-configuration.ts')
    const check = await checkConfiguration(file)
    if (options.has('json')) output.line(JSON.stringify(check.ok ? { ok: true, digest: check.digest, warnings: check.warnings } : check, undefined, 2))
    else printCheck(check, file, output)
    return check.ok ? 0 : 1
  },
}
