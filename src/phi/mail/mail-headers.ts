// The header of a mail: which fields stay, what each says without what may not leave, how it is written. What is not known here goes; who is not allowed by address is not named.
import { Hold } from '../hold.ts'
import type { Spot, Visitor } from '../visitor.ts'
import { loadAddressparser, loadLibmime } from './load-libraries.ts'
import type { MailField } from './split-mail.ts'

/** What is known about a mail beside its text. */
export interface MailFacts {
  /** In small letters: whoever sends or gets this copy. Other addresses go. */
  readonly addresses: ReadonlySet<string>
  /** Stands as the sender when the mail's own may not. */
  readonly sender: string
  /** Another name for the id of a message or an event: the same for the same, and no way back. One of ours passes. */
  nameId (id: string): string
}

export interface HeaderContext { readonly visitor: Visitor, readonly root: Spot, readonly facts: MailFacts }

/** Values that say nothing about anybody. */
const words: Readonly<Record<string, RegExp>> = {
  'auto-submitted': /^(?:no|auto-generated|auto-replied)$/i,
  precedence: /^(?:bulk|list|junk)$/i,
  importance: /^(?:low|normal|high)$/i,
  priority: /^(?:normal|urgent|non-urgent)$/i,
  'x-priority': /^[1-5]$/,
  sensitivity: /^(?:personal|private|company-confidential)$/i,
}
const written: Readonly<Record<string, string>> = {
  from: 'From',
  'reply-to': 'Reply-To',
  to: 'To',
  cc: 'Cc',
  subject: 'Subject',
  date: 'Date',
  'message-id': 'Message-ID',
  'in-reply-to': 'In-Reply-To',
  references: 'References',
  'auto-submitted': 'Auto-Submitted',
  precedence: 'Precedence',
  importance: 'Importance',
  priority: 'Priority',
  'x-priority': 'X-Priority',
  sensitivity: 'Sensitivity',
}
const places: Readonly<Record<string, string>> = { from: 'from', 'reply-to': 'replyTo', to: 'to', cc: 'cc' }
const dateForm = /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), {1,2})?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UT|UTC)(?: \([A-Z]{2,5}\))?$/
const addressForm = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/

/** Bytes of a header as text: UTF-8 (RFC 6532), or it is not read. */
function toText (value: string): string {
  if (!/[^\0-\x7f]/.test(value)) return value
  try { return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1')) } catch { throw new Hold('notUtf8') }
}

export function decodeHeaderText (value: string): string {
  // eslint-disable-next-line no-control-regex -- a line break in an encoded word would begin another header
  return loadLibmime().decodeWords(toText(value)).toWellFormed().replace(/[\0-\x1f\x7f]+/g, ' ').trim()
}

const longestLine = 76
const longestWord = 52

/** `Name: value` in lines of at most 998 characters; words that are not ASCII are encoded (RFC 2047). */
export function writeField (name: string, text: string): string {
  const isPlain = !/[^ -~]/.test(text) && !text.includes('=?')
  const parts = (isPlain ? text : loadLibmime().encodeWord(text, 'B', longestWord)).split(' ')
  let out = `${name}:`
  let length = out.length
  for (const part of parts) {
    if (length + part.length + 1 > longestLine && part !== '' && length > name.length + 1) { out += '\r\n'; length = 0 }
    out += ` ${part}`
    length += part.length + 1
  }
  return out.split('\r\n').some(line => line.length > 998) ? writeField(name, `${text.slice(0, 900)}`) : out
}

function writeMailbox (name: string, address: string): string {
  if (name === '') return address
  if (/[^ -~]/.test(name) || name.includes('=?')) return `${loadLibmime().encodeWord(name, 'B', longestWord)} <${address}>`
  return /^[A-Za-z0-9 ]+$/.test(name) ? `${name} <${address}>` : `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`
}

/** The mailboxes that may be named; the display name of one only as the policy lets it pass whole. */
function readMailboxes (field: MailField, { visitor, root, facts }: HeaderContext): readonly string[] {
  const list = root.child(places[field.name] ?? field.name)
  return loadAddressparser()(toText(field.value), { flatten: true }).flatMap(({ name, address }) => {
    const text = decodeHeaderText(name)
    const kept = text === '' ? '' : visitor.leaf(list.child('name'), text, 'string')
    const plain = address.toLowerCase()
    if (addressForm.test(address) && facts.addresses.has(plain)) return [writeMailbox(kept === undefined ? text : '', address)]
    if (address !== '') visitor.leaf(list.child('address'), address, 'string')
    return []
  })
}

function writeList (name: string, mailboxes: readonly string[]): string {
  return `${name}: ${mailboxes.join(',\r\n ')}`
}

function rewriteIds (field: MailField, { facts }: HeaderContext): string | undefined {
  const ids = [...field.value.matchAll(/<([^<>\s]{1,400})>/g)].map(([, id = '']) => `<${facts.nameId(id)}>`)
  if (ids.length === 0) return undefined
  return `${written[field.name] ?? ''}: ${ids.slice(-20).join('\r\n ')}`
}

function rewriteText (name: string, place: Spot, { value, visitor }: { readonly value: string, readonly visitor: Visitor }): string | undefined {
  const text = decodeHeaderText(value)
  const answer = visitor.leaf(place, text, 'string')
  return answer === null ? undefined : writeField(name, answer ?? text)
}

type Rewriter = (field: MailField, context: HeaderContext) => string | undefined

const rewriters: Readonly<Record<string, Rewriter>> = {
  date: ({ value }) => dateForm.test(value.replace(/\s+/g, ' ')) ? `Date: ${value.replace(/\s+/g, ' ')}` : undefined,
  subject: ({ value }, { visitor, root }) => rewriteText('Subject', root.child('subject'), { value, visitor }),
  'message-id': rewriteIds,
  'in-reply-to': rewriteIds,
  references: rewriteIds,
  from (field, context) {
    const mailboxes = readMailboxes(field, context)
    return writeList('From', mailboxes.length === 0 ? [context.facts.sender] : mailboxes.slice(0, 1))
  },
  to (field, context) {
    const mailboxes = readMailboxes(field, context)
    return mailboxes.length === 0 ? 'To: undisclosed-recipients:;' : writeList('To', mailboxes)
  },
  cc: rewriteOthers,
  'reply-to': rewriteOthers,
}

function rewriteOthers (field: MailField, context: HeaderContext): string | undefined {
  const mailboxes = readMailboxes(field, context)
  return mailboxes.length === 0 ? undefined : writeList(written[field.name] ?? '', mailboxes)
}

function rewriteField (field: MailField, context: HeaderContext): string | undefined {
  const { name, value } = field
  const { visitor, root } = context
  if (Object.hasOwn(words, name)) return words[name]?.test(value) === true ? `${written[name] ?? ''}: ${value}` : undefined
  if (Object.hasOwn(rewriters, name)) return rewriters[name]?.(field, context)
  if (name.startsWith('content-') || name === 'mime-version') return undefined
  const place = root.child('headers').child(name)
  if (place.isNamed) return rewriteText(name, place, { value, visitor })
  visitor.removed(root.child('headers'))
  return undefined
}

/** The lines of the header, without those about content. */
export function rewriteHeader (fields: readonly MailField[], context: HeaderContext): readonly string[] {
  const lines = fields.flatMap(field => rewriteField(field, context) ?? [])
  // RFC 5322 section 3.6 wants a date and somebody that it is from.
  return fields.some(({ name }) => name === 'from') ? lines : [`From: ${context.facts.sender}`, ...lines]
}
