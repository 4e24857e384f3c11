// A mail of the CRM on its way out, through the whole gateway, to a real mail server.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import t from 'tap'
import { planted, sendMail, startMail } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'

function readClear (directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name)).filter(name => statSync(name).isFile()).map(name => readFileSync(name, 'latin1')).join('\n')
}

const text = 'The patient Zyxwina Qwertzon, SSN 987-65-4321, asks for a later appointment. Call 212-555-0177.'

t.test('a mail arrives redacted, encrypted on its way and on record; nothing of it stays on disk in clear', async t => {
  const { journey, place, port } = await startMail(t)
  const answer = await sendMail(port, {
    to: 'Nell Nurse <nell@clinic.example>',
    subject: 'Zyxwina Qwertzon is waiting',
    text,
    html: `<p>${text.replace('Zyxwina', '<b>Zyx</b>wina')}</p>`,
    headers: { 'X-Crm-Patient': 'p-4711', 'X-Note': 'Zyxwina' },
    attachments: [{ filename: 'Zyxwina.csv', content: 'name,ssn\r\nZyxwina Qwertzon,987-65-4321\r\n' }, { filename: 'Zyxwina.pdf', content: Buffer.from('%PDF Zyxwina') }],
  })
  t.match(answer, /^250 Accepted as [A-Za-z0-9_-]+$/)
  await until(() => place.smarthost.seen.length === 1)
  const [mail] = place.smarthost.seen
  if (mail === undefined) throw new Error('nothing')
  t.ok(mail.isEncrypted)
  t.same([mail.from, mail.to], ['crm@clinic.example', ['nell@clinic.example']])
  for (const value of planted) t.notOk(mail.body.includes(value), `${value}\n${mail.body.toString()}`)
  const parsed = await PostalMime.parse(mail.body)
  t.match(parsed.subject, /is waiting$/)
  t.match(parsed.text, /asks for a later appointment/)
  t.match(parsed.html, /asks for a later appointment/)
  t.equal(parsed.from?.address, 'crm@clinic.example')
  t.same(parsed.to?.map(({ address }) => address), ['nell@clinic.example'])
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.delivered'))
  const events = (await journey.trail()).filter(event => event.kind.startsWith('message.'))
  t.same(events.map(event => event.kind), ['message.released', 'message.delivered'])
  t.match(events[0], { id: /./, what: { method: 'SMTP', route: 'mail staff' }, facts: { destination: 'staff', policy: 'mail', recipients: 1 } })
  t.equal(events[0]?.disclosure, undefined, 'what stays in the house is no disclosure')
  t.notOk(JSON.stringify(events.map(({ facts }) => facts)).includes('Zyxwina'))
  const clear = readClear(join(journey.directory, 'data')) + journey.log.join('\n')
  for (const value of planted) t.notOk(clear.includes(value), value)
  await until(() => readdirSync(join(journey.directory, 'data', 'outbound-mail-queue')).length === 0)
})
