// Rules about mail: classes that decide something, a listener that only the CRM reaches, a server that can be signed in to, a key that signs.
import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { nameOf, type Path } from '../problem.ts'
import { explainFileError } from '../read-file.ts'
import type { Report, Rule, RuleInput } from '../rule.ts'
import { isLoopback } from './upstream.ts'

type Mail = NonNullable<NonNullable<RuleInput['config']['outbound']>['mail']>
type MailClass = NonNullable<NonNullable<Mail['recipients']>[number]>

const shortestPassword = 16
const leastRsaBits = 2048

export const classesOf = ({ config: { outbound } }: RuleInput) => (outbound?.mail?.recipients ?? []).flatMap((one, at) =>
  one === undefined ? [] : [{ one, path: ['outbound', 'mail', 'recipients', at] satisfies Path }])

export const requireWayOut: Rule = ({ config: { outbound } }, report) => {
  if (outbound !== undefined && outbound.mail === undefined && outbound.shield === undefined && outbound.proxy === undefined && (outbound.destinations ?? []).length === 0) report.refuse(['outbound'], 'has neither destinations nor mail nor shield nor proxy: add one of them, or take the section away.')
}

function judgeClass ({ name, who, action, policy, associate, domains, addresses, list }: MailClass, path: Path, report: Report): void {
  if (name === 'others') report.refuse([...path, 'name'], 'is others, which stands for the recipients of no class: choose another name.')
  if (action === 'redact' && policy === undefined) report.refuse(path, 'redacts and has no policy: write policy: FILE (config/policies/mail.yaml to begin with), or action: notice.')
  if (action !== 'redact' && policy !== undefined) report.refuse([...path, 'policy'], `has no effect, because action is ${action ?? 'notice'}: write action: redact, or take the policy away.`)
  if (who === 'vendor' && action === 'redact' && associate === undefined) report.refuse(path, 'is a vendor and has no associate: without an agreement the mail itself never goes. Name one, or write action: notice.')
  if (who !== 'vendor' && associate !== undefined) report.refuse([...path, 'associate'], `has no effect, because who is ${who ?? 'not set'}: write who: vendor, or take it away.`)
  if ((domains ?? []).length + (addresses ?? []).length === 0 && list === undefined) report.refuse(path, 'names nobody: write domains, addresses or list.')
}

export const judgeMailClasses: Rule = async (input, report) => {
  for (const { one, path } of classesOf(input)) {
    judgeClass(one, path, report)
    if (one.list === undefined) continue
    // Only here, because what signs and sends mail takes its time to load and most commands do not need it.
    const { readList } = await import('../../outbound/mail/mail.ts')
    try {
      const { wrongLines } = readList(await readFile(one.list, 'utf8'))
      if (wrongLines.length > 0) report.refuse([...path, 'list'], `names a file whose ${wrongLines.length === 1 ? 'line' : 'lines'} ${wrongLines.slice(0, 5).join(', ')} ${wrongLines.length === 1 ? 'is' : 'are'} no address.`)
    } catch (error) { report.refuse([...path, 'list'], `names a file that ${explainFileError(error)}`) }
  }
  // What stands behind a class for everybody is never reached.
  const classes = classesOf(input)
  const everybody = classes.findIndex(({ one }) => one.domains?.includes('*') === true)
  for (const { one, path } of everybody === -1 ? [] : classes.slice(everybody + 1)) {
    if (one.name !== undefined) report.refuse([...path, 'name'], `is ${one.name}, which is never reached: ${classes[everybody]?.one.name ?? 'a class'} before it has the domain *. Move it up.`)
  }
}

type Listener = NonNullable<Mail['listener']>
const listenerPath: Path = ['outbound', 'mail', 'listener']

function judgeUsers ({ users = [] }: Listener, secrets: RuleInput['secrets'], report: Report): void {
  for (const at of users.keys()) {
    const place = [...listenerPath, 'users', at, 'password']
    const password = secrets.get(nameOf(place))?.reveal().trim()
    if (password !== undefined && password.length < shortestPassword) report.refuse(place, `has ${password.length} characters, at least ${shortestPassword} are needed: openssl rand -base64 24 makes one.`)
  }
}

function judgePort (port: number | undefined, { outbound, listeners }: RuleInput['config'], report: Report): void {
  const relay = (outbound?.destinations ?? []).length > 0 ? outbound?.listener?.port : undefined
  const others = [['listeners.public', listeners?.public?.port], ['listeners.health', listeners?.health?.port], ['outbound.listener', relay]] as const
  for (const [name, taken] of others) if (taken !== undefined && taken !== 0 && taken === port) report.refuse([...listenerPath, 'port'], `is ${port}, the port of ${name}: it needs one of its own.`)
}

export const requirePrivateMail: Rule = ({ config, secrets }, report) => {
  const listener = config.outbound?.mail?.listener
  if (listener === undefined) return
  const { host, users = [], port } = listener
  const isOpen = host !== undefined && !isLoopback(host.includes(':') ? `[${host}]` : host) && (!('tls' in listener) || users.length === 0)
  if (isOpen) report.refuse([...listenerPath, 'host'], `is ${host}: anybody there could send through the gateway, and mail would come in unencrypted. Write 127.0.0.1, or add tls and users.`)
  judgeUsers(listener, secrets, report)
  judgePort(port, config, report)
}

export const requireSmarthostSignIn: Rule = ({ config: { outbound } }, report) => {
  const smarthost = outbound?.mail?.smarthost
  if (smarthost === undefined) return
  const path = ['outbound', 'mail', 'smarthost']
  if (smarthost.user !== undefined && !('password' in smarthost)) report.refuse([...path, 'user'], 'stands without a password: add it, or take user away.')
  if (smarthost.user === undefined && 'password' in smarthost) report.refuse([...path, 'password'], 'stands without a user: add it, or take password away.')
  if (smarthost.port === 25) report.warn([...path, 'port'], 'is 25, where many servers offer no encryption; without it nothing is sent. Mail servers take mail of their customers on 587 or 465.')
}

export const checkDkimKey: Rule = ({ config: { outbound }, secrets }, report) => {
  const dkim = outbound?.mail?.dkim
  const path = ['outbound', 'mail', 'dkim', 'key']
  const pem = secrets.get(nameOf(path))?.reveal()
  if (dkim === undefined || pem === undefined) return
  try {
    const key = createPrivateKey(pem)
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (key.asymmetricKeyType === 'rsa' ? bits < leastRsaBits : key.asymmetricKeyType !== 'ed25519') {
      report.refuse(path, `is ${key.asymmetricKeyType === 'rsa' ? `an RSA key of ${bits} bits` : `a key of the kind ${key.asymmetricKeyType ?? 'unknown'}`}: RSA of at least ${leastRsaBits} bits or Ed25519 is needed.`)
    }
  } catch { report.refuse(path, 'is not a private key in PEM form (-----BEGIN PRIVATE KEY-----).') }
}
