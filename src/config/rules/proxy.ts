// Rules about the forward proxy: a listener that only the CRM reaches, hosts that stand for one, an authority for the opened hosts and no other, an end to letting unknown hosts
// through.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { nameOf, type Path } from '../problem.ts'
import { explainFileError } from '../read-file.ts'
import type { Report, Rule, RuleInput } from '../rule.ts'
import { isLoopback } from './upstream.ts'

const dayMs = 86_400_000
const mostReportDays = 31
const leastPassword = 24
const warnBeforeMs = 14 * dayMs
const proxyPath: Path = ['outbound', 'proxy']

type Proxy = NonNullable<NonNullable<RuleInput['config']['outbound']>['proxy']>
type Host = NonNullable<NonNullable<Proxy['hosts']>[number]>

export const hostsOf = ({ config: { outbound } }: Pick<RuleInput, 'config'>) => (outbound?.proxy?.hosts ?? []).flatMap((one, at) =>
  one === undefined ? [] : [{ one, path: [...proxyPath, 'hosts', at] satisfies Path }])

/** Hosts that something is sent to: with a name, and perhaps an agreement. */
export const reachedOf = (input: Pick<RuleInput, 'config'>) => hostsOf(input).flatMap(({ one, path }) => 'name' in one ? [{ one, path }] : [])

const openedOf = (input: Pick<RuleInput, 'config'>) => hostsOf(input).flatMap(({ one, path }) => one.action === 'open' ? [{ one, path }] : [])

export const requirePrivateProxy: Rule = ({ config: { outbound, listeners }, secrets }, report) => {
  const listener = outbound?.proxy?.listener
  if (listener === undefined) return
  const { host, port } = listener
  const place: Path = [...proxyPath, 'listener']
  if (host !== undefined && !isLoopback(host.includes(':') ? `[${host}]` : host)) report.refuse([...place, 'host'], `is ${host}: the password and the names of hosts would travel unencrypted. Write 127.0.0.1.`)
  judgePassword(secrets.get(nameOf([...place, 'password']))?.reveal().trim(), [...place, 'password'], report)
  judgePort(port, { outbound, listeners }, report)
}

function judgePassword (password: string | undefined, path: Path, report: Report): void {
  if (password !== undefined && password.length < leastPassword) report.refuse(path, `has ${password.length} characters, at least ${leastPassword} are needed: openssl rand -hex 24 makes one.`)
  else if (password !== undefined && !/^[A-Za-z0-9_-]+$/.test(password)) report.refuse(path, 'has letters that an address cannot carry as they are: openssl rand -hex 24 makes one.')
}

function judgePort (port: number | undefined, { outbound, listeners }: Pick<RuleInput['config'], 'outbound' | 'listeners'>, report: Report): void {
  const relay = (outbound?.destinations ?? []).length > 0 ? outbound?.listener?.port : undefined
  const inbound = [['listeners.public', listeners?.public?.port], ['listeners.health', listeners?.health?.port]] as const
  const others = [...inbound, ['outbound.listener', relay], ['outbound.mail.listener', outbound?.mail?.listener?.port]] as const
  for (const [name, taken] of others) if (taken !== undefined && taken !== 0 && taken === port) report.refuse([...proxyPath, 'listener', 'port'], `is ${port}, the port of ${name}: it needs one of its own.`)
}

export const requireDifferentHosts: Rule = (input, report) => {
  const seen = new Set<string>()
  for (const { one, path } of hostsOf(input)) {
    if (one.host !== undefined && seen.has(one.host)) report.refuse([...path, 'host'], `is ${one.host}, as another one's is: a host is blocked, tunnelled or opened.`)
    if (one.host !== undefined) seen.add(one.host)
    if ('address' in one && one.address !== undefined && isIP(one.address) === 0) report.refuse([...path, 'address'], `is ${one.address}, which is no address.`)
  }
}

