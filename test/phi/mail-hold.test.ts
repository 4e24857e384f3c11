// Mails that two readers could read in two ways, that cannot be looked into, or that say something about somebody in a report: held, or without it.
import t from 'tap'
import { openRedactor } from '../../src/operations/redact-messages.ts'
import { policyFile } from '../support/mail-place.ts'

const redactor = await openRedactor({ policyFile, tokenKeyFile: undefined })
const people = { addresses: ['nell@clinic.example'], sender: 'crm@clinic.example' }
const redact = (text: string) => redactor.redact({ type: 'message/rfc822', body: Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'), mail: people })
const mixed = 'From: crm@clinic.example\nSubject: hello\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative; boundary=in\n\n--in\n\none\n--in\n\ntwo\n--in--\n--out\n\nthree\n--out--\n'

t.test('the mail that the cases below are made from passes', async t => { t.equal(redact(mixed).held, undefined) })

const held: ReadonlyArray<readonly [name: string, mail: string, reason: string]> = [
  ['a multipart without an end', mixed.replace('--out--\n', ''), 'notMail'],
  ['an inner multipart without an end', mixed.replace('--in--\n', ''), 'notMail'],
  ['a boundary with a blank behind it', mixed.replace('three', '--out \nContent-Transfer-Encoding: base64\n\nWnl4d2luYQ=='), 'notMail'],
  ['a line that begins like a boundary', mixed.replace('three', '--outer'), 'notMail'],
  ['a boundary again after its end', `${mixed}--out\n\nfour\n`, 'notMail'],
  ['an outer boundary within the inner one', mixed.replace('two', '--out--'), 'notMail'],
  ['a boundary in a header', mixed.replace('Content-Type: multipart/alternative; boundary=in\n', 'X: y\n--out\n'), 'notMail'],
  ['a multipart without a boundary', mixed.replace('; boundary=out', ''), 'notMail'],
  ['two content types', mixed.replace('MIME-Version: 1.0', 'Content-Type: text/plain'), 'notMail'],
  ['two subjects', mixed.replace('MIME-Version: 1.0', 'Subject: other'), 'notMail'],
  ['a header without a colon', mixed.replace('MIME-Version: 1.0', 'Zyxwina'), 'notMail'],
  ['an unknown coding', 'Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n', 'notMail'],
  ['data behind the padding', 'Content-Transfer-Encoding: base64\n\nWnl4d2luYQ==WnlxA\n', 'notMail'],
  ['a multipart that is coded', mixed.replace('MIME-Version: 1.0', 'Content-Transfer-Encoding: base64'), 'notMail'],
  ['a character set that nobody knows', 'Content-Type: text/plain; charset=x-unknown\n\nhello\n', 'charset'],
  ['UTF-7', 'Content-Type: text/plain; charset=utf-7\n\n+AFo-yxwina\n', 'charset'],
  ['bytes that are not of the character set', 'Content-Type: text/plain; charset=utf-8\n\n\xff\xfe\n', 'notUtf8'],
  ['S/MIME', 'Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\nAAAA\n', 'sealedMail'],
  ['PGP', 'Content-Type: multipart/encrypted; boundary=q\n\n--q\n\nx\n--q--\n', 'sealedMail'],
  ['PGP in the text', '\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n', 'sealedMail'],
  ['a signed mail', mixed.replace('multipart/mixed', 'multipart/signed'), 'sealedMail'],
  ['half a mail', 'Content-Type: message/partial; id=a; number=1\n\nx\n', 'unknownType'],
]
for (const [name, mail, reason] of held) t.test(name, async t => { t.equal(redact(mail).held, reason) })

t.test('mails in mails to the ninth depth', async t => {
  let mail = 'Subject: inmost\n\nZyxwina\n'
  for (let depth = 0; depth < 9; depth += 1) mail = `Content-Type: message/rfc822\n\n${mail}`
  t.equal(redact(mail).held, 'tooDeep')
})

t.test('a delivery report keeps what happened, and nobody in it', async t => {
  const report = `From: MAILER-DAEMON@crm.internal\nTo: nell@clinic.example\nSubject: Undelivered: visit of Zyxwina Qwertzon\nAuto-Submitted: auto-replied\nMIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nYour mail to Zyxwina Qwertzon <zyxwina@patient.example> was not delivered.\n--r\nContent-Type: message/delivery-status
\nReporting-MTA: dns; crm.internal\n\nFinal-Recipient: rfc822; zyxwina@patient.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 Zyxwina is unknown\n\n--r\nContent-Type: text/rfc822-headers
\nSubject: Visit of Zyxwina Qwertzon\nTo: Zyxwina <zyxwina@patient.example>\nMessage-ID: <zyxwina@crm.internal>\n--r--\n`
  const out = redact(report)
  if (out.held !== undefined) throw new Error(out.held)
  const text = out.body.toString()
  t.notMatch(text, /zyxwina|qwertzon|crm\.internal/i)
  t.match(text, /Action: failed\r\nStatus: 5\.1\.1/)
  t.match(text, /report-type=delivery-status/)
  t.ok(redactor.redact({ type: 'message/rfc822', body: out.body, mail: people }).held === undefined)
})

t.test('files pass or hold the mail where the policy says so', async t => {
  const { compilePolicy, createKeyedTokens, createRedactor } = await import('../../src/phi/phi.ts')
  const build = (action: 'release' | 'hold') => createRedactor({
    policy: compilePolicy({ name: 'p', version: 1, profile: 'minimum-necessary', unknown: 'mask', deepest: 64, rules: [{ path: 'attachments.files.pdf', action, kind: 'other' }] }).policy,
    tokens: createKeyedTokens(Buffer.alloc(32, 1)),
    now: () => 0,
  })
  const mail = Buffer.from('Subject: x\r\nContent-Type: application/pdf; name="Zyxwina.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n')
  t.equal(build('hold').redact({ type: 'message/rfc822', body: mail }).held, 'byRule')
  const passed = build('release').redact({ type: 'message/rfc822', body: mail })
  if (passed.held !== undefined) throw new Error(passed.held)
  t.match(passed.body.toString(), /filename="attachment-1\.pdf"[^]*\r\n\r\nJVBERg==\r\n$/)
  t.same(passed.manifest.released, { other: 1 })
})
