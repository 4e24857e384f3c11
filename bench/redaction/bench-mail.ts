// `npm run bench -- mail`: the redaction of whole mails by itself, in processor time: the layouts that mailers use, with generated letters and notes in them, and one of which
// nothing may leave: what MIME costs without the prose chain. The queue has figures of its own (`npm run bench -- outbound`).
import { cpus } from 'node:os'
import libqp from 'libqp'
import type { PolicyFile } from '../../src/phi/config.ts'
import { compilePolicy, createRedactor, createVaultTokens } from '../../src/phi/phi.ts'
import { createNote, createPerson, createRandom, type Random } from '../../test/support/phi-corpus.ts'
import { createLetter } from '../../test/support/phi-letters.ts'

export interface MailFigure { readonly layout: string, readonly kilobytes: number, readonly megabytesPerSecond: number, readonly mailsPerSecond: number }

const target = 5
const sender = 'crm@clinic.example'
const policyFile: PolicyFile = {
  name: 'bench-mail',
  version: 1,
  profile: 'safe-harbor',
  unknown: 'mask',
  deepest: 64,
  rules: [{ path: 'subject', action: 'prose' }, { path: 'body', action: 'prose' }, { path: 'attachments.csv', action: 'mask' }],
}
/** The same mail when nothing of its text may leave: what reading and writing MIME costs. */
const closedFile: PolicyFile = { ...policyFile, name: 'bench-mail-closed', rules: [{ path: 'subject', action: 'mask' }, { path: 'body', action: 'mask' }] }

const paragraphs = (random: Random): readonly string[] => Array.from({ length: 30 }, () => random.below(2) === 0 ? createNote(random).text : createLetter(random).text)
const plain = (text: string): string => text.replace(/[^\0-\x7f]/g, 'e')
const quoted = (text: string): string => libqp.wrap(libqp.encode(Buffer.from(text.replaceAll('\n', '\r\n'))))
const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')
const html = (texts: readonly string[]): string => `<html><body>${texts.map(text => `<p>${text.replaceAll('\n', '<br>')}</p>\n<div class="x"><b>${text.slice(0, 12)}</b></div>`).join('\n')}</body></html>`
const part = (type: string, coding: string, body: string): string => `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${coding}\r\n\r\n${body}\r\n`
const multipart = (kind: string, parts: readonly string[]): string => `Content-Type: multipart/${kind}; boundary="b1"\r\n\r\n${parts.map(one => `--b1\r\n${one}\r\n`).join('')}--b1--\r\n`

const layouts: Readonly<Record<string, (texts: readonly string[], random: Random) => string>> = {
  'text, 7bit': texts => part('text/plain; charset=us-ascii', '7bit', plain(texts.join('\n')).replaceAll('\n', '\r\n')),
  'text, quoted-printable': texts => part('text/plain; charset=utf-8', 'quoted-printable', quoted(texts.join('\n'))),
  'text, base64': texts => part('text/plain; charset=utf-8', 'base64', base64(texts.join('\n'))),
  'HTML, quoted-printable': texts => part('text/html; charset=utf-8', 'quoted-printable', quoted(html(texts))),
  'text and HTML': texts => multipart('alternative', [part('text/plain; charset=utf-8', 'quoted-printable', quoted(texts.join('\n'))), part('text/html; charset=utf-8', 'quoted-printable', quoted(html(texts)))]),
  'text and a PDF of 100 KB': (texts, random) => multipart('mixed', [part('text/plain; charset=utf-8', 'quoted-printable', quoted(texts.join('\n'))), part('application/pdf; name="scan.pdf"', 'base64', base64(random.digits(75_000)))]),
}

function createMail (random: Random, layout: (texts: readonly string[], random: Random) => string): Buffer {
  const { first, last, email, birth } = createPerson(random)
  const head = ['Received: from crm.internal (10.1.2.3) by mx; Fri, 27 Nov 2026 05:00:00 +0000', `From: "CRM" <${sender}>`, `To: ${email}`, 'Date: Fri, 27 Nov 2026 05:00:00 +0000',
    `Message-ID: <${random.digits(12)}@crm.internal>`, `Subject: Visit of ${first} ${last} on ${birth}`, 'MIME-Version: 1.0']
  return Buffer.from(`${plain(head.join('\r\n'))}\r\n${layout(paragraphs(random), random)}`, 'latin1')
}

function measure (file: PolicyFile, mails: readonly Buffer[]): { readonly megabytesPerSecond: number, readonly mailsPerSecond: number } {
  const redactor = createRedactor({ policy: compilePolicy(file).policy, tokens: createVaultTokens(Buffer.alloc(32, 1), new Map()), now: () => 0 })
  const run = (): void => {
    for (const body of mails) {
      const redaction = redactor.redact({ type: 'message/rfc822', body, mail: { addresses: [sender], sender } })
      if (redaction.held !== undefined) throw new Error(`a mail of the bench was held: ${redaction.held}`)
    }
  }
  // The first rounds are slower: the code is not compiled yet.
  for (let round = 0; round < 3; round++) run()
  const began = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(began)
  return { megabytesPerSecond: mails.reduce((sum, { length }) => sum + length, 0) / (user + system), mailsPerSecond: mails.length * 1e6 / (user + system) }
}

export function benchMail ({ isJson, scale }: { readonly isJson: boolean, readonly scale: number }): void {
  const random = createRandom(2026)
  const count = Math.max(20, Math.round(300 * scale))
  const figures: MailFigure[] = Object.entries(layouts).map(([layout, create]) => {
    const mails = Array.from({ length: count }, () => createMail(random, create))
    return { layout, kilobytes: mails.reduce((sum, { length }) => sum + length, 0) / count / 1e3, ...measure(policyFile, mails) }
  })
  const closed = measure(closedFile, Array.from({ length: count }, () => createMail(random, layouts['text and HTML'] as (texts: readonly string[]) => string)))
  figures.push({ layout: 'text and HTML, nothing of it may leave', kilobytes: figures.find(({ layout }) => layout === 'text and HTML')?.kilobytes ?? 0, ...closed })
  if (isJson) console.log(JSON.stringify({ node: process.versions.node, cores: cpus().length, scale, figures }))
  else {
    console.log(`Node ${process.versions.node}; processor time of one core${scale === 1 ? '' : `; scaled by ${scale}: the figures say little`}; target ${target} MB/s`)
    for (const { layout, kilobytes, megabytesPerSecond, mailsPerSecond } of figures) console.log(`  ${layout.padEnd(40)}${kilobytes.toFixed(1).padStart(8)} KB${megabytesPerSecond.toFixed(2).padStart(9)} MB/s${mailsPerSecond.toFixed(0).padStart(7)} mails/s`)
  }
}