export const boundReporting: Rule = ({ config: { outbound }, now }, report) => {
  const until = outbound?.proxy?.reportUnknownUntil
  if (until === undefined) return
  const path: Path = [...proxyPath, 'reportUnknownUntil']
  const days = Math.ceil((Date.parse(`${until}T00:00:00Z`) + dayMs - now) / dayMs)
  if (days > mostReportDays) report.refuse(path, `is ${until}, more than ${mostReportDays} days ahead: until then everything leaves unread. Write an earlier day.`)
  else if (days <= 0) report.warn(path, `is ${until}, which has passed: unknown hosts are refused. Take the line away.`)
  else report.warn(path, `is ${until}: until then hosts that are not in the list are let through unread, patient data too. sallyport egress seen lists them.`)
}

async function checkTrusted (host: Host, path: Path, report: Report): Promise<void> {
  if (!('authority' in host) || host.authority === undefined) return
  const place = [...path, 'authority']
  try { void new X509Certificate(await readFile(host.authority)) } catch (error) {
    report.refuse(place, error instanceof Error && 'syscall' in error ? `names a file that ${explainFileError(error)}` : 'names a file without a certificate: a PEM file begins with -----BEGIN CERTIFICATE-----.')
  }
}

const again = 'Make a new one: sallyport keys ca DIRECTORY.'

async function judgeAuthority (file: string, { input, place }: { readonly input: RuleInput, readonly place: Path }, report: Report): Promise<void> {
  const path = [...place, 'certificate']
  let pem: string
  try { pem = await readFile(file, 'utf8') } catch (error) { report.refuse(path, `names a file that ${explainFileError(error)}`); return }
  // Only here, because most commands do not need it.
  const { isPermitted, readPermittedNames } = await (await import('../../outbound/proxy/proxy.ts')).loadAuthority()
  const names = readPermittedNames(pem)
  if (names === undefined) { report.refuse(path, `is no authority that is bound to names of hosts: whoever got its key could stand in for any site. ${again}`); return }
  for (const { one } of openedOf(input)) if (one.host !== undefined && !isPermitted(names, one.host)) report.refuse(path, `may not vouch for ${one.host}, which is opened. ${again}`)
  const opened = openedOf(input).flatMap(({ one }) => one.host ?? [])
  const unused = names.filter(name => !opened.some(host => isPermitted([name], host)))
  if (unused.length > 0) report.warn(path, `may also vouch for ${unused.join(', ')}, which is not opened. ${again}`)
  const certificate = new X509Certificate(pem)
  const ends = certificate.validToDate.getTime()
  if (ends <= input.now) report.refuse(path, `ended on ${new Date(ends).toISOString().slice(0, 10)}. ${again}`)
  else if (ends - input.now < warnBeforeMs) report.warn(path, `ends on ${new Date(ends).toISOString().slice(0, 10)}. ${again}`)
  judgeKey(certificate, { input, path: [...place, 'key'] }, report)
}

function judgeKey (certificate: X509Certificate, { input, path }: { readonly input: RuleInput, readonly path: Path }, report: Report): void {
  const pem = input.secrets.get(nameOf(path))?.reveal()
  if (pem === undefined) return
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(pem))) report.refuse(path, 'does not belong to the certificate beside it: they are of two different pairs.')
  } catch { report.refuse(path, 'is not a private key in PEM form (-----BEGIN PRIVATE KEY-----).') }
}

export const requireOwnAuthority: Rule = async (input, report) => {
  const proxy = input.config.outbound?.proxy
  const place: Path = [...proxyPath, 'authority']
  const opened = openedOf(input)
  for (const { one, path } of opened) await checkTrusted(one, path, report)
  const [first] = opened
  if (first !== undefined && !('authority' in (proxy ?? {}))) report.refuse([...first.path, 'action'], 'is open, which needs outbound.proxy.authority: sallyport keys ca DIRECTORY makes one for the opened hosts.')
  if (proxy?.authority?.certificate !== undefined) await judgeAuthority(proxy.authority.certificate, { input, place }, report)
}
