// Rewrites a mail part by part: its header, its texts, what is attached. A part that nothing is taken out of keeps its bytes; all between the parts is written anew, so that there
// is one way to read it. What cannot be looked into is replaced by a line that says so, unless the policy lets such files pass.
import { isAscii } from 'node:buffer'
import { rewriteCsv } from '../csv.ts'
import { Hold } from '../hold.ts'
import { rewriteJson } from '../json.ts'
import type { Spot, Visitor } from '../visitor.ts'
import { rewriteXml } from '../xml.ts'
import { rewriteContentLines } from './content-lines.ts'
import { looksLikeHl7, rewriteHl7 } from './hl7.ts'
import { rewriteHeader, type MailFacts } from './mail-headers.ts'
import { decodePart, decodeText, encodeBytes, encodeText, fieldOf, readPartFacts, unflow, type PartFacts, type PartText } from './part-content.ts'
import { splitMail, toMailLines, type MailPart } from './split-mail.ts'

export interface MailContext {
  readonly visitor: Visitor
  readonly root: Spot
  readonly facts: MailFacts
}

interface Written {
  /** Without the empty line behind it. */
  readonly head: readonly string[]
  readonly body: Buffer
}

const deepest = 8
const removedText = 'An attachment was removed here. Open it in the CRM.'
const sealed = /^(?:multipart\/(?:signed|encrypted)|application\/(?:x-)?pkcs7-(?:mime|signature)|application\/pgp-(?:encrypted|signature|keys))$/
const sealedText = /-----BEGIN (?:PGP|PKCS7|CMS)/
/** Another part of the message somewhere else, or half a message. */
const elsewhere = /^message\/(?:partial|external-body|http|news|s-http|sip|sipfrag)$/

type Format = 'body' | 'csv' | 'card' | 'calendar' | 'hl7' | 'json' | 'xml' | 'text'

const formats: readonly (readonly [RegExp, Format])[] = [
  [/^(?:text\/csv|application\/csv|text\/tab-separated-values)$/, 'csv'],
  [/^text\/(?:x-)?(?:vcard|directory)$/, 'card'],
  [/^(?:text\/calendar|application\/ics)$/, 'calendar'],
  [/^(?:text\/hl7|application\/(?:x-)?hl7|(?:x-)?application\/hl7-v2)/, 'hl7'],
  [/^(?:application\/json|[a-z]+\/[a-z0-9.-]+\+json)$/, 'json'],
  [/^(?:(?:application|text)\/xml|(?!image\/)[a-z]+\/[a-z0-9.-]+\+xml)$/, 'xml'],
]
/** Of text that says nothing more about itself. */
const beginnings: readonly (readonly [RegExp, Format])[] = [[/^\s*BEGIN:VCARD/i, 'card'], [/^\s*BEGIN:VCALENDAR/i, 'calendar']]

function findFormat ({ type, fileName, isAttachment }: PartFacts, text: () => string): Format | undefined {
  const named = formats.find(([form]) => form.test(type))?.[1]
  if (named !== undefined || !/^text\/(?:plain|html|markdown|x-markdown)$/.test(type)) return named
  if (type === 'text/plain' && /\.(?:csv|tsv)$/i.test(fileName)) return 'csv'
  const start = text().slice(0, 200)
  if (looksLikeHl7(start)) return 'hl7'
  return beginnings.find(([form]) => form.test(start))?.[1] ?? (isAttachment ? 'text' : 'body')
}

const endings: Readonly<Record<Format, string>> = { body: 'txt', csv: 'csv', card: 'vcf', calendar: 'ics', hl7: 'hl7', json: 'json', xml: 'xml', text: 'txt' }

function rewriteText (text: string, format: Format, { visitor, root, facts }: MailContext): string | null {
  const attachments = root.child('attachments')
  switch (format) {
    case 'csv': return rewriteCsv(text, visitor, attachments.child('csv'))
    case 'json': return rewriteJson(text, visitor, attachments.child('json'))
    case 'xml': return rewriteXml(text, visitor, attachments.child('xml'))
    case 'card': return rewriteContentLines(text, { visitor, root: attachments.child('card'), nameId: facts.nameId })
    case 'calendar': return rewriteContentLines(text, { visitor, root: attachments.child('calendar'), nameId: facts.nameId })
    case 'hl7': return rewriteHl7(text, visitor, attachments.child('hl7'))
    default: {
      if (sealedText.test(text)) throw new Hold('sealedMail')
      const answer = visitor.leaf(format === 'body' ? root.child('body') : attachments.child('text'), text, 'string')
      return answer === undefined ? text : answer
    }
  }
}

