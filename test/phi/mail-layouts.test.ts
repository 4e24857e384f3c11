// Eighteen layouts of mail: every planted value is gone from every decoded part and header, parts without one keep their bytes, a second redaction changes nothing, and a strict
// parser that is not ours reads the result.
import PostalMime, { type Attachment, type Email } from 'postal-mime'
import t from 'tap'
import { openRedactor } from '../../src/operations/redact-messages.ts'
import { splitMail, type MailPart } from '../../src/phi/mail/split-mail.ts'
import { decodePart, readPartFacts } from '../../src/phi/mail/part-content.ts'
import { layouts, layoutValues } from '../support/mail-layouts.ts'
import { policyFile } from '../support/mail-place.ts'

const redactor = await openRedactor({ policyFile, tokenKeyFile: undefined })
const people = { addresses: ['crm@clinic.example', 'nell@clinic.example'], sender: 'crm@clinic.example' }
const redact = (body: Buffer) => redactor.redact({ type: 'message/rfc822', body, mail: people })

/** What a reader finds: headers, texts, file names and contents, decoded by somebody else's code. */
async function readAll (bytes: Buffer): Promise<string> {
  const email: Email = await PostalMime.parse(bytes, { rfc822Attachments: false })
  const attachments = email.attachments.map((one: Attachment) => `${one.filename ?? ''} ${one.contentId ?? ''} ${Buffer.from(one.content as ArrayBuffer).toString('utf8')}`)
  const { headers, subject, text, html } = email
  return [JSON.stringify(headers), JSON.stringify([email.from, email.to, email.replyTo, email.messageId]), subject ?? '', text ?? '', html ?? '', ...attachments].join('\n')
}

/** Every part decoded, in case the other parser leaves one out. */
function readParts (part: MailPart): string {
  const own = part.parts === undefined ? decodePart(part, readPartFacts(part)).bytes.toString('utf8') : ''
  return [...part.fields.map(({ name, value }) => `${name}: ${value}`), own, ...(part.parts ?? []).map(readParts)].join('\n')
}

t.equal(layouts.length, 18)
for (const { name, mail, untouched, kept } of layouts) {
  t.test(name, async t => {
    const source = Buffer.from(mail, 'latin1')
    const before = (await readAll(source)) + readParts(splitMail(source))
    t.ok(before.toLowerCase().includes('zyxwina') && before.toLowerCase().includes('qwertzon'), 'the mail has something to take out')
    const first = redact(source)
    if (first.held !== undefined) { t.fail(`held: ${first.held}`); return }
    const out = first.body
    const after = `${await readAll(out)}\n${readParts(splitMail(out))}\n${out.toString('latin1')}`
    for (const value of layoutValues) t.notOk(after.toLowerCase().includes(value), `${value} is gone\n${after}`)
    for (const value of ['Zyxwina', 'Qwertzon', '987-65-4321']) t.notOk(after.includes(Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1)), `${value} is not there in base64`)
    if (untouched !== undefined) t.ok(out.includes(Buffer.from(untouched, 'latin1')), `untouched bytes are there\n${out.toString('latin1')}`)
    if (kept !== undefined) t.match(after, kept, out.toString('latin1'))
    t.ok(out.toString('latin1').split('\r\n').every(line => line.length <= 998 && !/[\r\n]/.test(line)), 'lines as RFC 5322 section 2.1.1 wants them')
    const second = redact(out)
    t.ok(second.held === undefined && second.body.equals(out), 'twice is once')
    t.notOk(JSON.stringify(first.manifest).toLowerCase().includes('zyxwina'), 'the manifest has no value')
  })
}
