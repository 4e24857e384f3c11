// What a mail is before anybody looks into it: who may send it, which classes its recipients are in, what stands in its place as a notice. It decides by address only.
import { readFileSync } from 'node:fs'
import type DKIM from 'nodemailer/lib/dkim'
import { findClass, maySendAs, othersName, readList, type MailClass } from './classes.ts'
import type { MailClassConfig, MailConfig } from './config.ts'
import { createNotice } from '../notice.ts'
import { mailHolds, mailReasons } from './reasons.ts'

export { mailHolds, mailReasons }
export { othersName, readList } from './classes.ts'

/** One mail for one class; its recipients. */
export interface MailCopy {
  readonly name: string
  readonly who: MailClassConfig['who']
  readonly action: MailClassConfig['action']
  readonly to: readonly string[]
}

export interface MailRoom {
  /** Empty: a report, which has no sender. Throws a Denial. */
  requireSender (address: string): void
  /** Throws a Denial for a recipient of no class. */
  requireRecipient (address: string): void
  /** Classes in the order in which their first recipient came. */
  split (recipients: readonly string[]): readonly MailCopy[]
  /** As it is now; undefined for a class that is no more. */
  copyFor (name: string, recipients: readonly string[]): MailCopy | undefined
  /** Whom the header of a copy may name. */
  peopleOf (envelope: { readonly from: string, readonly to: readonly string[] }): { readonly addresses: readonly string[], readonly sender: string }
  notice (to: readonly string[], now: number, id: string): Buffer
  /** As it was configured: signed, or as it is. */
  sign (body: Buffer): Promise<Buffer>
  /** The patient's id in the header that is configured. */
  findPatients (body: Buffer): readonly string[]
  /** Reads the lists again. Returns whether one changed; then `use` puts them to work. */
  readLists (): { readonly isChanged: boolean, use (): void }
}

export interface MailRoomDeps { readonly publicUrl: string, readonly warn: (file: string, lines: readonly number[]) => void }

function readClasses (config: MailConfig, { warn }: MailRoomDeps): readonly MailClass[] {
  return config.recipients.map(one => {
    if (one.list === undefined) return { ...one, listed: new Set<string>() }
    const { addresses, wrongLines } = readList(readFileSync(one.list, 'utf8'))
    if (wrongLines.length > 0) warn(one.list, wrongLines)
    return { ...one, listed: addresses }
  })
}

/** Only when something is signed: most installations do not. */
async function loadSigner ({ domain, selector, key }: NonNullable<MailConfig['dkim']>): Promise<DKIM> {
  const { default: Signer } = await import('nodemailer/lib/dkim')
  return new Signer({ domainName: domain, keySelector: selector, privateKey: key.reveal() })
}

async function signWith (signer: DKIM, body: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of signer.sign(body)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const longestId = 200

function createPatientSearch (header: string | undefined): MailRoom['findPatients'] {
  if (header === undefined) return () => []
  const form = new RegExp(`(?:^|\\r\\n)${header}:[ \\t]*([^\\r\\n]{1,${longestId}}?)[ \\t]*(?=\\r\\n(?![ \\t]))`, 'i')
  return body => {
    const end = body.indexOf('\r\n\r\n')
    const id = form.exec(body.toString('latin1', 0, end === -1 ? body.length : end + 2))?.[1]
    return id === undefined ? [] : [id]
  }
}

export function createMailRoom (config: MailConfig, deps: MailRoomDeps): MailRoom {
  let classes = readClasses(config, deps)
  let signer: Promise<DKIM> | undefined
  const { dkim, sender, notice, others } = config
  const makeNotice = createNotice({ ...notice, link: notice.link ?? deps.publicUrl, sender })
  const copyOf = (found: MailClass | undefined, to: readonly string[]): MailCopy | undefined => {
    if (found !== undefined) return { name: found.name, who: found.who, action: found.action, to }
    return others === 'refuse' ? undefined : { name: othersName, who: 'vendor', action: others, to }
  }
  return {
    requireSender (address) {
      if (address !== '' && !maySendAs([sender, ...config.senders], address)) throw mailReasons.deny('mail.senderNotAllowed')
    },
    requireRecipient (address) {
      if (copyOf(findClass(classes, address), []) === undefined) throw mailReasons.deny('mail.recipientNotAllowed')
    },
    split (recipients) {
      const byClass = new Map<MailClass | undefined, string[]>()
      for (const address of new Set(recipients)) {
        const found = findClass(classes, address)
        byClass.set(found, [...byClass.get(found) ?? [], address])
      }
      return [...byClass].flatMap(([found, to]) => copyOf(found, to) ?? [])
    },
    copyFor: (name, recipients) => copyOf(classes.find(one => one.name === name), recipients),
    peopleOf: ({ from, to }) => ({ addresses: [sender, ...to, ...(from === '' ? [] : [from])], sender }),
    notice: (to, now, id) => makeNotice({ to, now, id }),
    sign: async body => dkim === undefined ? body : await signWith(await (signer ??= loadSigner(dkim)), body),
    findPatients: createPatientSearch(config.patientHeader),
    readLists () {
      const next = readClasses(config, deps)
      const textOf = (list: readonly MailClass[]) => JSON.stringify(list.map(({ listed }) => [...listed].sort()))
      const isChanged = textOf(next) !== textOf(classes)
      return { isChanged, use: () => { classes = next } }
    },
  }
}
