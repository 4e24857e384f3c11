// The header of a mail that comes in, as bytes: what is counted in it, what nobody outside may write into it, and what the gateway writes above it. Pure.

export interface MailHeader {
  /** With their folds, without the last line break; one character a byte. */
  readonly fields: readonly string[]
  /** From the empty line on. */
  readonly rest: Buffer
}

const mostHeaderBytes = 256 * 1024
/** What a mail with more of them asks for is processor time. */
const mostSignatures = 8
/** Claims about where a mail comes from: only ours may reach the CRM (RFC 8601 section 5). */
const claims = /^(?:authentication-results|received-spf)[ \t]*:/i
const notForVerifying = /^arc-[a-z-]+[ \t]*:/i
const signature = /^dkim-signature[ \t]*:/i
const received = /^received[ \t]*:/i

/** Undefined: it is longer than 256 KiB. Line ends are CRLF. */
export function readHeader (body: Buffer): MailHeader | undefined {
  const end = body.subarray(0, 2).toString('latin1') === '\r\n' ? 0 : body.subarray(0, mostHeaderBytes + 4).indexOf('\r\n\r\n')
  if (end === -1 && body.length > mostHeaderBytes) return undefined
  const head = body.toString('latin1', 0, end === -1 ? body.length : end)
  return { fields: head === '' ? [] : head.split(/\r\n(?![ \t])/), rest: end === -1 ? Buffer.alloc(0) : body.subarray(end === 0 ? 0 : end + 2) }
}

function join ({ fields, rest }: MailHeader): Buffer {
  return Buffer.concat([Buffer.from(fields.map(field => `${field}\r\n`).join(''), 'latin1'), rest])
}

export const countReceived = ({ fields }: MailHeader): number => fields.filter(field => received.test(field)).length

export function dropClaims ({ fields, rest }: MailHeader): Buffer {
  return join({ fields: fields.filter(field => !claims.test(field)), rest })
}

/** What signatures are verified on: at most eight of them, and no chains (ARC). */
export function limitSignatures ({ fields, rest }: MailHeader): Buffer {
  let signatures = 0
  const kept = fields.filter(field => {
    if (!signature.test(field)) return !notForVerifying.test(field)
    signatures += 1
    return signatures <= mostSignatures
  })
  return join({ fields: kept, rest })
}

/** The text of a field, unfolded; undefined when it is not there. */
export function findField ({ fields }: MailHeader, name: string): string | undefined {
  const found = fields.find(field => field.toLowerCase().startsWith(`${name}:`))
  return found?.slice(name.length + 1).replace(/\r\n(?=[ \t])/g, '').trim()
}

export interface Verdicts {
  /** `domain`: that the envelope or the greeting names. */
  readonly spf: { readonly result: string, readonly domain: string | undefined }
  /** `domains`: whose signatures over the whole mail are valid. */
  readonly dkim: { readonly result: string, readonly domains: readonly string[] }
  /** `policy`: what the author's domain asks for. `permerror`: the mail names no author, or several domains. */
  readonly dmarc: { readonly result: string, readonly policy: string | undefined, readonly domain: string | undefined }
}

export interface Trace {
  readonly name: string
  readonly id: string
  /** RFC 5322 section 3.3. */
  readonly date: string
  readonly isEncrypted: boolean
  readonly verdicts: Verdicts
  /** A domain can be somebody's name: it stands there only when the CRM may know who wrote. */
  readonly hasDomains: boolean
  /** Received fields that the mail had. What they say goes; how many they were stops a circle. */
  readonly hops: number
}

const property = (name: string, domain: string | undefined) => domain === undefined ? '' : ` ${name}=${domain}`

/** Lines that stand above the mail: Authentication-Results (RFC 8601), Received (RFC 5321 section 4.4). */
export function writeTrace ({ name, id, date, isEncrypted, verdicts, hasDomains, hops }: Trace): string {
  const { spf, dkim, dmarc } = verdicts
  const of = (domain: string | undefined) => hasDomains ? domain : undefined
  const signers = dkim.domains.length === 0 ? [`dkim=${dkim.result}`] : dkim.domains.map(domain => `dkim=pass${property('header.d', of(domain))}`)
  const results = [`spf=${spf.result}${property('smtp.mailfrom', of(spf.domain))}`, ...(hasDomains ? signers : signers.slice(0, 1)), `dmarc=${dmarc.result}${property('header.from', of(dmarc.domain))}`]
  return [
    `Authentication-Results: ${name};\r\n\t${results.join(';\r\n\t')}`,
    `Received: by ${name} with ${isEncrypted ? 'ESMTPS' : 'ESMTP'} id ${id};\r\n\t${date}`,
    ...Array.from({ length: hops }, () => `Received: by removed.invalid;\r\n\t${date}`),
    '',
  ].join('\r\n')
}
