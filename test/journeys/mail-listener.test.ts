// A CRM on another machine: mail is handed in after STARTTLS and AUTH only, and what was said before the encryption counts for nothing.
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { createTestAuthority } from '../support/certificates.ts'
import { refusalOf, sendMail, startMail, talk } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'

const letter = { subject: 'hello', text: 'See you at the front desk.' }
const password = 'a long password of the CRM'

/** Listens encrypted, for one user. */
async function startProtected (t: Test) {
  const authority = await createTestAuthority()
  const leaf = await authority.issue({ names: ['relay.clinic.test'], addresses: ['127.0.0.1'] })
  const { journey, place, port } = await startMail(t, {
    listener: write => ({
      tls: { certificate: write('relay.pem', leaf.certPem), key: write('relay.key', leaf.keyPem) },
      users: [{ name: 'crm', password: { file: write('crm.password', password) } }],
    }),
  })
  const secure = { ignoreTLS: false, requireTLS: true, tls: { ca: authority.caPem, servername: 'relay.clinic.test' } }
  return { journey, place, port, secure }
}

const refusals = async ({ trail }: { trail (): Promise<readonly { readonly kind: string, readonly decision?: { readonly reason?: string | undefined } | undefined }[]> }) =>
  (await trail()).filter(({ kind }) => kind === 'message.refused').map(({ decision }) => decision?.reason)

t.test('encrypted and signed in: taken; one of both missing: refused, and the mail server saw nothing', async t => {
  const { journey, place, port, secure } = await startProtected(t)
  const plain = await talk(port, ['EHLO crm\r\n', 'MAIL FROM:<crm@clinic.example>\r\n', 'QUIT\r\n'])
  t.match(plain[2], /^530 /, 'without encryption')
  const early = await talk(port, ['EHLO crm\r\n', `AUTH PLAIN ${Buffer.from(`\0crm\0${password}`).toString('base64')}\r\n`, 'QUIT\r\n'])
  t.match(early[2], /^538 /, 'a password before the encryption')
  t.match(await refusalOf(sendMail(port, letter, secure)), { responseCode: 530 }, 'nobody')
  t.match(await refusalOf(sendMail(port, letter, { ...secure, auth: { user: 'crm', pass: 'a wrong password' } })), { responseCode: 535 }, 'a wrong password')
  t.match(await refusalOf(sendMail(port, letter, { ...secure, auth: { user: 'root', pass: password } })), { responseCode: 535 }, 'another user')
  t.equal(place.smarthost.connections, 0, 'the mail server saw nothing')
  await until(async () => (await refusals(journey)).filter(reason => reason === 'mail.notSignedIn').length > 0)
  t.match(await sendMail(port, letter, { ...secure, auth: { user: 'crm', pass: password } }), /^250 /)
  await until(() => place.smarthost.seen.length === 1)
})

t.test('commands that came in clear behind STARTTLS are thrown away', async t => {
  const { place, port, secure } = await startProtected(t)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'data')
  socket.write('EHLO crm\r\n')
  await once(socket, 'data')
  // Somebody on the way adds commands in clear, in the same packet (CVE-2011-0411).
  socket.write('STARTTLS\r\nEHLO stranger\r\nMAIL FROM:<crm@clinic.example>\r\n')
  await once(socket, 'data')
  const tls = connectTls({ socket, ...secure.tls })
  await once(tls, 'secureConnect')
  tls.write('NOOP\r\n')
  const [first] = await once(tls, 'data') as [Buffer]
  t.match(first.toString(), /^250 [^\r\n]*\r\n$/, 'one answer: to NOOP')
  tls.write('RCPT TO:<nell@clinic.example>\r\n')
  const [second] = await once(tls, 'data') as [Buffer]
  t.match(second.toString(), /^5\d\d /, 'no mail has begun')
  tls.destroy()
  t.equal(place.smarthost.connections, 0)
})

t.test('a mail server that is encrypted from the first byte', async t => {
  const { place, port } = await startMail(t, { server: { options: { secure: true } }, smarthost: { tls: 'implicit' } })
  t.match(await sendMail(port, letter), /^250 /)
  await until(() => place.smarthost.seen.length === 1)
  t.equal(place.smarthost.seen[0]?.isEncrypted, true)
})

t.test('a mail server whose certificate is for somebody else, encrypted from the first byte: nothing is sent', async t => {
  const { journey, place, port } = await startMail(t, { server: { addresses: ['127.0.0.9'], names: ['other.vendor.test'], options: { secure: true } }, smarthost: { tls: 'implicit' } })
  t.match(await sendMail(port, letter), /^250 /)
  await until(async () => (await journey.trail()).some(({ kind, outcome }) => kind === 'message.failed' && outcome?.reason === 'delivery.certificate'))
  t.equal(place.smarthost.seen.length, 0)
})
