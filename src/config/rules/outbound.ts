// Rules about the outbound door: destinations and associates that know each other, secrets that prove something, a listener that only the CRM reaches, agreements that run out.
import { createHash } from 'node:crypto'
import { nameOf, type Path } from '../problem.ts'
import type { Report, Rule, RuleInput } from '../rule.ts'
import { classesOf } from './mail.ts'
import { reachedOf } from './proxy.ts'
import { aliasesOf } from './shield.ts'
import { isLoopback } from './upstream.ts'

const dayMs = 86_400_000
const leastTokenLength = 24
const signingBytes = { least: 24, most: 64 } as const

type Outbound = NonNullable<RuleInput['config']['outbound']>
type Destination = NonNullable<NonNullable<Outbound['destinations']>[number]>

/** Whoever an agreement can cover: destinations of webhooks, vendors that get mail, mailboxes behind aliases, hosts behind the proxy. */
function receiversOf (input: RuleInput) {
  const others = [...classesOf(input), ...aliasesOf(input), ...reachedOf(input)]
  return [...destinationsOf(input), ...others.map(({ one, path }) => ({ destination: one, path }))]
}

const destinationsOf = ({ config: { outbound } }: RuleInput) => (outbound?.destinations ?? []).flatMap((destination, at) =>
  destination === undefined ? [] : [{ destination, path: ['outbound', 'destinations', at] satisfies Path }])

function refuseRepeated (names: readonly (string | undefined)[], pathOf: (at: number) => Path, report: Report): void {
  const seen = new Set<string>()
  for (const [at, name] of names.entries()) {
    if (name !== undefined && seen.has(name)) report.refuse(pathOf(at), `is ${name}, as another one's is: a name stands for one.`)
    if (name !== undefined) seen.add(name)
  }
}

export const requireDifferentOutboundNames: Rule = (input, report) => {
  const { config: { associates } } = input
  const receivers = receiversOf(input)
  refuseRepeated(receivers.map(({ destination }) => destination.name), at => [...receivers[at]?.path ?? [], 'name'], report)
  refuseRepeated((associates ?? []).map(one => one?.name), at => ['associates', at, 'name'], report)
}

export const requireKnownAssociates: Rule = (input, report) => {
  const associates = input.config.associates ?? []
  const receivers = receiversOf(input)
  const names = new Set(receivers.map(({ destination }) => destination.name))
  for (const { destination, path } of receivers) {
    if (destination.associate === undefined) continue
    const associate = associates.find(one => one?.name === destination.associate)
    if (associate === undefined) report.refuse([...path, 'associate'], `is ${destination.associate}, which is not in associates: add the agreement there, or take the line away.`)
    else if (destination.name !== undefined && associate.destinations?.includes(destination.name) === false) {
      report.refuse([...path, 'associate'], `is ${destination.associate}, whose agreement does not name the destination ${destination.name}: add it to its destinations if the agreement covers it.`)
    }
  }
  for (const [at, associate] of associates.entries()) {
    for (const [index, name] of (associate?.destinations ?? []).entries()) {
      if (name !== undefined && !names.has(name)) report.refuse(['associates', at, 'destinations', index], `is ${name}, which is not in outbound.destinations, outbound.mail.recipients, outbound.shield.aliases or outbound.proxy.hosts: correct the name, or take it away.`)
    }
  }
}

export const judgeAgreementDates: Rule = ({ config: { associates }, now }, report) => {
  for (const [at, associate] of (associates ?? []).entries()) {
    const { signed, expires } = associate ?? {}
    if (expires === undefined) continue
    const path = ['associates', at, 'expires']
    if (signed !== undefined && signed > expires) { report.refuse(path, `is ${expires}, before ${signed}, when it begins: one of the two is wrong.`); continue }
    const daysLeft = Math.ceil((Date.parse(`${expires}T00:00:00Z`) + dayMs - now) / dayMs)
    if (daysLeft <= 0) report.warn(path, `is ${expires}, which has passed: there is no agreement any more, so nothing that identifies a person and no free text goes to this associate.`)
    else if (daysLeft <= 60) report.warn(path, `is ${expires}: the agreement ends in ${daysLeft === 1 ? '1 day' : `${daysLeft} days`}. Renew it, and write the new day here.`)
  }
}

function checkSender ({ sender }: Destination, path: Path, { secrets, config }: RuleInput, report: Report): void {
  if (sender === undefined) return
  const secret = secrets.get(nameOf([...path, 'sender', 'secret']))?.reveal().trim()
  if (sender.form === 'certificate' && config.outbound?.listener !== undefined && !('tls' in config.outbound.listener)) {
    report.refuse([...path, 'sender', 'form'], 'is certificate, and without outbound.listener.tls nobody shows one: add it.')
  }
  if (secret === undefined) return
  if (sender.form === 'standard') { checkSigningKey(secret, [...path, 'sender', 'secret'], report); return }
  if (sender.form === 'token' && secret.length < leastTokenLength) report.refuse([...path, 'sender', 'secret'], `has ${secret.length} characters, at least ${leastTokenLength} are needed: openssl rand -base64 32 makes one.`)
  if (sender.form === 'token' && /[^\x21-\x7e]/.test(secret)) report.refuse([...path, 'sender', 'secret'], 'has blanks or letters that a header cannot carry: openssl rand -base64 32 makes one.')
}

/** Standard Webhooks 1.0, signature scheme: 24 to 64 bytes. */
function checkSigningKey (secret: string, path: Path, report: Report): void {
  const text = secret.replace(/^whsec_/, '')
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').length : 0
  if (bytes < signingBytes.least || bytes > signingBytes.most) report.refuse(path, `is not whsec_ and ${signingBytes.least} to ${signingBytes.most} bytes in base64: openssl rand -base64 32 makes one.`)
}

export const requireSenderProof: Rule = (input, report) => {
  const seen = new Map<string, string>()
  for (const { destination, path } of destinationsOf(input)) {
    checkSender(destination, path, input, report)
    const place = [...path, 'signingKey']
    const key = input.secrets.get(nameOf(place))?.reveal().trim()
    if (key === undefined) continue
    checkSigningKey(key, place, report)
    const digest = createHash('sha256').update(key).digest('hex')
    const other = seen.get(digest)
    if (other !== undefined) report.refuse(place, `is the same as ${other}: one receiver could sign for the other. Each has a key of its own.`)
    seen.set(digest, nameOf(place))
  }
}

export const requirePrivateRelay: Rule = ({ config: { outbound, listeners } }, report) => {
  const listener = outbound?.listener
  if (listener?.host !== undefined && !('tls' in listener) && !isLoopback(listener.host.includes(':') ? `[${listener.host}]` : listener.host)) {
    report.refuse(['outbound', 'listener', 'host'], `is ${listener.host}: messages with patient data would come in unencrypted. Write 127.0.0.1, or add outbound.listener.tls.`)
  }
  const others = [['listeners.public', listeners?.public?.port], ['listeners.health', listeners?.health?.port]] as const
  for (const [name, port] of others) if (port !== undefined && port !== 0 && port === listener?.port) report.refuse(['outbound', 'listener', 'port'], `is ${port}, the port of ${name}: it needs one of its own.`)
}

export const refuseEveryAddressOutside: Rule = ({ config: { outbound } }, report) => {
  for (const [at, range] of (outbound?.allowAddresses ?? []).entries()) {
    if (range?.endsWith('/0') === true) report.refuse(['outbound', 'allowAddresses', at], `is ${range}: then a destination could be this machine or the cloud's metadata. Name the range of the receiver.`)
  }
}
