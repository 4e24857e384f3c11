// Rules about the shield mailbox: aliases that stand for one mailbox each and lead to no other alias, a server that can be signed in to and that mail reaches encrypted, a port
// and a certificate.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Path } from '../problem.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { isLoopback } from './upstream.ts'

const shieldPath: Path = ['outbound', 'shield']

export const aliasesOf = ({ config: { outbound } }: Pick<RuleInput, 'config'>) => (outbound?.shield?.aliases ?? []).flatMap((one, at) =>
  one === undefined ? [] : [{ one, path: [...shieldPath, 'aliases', at] satisfies Path }])

export const requireDifferentAliases: Rule = (input, report) => {
  const aliases = aliasesOf(input)
  const addresses = new Set(aliases.flatMap(({ one }) => one.address?.toLowerCase() ?? []))
  const seen = new Set<string>()
  for (const { one: { address, mailbox }, path } of aliases) {
    const plain = address?.toLowerCase()
    if (plain !== undefined && seen.has(plain)) report.refuse([...path, 'address'], `is ${address}, as another one's is: an alias stands for one mailbox.`)
    if (plain !== undefined) seen.add(plain)
    if (mailbox !== undefined && addresses.has(mailbox.toLowerCase())) report.refuse([...path, 'mailbox'], `is ${mailbox}, which is an alias itself: mail to it would go round in a circle. Write the mailbox's own address.`)
  }
}

const isThisMachine = (host: string) => isLoopback(host.includes(':') ? `[${host}]` : host)

const mailboxPath: Path = [...shieldPath, 'mailbox']

export const requireMailboxSignIn: Rule = ({ config: { outbound } }, report) => {
  const mailbox = outbound?.shield?.mailbox
  if (mailbox === undefined) return
  if (mailbox.user !== undefined && !('password' in mailbox)) report.refuse([...mailboxPath, 'user'], 'stands without a password: add it, or take user away.')
  if (mailbox.user === undefined && 'password' in mailbox) report.refuse([...mailboxPath, 'password'], 'stands without a user: add it, or take password away.')
}

export const requireMailboxElsewhere: Rule = ({ config: { outbound } }, report) => {
  const { mailbox: { host, port, tls } = {}, listener, name } = outbound?.shield ?? {}
  if (host === undefined) return
  if (tls === 'none' && !isThisMachine(host)) report.refuse([...mailboxPath, 'tls'], `is none, and ${host} is another machine: mail would travel unencrypted. Write starttls or implicit.`)
  const isOurs = port !== undefined && port === listener?.port && (host === name || isThisMachine(host) || host === listener.host)
  if (isOurs) report.refuse([...mailboxPath, 'port'], `is ${port}, where the gateway itself takes mail in: it would go round in a circle. Write the port of the server that has the mailbox.`)
}

/** As Node's resolver takes them. */
function isNameServer (text: string): boolean {
  const [, bracketed, dotted, port = '53'] = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::(\d{1,5}))?$/.exec(text) ?? []
  return isIP(text) !== 0 || (isIP(bracketed ?? dotted ?? '') !== 0 && Number(port) > 0 && Number(port) <= 65_535)
}

export const requireNameServers: Rule = ({ config: { outbound } }, report) => {
  for (const [at, text] of (outbound?.shield?.nameServers ?? []).entries()) {
    if (text !== undefined && !isNameServer(text)) report.refuse([...shieldPath, 'nameServers', at], `is ${text}: write the address of a name server, as 192.0.2.53, or with a port: 192.0.2.53:5353, [2001:db8::1]:53.`)
  }
}

/** Where else the gateway listens. */
function listPorts ({ outbound, listeners }: RuleInput['config']): ReadonlyArray<readonly [string, number | undefined]> {
  const relay = (outbound?.destinations ?? []).length > 0 ? outbound?.listener?.port : undefined
  const mail = [['outbound.mail.listener', outbound?.mail?.listener?.port], ['outbound.proxy.listener', outbound?.proxy?.listener?.port]] as const
  return [['listeners.public', listeners?.public?.port], ['listeners.health', listeners?.health?.port], ['outbound.listener', relay], ...mail]
}

export const requireShieldPort: Rule = ({ config }, report) => {
  const port = config.outbound?.shield?.listener?.port
  if (port === undefined || port === 0) return
  for (const [name, taken] of listPorts(config)) if (taken === port) report.refuse([...shieldPath, 'listener', 'port'], `is ${port}, the port of ${name}: it needs one of its own.`)
}

/** Most servers send to any certificate; those that are strict (MTA-STS, DANE) want the name of the MX record in it. */
export const requireShieldCertificate: Rule = async ({ config: { outbound, listeners } }, report) => {
  const shield = outbound?.shield
  const file = shield?.listener?.tls?.certificate ?? listeners?.public?.tls?.certificates?.[0]?.certificate
  if (shield?.name === undefined || file === undefined) return
  if (isIP(shield.name) !== 0) report.refuse([...shieldPath, 'name'], `is ${shield.name}, an address: write the name in the MX record.`)
  let certificate: X509Certificate
  // That it can be read is judged where it stands.
  try { certificate = new X509Certificate(await readFile(file)) } catch { return }
  if (certificate.checkHost(shield.name) === undefined) report.warn([...shieldPath, 'name'], `is ${shield.name}, which is not in the certificate ${file}: servers that look at it (MTA-STS) do not deliver. Give outbound.shield.listener.tls one with this name.`)
}
