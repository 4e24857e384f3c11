// SMTP smuggling and its relatives: what two servers could read as two mails is refused; what can only be read in one way arrives as one.
import t from 'tap'
import { until } from '../support/outbound-place.ts'
import { refusalOf, sendMail, startMail, talk } from '../support/mail-place.ts'

const hello = ['EHLO crm\r\n', 'MAIL FROM:<crm@clinic.example>\r\n', 'RCPT TO:<nell@clinic.example>\r\n', 'DATA\r\n'] as const
const smuggled = 'MAIL FROM:<admin@clinic.example>\r\nRCPT TO:<nell@clinic.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n'

t.test('bare LF, bare CR, NUL: refused, on record, and nothing is sent', async t => {
  const { journey, place, port } = await startMail(t)
  for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r.\r\n', '\r\n.\r', '\0\r\n']) {
    const answers = await talk(port, [...hello, `Subject: one\r\n\r\none${end}${smuggled}\r\n.\r\n`])
    t.match(answers[5], /^550 /, JSON.stringify(end))
  }
  const refused = (await journey.trail()).filter(event => event.kind === 'message.refused').map(({ decision }) => decision?.reason)
  t.equal(refused.filter(reason => reason === 'mail.lineEnds').length, 7)
  t.equal(place.smarthost.seen.length, 0)
})

t.test('a dot at the beginning of a line stays one; a pipelined mail arrives whole', async t => {
  const { place, port } = await startMail(t)
  const answers = await talk(port, ['EHLO crm\r\n', 'MAIL FROM:<crm@clinic.example> BODY=8BITMIME SIZE=500\r\nRCPT TO:<nell@clinic.example>\r\nDATA\r\nSubject: dots\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n..first\r\n..\r\nthe caf\u00c3\u00a9 is open\r\n.\r\nQUIT\r\n'])
  t.match(answers[1], /^250 /)
  await until(() => place.smarthost.seen.length === 1)
  const body = place.smarthost.seen[0]?.body.toString('utf8') ?? ''
  t.match(body, /\r\n\r\n\.first\r\n\.\r\nthe café is open\r\n$/)
})

t.test('lines without end, commands without end, too large, too many recipients', async t => {
  const { place, port } = await startMail(t, { listener: { maxMessageSize: '64KiB', maxRecipients: 2 } })
  t.match((await talk(port, [`EHLO ${'x'.repeat(20_000)}\r\n`]))[1], /^421 /, 'a command of 20 kB')
  t.match((await talk(port, [...hello, `Subject: big\r\n\r\n${'x'.repeat(100_000)}\r\n.\r\n`]))[5], /^552 /)
  t.match((await talk(port, ['EHLO crm\r\n', 'MAIL FROM:<crm@clinic.example> SIZE=99999999\r\n']))[2], /^552 /)
  t.match((await talk(port, ['EHLO crm\r\n', 'MAIL FROM:<crm@clinic.example>\r\n', ...['a', 'b', 'c'].map(name => `RCPT TO:<${name}@clinic.example>\r\n`)]))[5], /^452 /)
  t.match(await sendMail(port, { subject: 'a long line', text: 'front desk '.repeat(3000) }), /^250/)
  await until(() => place.smarthost.seen.length === 1)
  t.ok(place.smarthost.seen[0]?.body.toString('latin1').split('\r\n').every(line => line.length <= 998))
})

t.test('who may not send: a foreign sender, no password, a wrong one, no encryption; who is slow', async t => {
  const user = { name: 'crm', password: 'a password with many letters' }
  const { journey, place, port } = await startMail(t, { mail: write => ({ listener: { port: 0, messageTimeout: '1s', users: [{ name: user.name, password: { file: write('crm.password', user.password) } }] } }) })
  const auth = { auth: { user: user.name, pass: user.password } }
  t.match(await refusalOf(sendMail(port, { text: 'x' })), { responseCode: 530 })
  t.match(await refusalOf(sendMail(port, { text: 'x' }, { auth: { user: 'crm', pass: 'wrong' } })), { responseCode: 535 })
  t.match(await refusalOf(sendMail(port, { text: 'x', from: 'x@evil.example' }, auth)), { responseCode: 550 })
  t.match(await sendMail(port, { subject: 'hello', text: 'front desk' }, auth), /^250/)
  const plain = Buffer.from(`\0${user.name}\0${user.password}`).toString('base64')
  const slow = talk(port, ['EHLO crm\r\n', `AUTH PLAIN ${plain}\r\n`, ...hello.slice(1), 'Subject: slow\r\n\r\nand nothing more\r\n'])
  let isOver = false
  void slow.then(() => { isOver = true })
  await until(() => isOver, journey.clock)
  const reasons = (await journey.trail()).filter(event => event.kind === 'message.refused').map(({ decision }) => decision?.reason)
  t.same(reasons, ['mail.notSignedIn', 'mail.senderNotAllowed', 'mail.tooSlow'])
  t.equal(place.smarthost.seen.length, 1)
})
