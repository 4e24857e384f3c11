// The header of a mail from outside, as bytes: what is counted, what is taken out, what is written above it.
import t from 'tap'
import fc from 'fast-check'
import { countReceived, dropClaims, findField, limitSignatures, readHeader, writeTrace, type MailHeader } from '../../src/outbound/shield/header.ts'

const read = (text: string): MailHeader => {
  const header = readHeader(Buffer.from(text, 'latin1'))
  if (header === undefined) throw new Error('too long')
  return header
}
const text = (bytes: Buffer) => bytes.toString('latin1')

t.test('claims go, whatever their spelling and folds; nothing else is touched', async t => {
  const kept = 'From: a@b.example\r\nX-Note: Authentication-Results: mx; spf=pass\r\nSubject: x\r\n y\r\n'
  const body = '\r\nAuthentication-Results: in the text\r\n\r\nmore\r\n'
  const claims = ['Authentication-Results: mx;\r\n\tspf=pass\r\n', 'AUTHENTICATION-RESULTS \t: mx\r\n', 'received-spf: pass\r\n']
  for (const claim of claims) t.equal(text(dropClaims(read(claim + kept + claim + body))), kept + body, claim)
  t.equal(text(dropClaims(read(kept + body))), kept + body)
})

t.test('mails without a header, without a text, or with nothing', async t => {
  for (const whole of ['', '\r\n', '\r\n\r\n', '\r\nAuthentication-Results: text\r\n', 'Subject: x\r\n\r\n']) t.equal(text(dropClaims(read(whole))), whole, JSON.stringify(whole))
  t.equal(text(dropClaims(read('Subject: x\r\nAuthentication-Results: mx'))), 'Subject: x\r\n')
})

t.test('a header of more than 256 KiB is not read', async t => {
  const long = (length: number) => readHeader(Buffer.from(`Subject: ${'x'.repeat(length)}\r\n\r\nhello\r\n`))
  t.equal(long(256 * 1024), undefined)
  t.ok(long(250 * 1024))
  t.ok(readHeader(Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(300 * 1024)}`)), 'a long text is no long header')
})

t.test('Received is counted in the header only', async t => {
  t.equal(countReceived(read('Received: a\r\n\tb\r\nreceived: c\r\nX-Received: d\r\nReceived : e\r\n\r\nReceived: f\r\n')), 3)
})

t.test('at most eight signatures are verified, and no chains', async t => {
  const signature = (at: number) => `DKIM-Signature: v=1; s=s${at};\r\n\tb=x\r\n`
  const many = Array.from({ length: 20 }, (_, at) => signature(at)).join('')
  const limited = text(limitSignatures(read(`${many}ARC-Seal: i=1\r\nARC-Message-Signature: i=1\r\nSubject: x\r\n\r\nhello\r\n`)))
  t.equal(limited, `${Array.from({ length: 8 }, (_, at) => signature(at)).join('')}Subject: x\r\n\r\nhello\r\n`)
})

t.test('a field is found by its name, unfolded', async t => {
  const header = read('Reply-To: a@b.example,\r\n\tc@d.example\r\nX: y\r\n\r\n')
  t.equal(findField(header, 'reply-to'), 'a@b.example,\tc@d.example')
  t.equal(findField(header, 'from'), undefined)
})

const verdicts = { spf: { result: 'pass', domain: 'a.example' }, dkim: { result: 'pass', domains: ['a.example', 'b.example'] }, dmarc: { result: 'pass', policy: 'reject', domain: 'a.example' } }
const trace = { name: 'mx.clinic.example', id: 'abc', date: 'Thu, 1 Jan 2026 00:00:00 +0000', isEncrypted: true, verdicts, hops: 2 }

t.test('what stands above a mail', async t => {
  const date = ';\r\n\tThu, 1 Jan 2026 00:00:00 +0000\r\n'
  const received = `Received: by mx.clinic.example with ESMTPS id abc${date}Received: by removed.invalid${date}Received: by removed.invalid${date}`
  t.equal(writeTrace({ ...trace, hasDomains: true }), `Authentication-Results: mx.clinic.example;\r\n\tspf=pass smtp.mailfrom=a.example;\r\n\tdkim=pass header.d=a.example;\r\n\tdkim=pass header.d=b.example;\r\n\tdmarc=pass header.from=a.example\r\n${received}`)
  t.equal(writeTrace({ ...trace, hasDomains: false }), `Authentication-Results: mx.clinic.example;\r\n\tspf=pass;\r\n\tdkim=pass;\r\n\tdmarc=pass\r\n${received}`)
})

t.test('any header: what is left has no claim, and the rest is the same bytes', async () => {
  const field = fc.oneof(fc.constantFrom('Authentication-Results: x', 'Received-SPF: x', 'authentication-results: a\r\n\tb'), fc.stringMatching(/^X-[A-Za-z]{1,5}: [ -~]{0,20}(?:\r\n [ -~]{1,10})?$/))
  fc.assert(fc.property(fc.array(field, { minLength: 1, maxLength: 12 }), fc.stringMatching(/^[ -~\r\n]{0,60}$/), (fields, body) => {
    const left = text(dropClaims(read(`${fields.map(one => `${one}\r\n`).join('')}\r\n${body}`)))
    const wanted = fields.filter(one => one.startsWith('X-')).map(one => `${one}\r\n`).join('')
    return left === `${wanted}\r\n${body}`
  }))
})