/** Words in the names of what policies call files. */
function fileClass ({ type, fileName }: PartFacts): string {
  if (type === 'application/pdf') return 'pdf'
  if (/zip|compressed|x-(?:tar|7z|rar)|gzip/.test(type)) return 'archive'
  if (type.startsWith('image/')) return 'image'
  if (/^(?:audio|video)\//.test(type)) return 'media'
  if (/word|excel|powerpoint|opendocument|officedocument|ms-|rtf/.test(type)) return 'document'
  const ending = /\.([a-z0-9]{1,5})$/i.exec(fileName)?.[1]?.toLowerCase()
  return ending === 'pdf' ? 'pdf' : ending === 'zip' ? 'archive' : 'other'
}

class Rewriting {
  readonly #context: MailContext
  #files = 0
  #boundaries = 0

  constructor (context: MailContext) { this.#context = context }

  mail (part: MailPart, depth: number): Buffer {
    if (depth > deepest) throw new Hold('tooDeep')
    const header = rewriteHeader(part.fields, this.#context)
    const { head, body } = this.#part(part, depth) ?? this.#removed()
    return Buffer.concat([Buffer.from([...header, 'MIME-Version: 1.0', ...head, '', ''].join('\r\n'), 'latin1'), body])
  }

  /** Undefined: nothing of it is left. */
  #part (part: MailPart, depth: number, parent = ''): Written | undefined {
    if (depth > deepest) throw new Hold('tooDeep')
    const facts = readPartFacts(part, parent === 'multipart/digest' ? 'message/rfc822' : undefined)
    if (sealed.test(facts.type)) throw new Hold('sealedMail')
    if (elsewhere.test(facts.type)) throw new Hold('unknownType')
    if (part.parts !== undefined) return this.#multipart(part.parts, facts, depth)
    if (facts.type === 'message/rfc822' || facts.type === 'message/global') return this.#nested(decodePart(part, facts).bytes, depth)
    if (facts.type === 'text/rfc822-headers') return this.#headersOnly(decodePart(part, facts).bytes)
    if (facts.type === 'message/delivery-status' || facts.type === 'message/disposition-notification') return this.#report(part, facts)
    return this.#leaf(part, facts, parent)
  }

  #multipart (parts: readonly MailPart[], facts: PartFacts, depth: number): Written | undefined {
    const written = parts.flatMap(part => this.#part(part, depth + 1, facts.type) ?? [])
    if (written.length === 0) return undefined
    const bodies = written.map(({ head, body }) => Buffer.concat([Buffer.from([...head, '', ''].join('\r\n'), 'latin1'), body]))
    let boundary: string
    do { boundary = `=_sallyport_${this.#boundaries++}_` } while (bodies.some(body => body.includes(boundary)))
    const pieces = bodies.flatMap(body => [Buffer.from(`--${boundary}\r\n`), body, Buffer.from('\r\n')])
    const type = /^multipart\/(?:mixed|alternative|related|report|digest|parallel)$/.test(facts.type) ? facts.type : 'multipart/mixed'
    const report = type === 'multipart/report' && /^(?:delivery-status|disposition-notification)$/.test(facts.params['report-type'] ?? '') ? `; report-type=${facts.params['report-type']}` : ''
    const eight = bodies.some(body => !isAscii(body)) ? ['Content-Transfer-Encoding: 8bit'] : []
    return { head: [`Content-Type: ${type}${report}; boundary="${boundary}"`, ...eight], body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]) }
  }

  #nested (bytes: Buffer, depth: number): Written {
    const body = this.mail(splitMail(toMailLines(bytes)), depth + 1)
    return { head: ['Content-Type: message/rfc822', ...coding(body)], body }
  }

  #headersOnly (bytes: Buffer): Written {
    const { fields } = splitMail(toMailLines(Buffer.concat([bytes, Buffer.from('\r\n\r\n')])))
    return { head: ['Content-Type: text/rfc822-headers'], body: Buffer.from(`${rewriteHeader(fields, this.#context).join('\r\n')}\r\n`, 'latin1') }
  }

  /** RFC 3464 and RFC 8098: groups of fields. What happened stays; to whom goes, and so does what was said about it. */
  #report (part: MailPart, facts: PartFacts): Written {
    const kept = /^(?:Action: (?:failed|delayed|delivered|relayed|expanded)|Status: [245]\.\d{1,3}\.\d{1,3}|Disposition: [a-z-]+\/[a-zA-Z-]+; ?[a-z]+(?:\/[a-z]+)?)$/i
    const groups = decodePart(part, facts).bytes.toString('latin1').split(/\r\n(?:\r\n)+/).map(group => group.replace(/\r\n[\t ]+/g, ' ').split('\r\n').filter(field => kept.test(field.trim())).map(field => field.trim()))
    this.#context.visitor.removed(this.#context.root.child('report'))
    return { head: [`Content-Type: ${facts.type}`], body: Buffer.from(groups.filter((group, index) => index === 0 || group.length > 0).map(group => group.length === 0 ? 'Reporting-MTA: dns; redacted.invalid' : group.join('\r\n')).join('\r\n\r\n') + '\r\n', 'latin1') }
  }

  #leaf (part: MailPart, facts: PartFacts, parent: string): Written | undefined {
    const content = decodePart(part, facts)
    const charset = facts.params['charset']
    let decoded: PartText | undefined
    const decode = () => {
      decoded ??= decodeText(content.bytes, charset)
      return decoded
    }
    const format = findFormat(facts, () => decode().text)
    if (format === undefined) return this.#file(part, facts, { ...content, parent })
    const { text, isClean } = decode()
    const flow = format === 'body' ? flowOf(facts) : undefined
    const source = flow === undefined ? text : unflow(text, flow.isSpaceDeleted)
    const answer = rewriteText(source, format, this.#context)
    if (answer === null) return parent === 'multipart/alternative' ? undefined : this.#removed()
    const names = format === 'body' ? [] : this.#names(facts, endings[format])
    const method = format === 'calendar' && /^[A-Z]{1,20}$/i.test(facts.params['method'] ?? '') ? `; method=${facts.params['method']}` : ''
    if (answer === source && content.isClean && isClean) {
      const named = charset === undefined ? '' : `; charset=${/^[\w-]{1,40}$/.test(charset) ? charset : 'utf-8'}`
      return { head: [`Content-Type: ${facts.type}${named}${method}${flow?.written ?? ''}`, ...sameCoding(part, facts), ...names], body: part.body }
    }
    const { coding: how, body } = encodeText(answer)
    return { head: [`Content-Type: ${facts.type}; charset=utf-8${method}`, ...(how === '7bit' ? [] : [`Content-Transfer-Encoding: ${how}`]), ...names], body }
  }

  #names ({ isAttachment }: PartFacts, ending: string): readonly string[] {
    this.#files += 1
    return isAttachment ? [`Content-Disposition: attachment; filename="attachment-${this.#files}.${ending}"`] : []
  }

  #file (part: MailPart, facts: PartFacts, { bytes, isClean, parent }: { readonly bytes: Buffer, readonly isClean: boolean, readonly parent: string }): Written | undefined {
    const { visitor, root } = this.#context
    const name = fileClass(facts)
    if (visitor.file?.(root.child('attachments').child('files').child(name)) !== true) {
      return parent === 'multipart/alternative' || parent === 'multipart/related' ? undefined : this.#removed()
    }
    const ending = /^[a-z0-9]{1,5}$/i.exec(/\.([^.]*)$/.exec(facts.fileName)?.[1] ?? '')?.[0].toLowerCase() ?? 'bin'
    const head = [`Content-Type: ${facts.type}`, ...this.#names({ ...facts, isAttachment: true }, ending)]
    const id = /^<([^<>\s]{1,200})>$/.exec(fieldOf(part, 'content-id'))?.[1]
    if (id !== undefined) head.push(`Content-ID: <${this.#context.facts.nameId(id)}>`)
    if (isClean && facts.coding !== 'identity') return { head: [...head, `Content-Transfer-Encoding: ${facts.coding}`], body: part.body }
    return { head: [...head, 'Content-Transfer-Encoding: base64'], body: encodeBytes(bytes).body }
  }

  #removed (): Written {
    return { head: ['Content-Type: text/plain; charset=us-ascii'], body: Buffer.from(`${removedText}\r\n`) }
  }
}

function flowOf ({ params }: PartFacts): { readonly isSpaceDeleted: boolean, readonly written: string } | undefined {
  if (!/^flowed$/i.test(params['format'] ?? '')) return undefined
  const isSpaceDeleted = /^yes$/i.test(params['delsp'] ?? '')
  return { isSpaceDeleted, written: `; format=flowed${isSpaceDeleted ? '; delsp=yes' : ''}` }
}

function sameCoding (part: MailPart, { coding: how }: PartFacts): readonly string[] {
  return how === 'identity' ? coding(part.body) : [`Content-Transfer-Encoding: ${how}`]
}

function coding (body: Buffer): readonly string[] {
  return isAscii(body) ? [] : ['Content-Transfer-Encoding: 8bit']
}

/** Throws a Hold for a mail that cannot be read in one way, or not at all. */
export function rewriteMail (bytes: Uint8Array, context: MailContext): Buffer {
  return new Rewriting(context).mail(splitMail(toMailLines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))), 0)
}
