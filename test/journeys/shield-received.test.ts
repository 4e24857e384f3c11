// A mail from outside to an alias, through the whole gateway, to the CRM's mailbox on a real mail server.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import t from 'tap'
import { refusalOf } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'
import { leads, letter, plantedOutside, readClear, shieldName, startShield, writeTo } from '../support/shield-place.ts'

t.test('a signed mail arrives stripped, with verdicts, encrypted both ways and on record; nothing of it stays on disk in clear', async t => {
  const { journey, place, port } = await startShield(t)
  const answer = await writeTo(port, { ...letter, dkim: place.dkim })
  t.match(answer, /^250 Accepted as [A-Za-z0-9_-]+$/)
  await until(() => place.mailbox.seen.length === 1)
  const [mail] = place.mailbox.seen
  if (mail === undefined) throw new Error('nothing')
  t.ok(mail.isEncrypted)
  t.same([mail.from, mail.to], ['', ['leads@crm.example']], 'with no sender, nobody outside can be written to')
  for (const value of plantedOutside) t.notOk(mail.body.includes(value), `${value}\n${mail.body.toString()}`)
  const parsed = await PostalMime.parse(mail.body)
  t.match(parsed.text, /later appointment/)
  t.equal(parsed.from?.address, 'leads@clinic.example')
  const head = mail.body.toString().split('\r\n\r\n', 1)[0] ?? ''
  t.match(head, `Authentication-Results: ${shieldName};\r\n\tspf=pass;\r\n\tdkim=pass;\r\n\tdmarc=pass`)
  t.match(head, new RegExp(`Received: by ${shieldName} with ESMTPS id `))
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.delivered'))
  const events = (await journey.trail()).filter(event => event.kind.startsWith('message.'))
  t.same(events.map(event => event.kind), ['message.released', 'message.delivered'])
  t.match(events[0], {
    from: { address: '127.0.0.1' },
    what: { kind: 'create', method: 'SMTP', route: 'shield leads', host: 'patient.example' },
    facts: { destination: 'leads', policy: 'mail', spf: 'pass', dkim: 'pass', dmarc: 'pass', dmarcPolicy: 'reject', encrypted: true },
  })
  t.equal(events[0]?.disclosure, undefined, 'what stays in the house is no disclosure')
  for (const value of plantedOutside) t.notOk(JSON.stringify(events.map(({ facts }) => facts)).includes(value), value)
  const clear = readClear(join(journey.directory, 'data')) + journey.log.join('\n')
  for (const value of plantedOutside) t.notOk(clear.includes(value), value)
  await until(() => readdirSync(join(journey.directory, 'data', 'outbound-shield-queue')).length === 0)
})

t.test('a sender that the CRM may know stays, with the domains that were checked', async t => {
  const { place, port } = await startShield(t, { aliases: [{ ...leads, sender: 'keep' }] })
  await writeTo(port, { ...letter, replyTo: 'answers@patient.example', dkim: place.dkim })
  await until(() => place.mailbox.seen.length === 1)
  const text = place.mailbox.seen[0]?.body.toString() ?? ''
  const parsed = await PostalMime.parse(text)
  t.equal(parsed.from?.address, 'zyxwina.qwertzon@patient.example')
  t.same(parsed.replyTo?.map(({ address }) => address), ['answers@patient.example'])
  t.notMatch(text, /Zyxwina|Qwertzon|987-65-4321/, 'names and numbers go all the same')
  t.match(text, 'spf=pass smtp.mailfrom=patient.example;\r\n\tdkim=pass header.d=patient.example;\r\n\tdmarc=pass header.from=patient.example')
})

t.test('what a stranger says about checks is taken out, and circles end', async t => {
  const forged = [`Authentication-Results: ${shieldName}; spf=pass; dkim=pass; dmarc=pass`, 'authentication-results : (a comment) "crm.clinic.test"; dmarc=pass', 'Received-SPF: pass']
  const { journey, place, port } = await startShield(t)
  const raw = (lines: readonly string[]) => ({ envelope: { from: 'somebody@plain.example', to: 'leads@clinic.example' }, raw: [...lines, 'From: somebody@plain.example', 'Subject: hello', '', 'At the front desk.', ''].join('\r\n') })
  await writeTo(port, raw(forged))
  await until(() => place.mailbox.seen.length === 1)
  const text = place.mailbox.seen[0]?.body.toString() ?? ''
  t.equal(text.match(/authentication-results/gi)?.length, 1)
  t.match(text, /spf=none;\r\n\tdkim=none;\r\n\tdmarc=none/)
  const hops = (count: number) => Array.from({ length: count }, (_, at) => `Received: from Zyxwina by host-${at}.example; Thu, 1 Jan 2026 00:00:00 +0000`)
  await writeTo(port, raw(hops(50)))
  await until(() => place.mailbox.seen.length === 2)
  const second = place.mailbox.seen[1]?.body.toString() ?? ''
  t.equal(second.match(/^Received: /gm)?.length, 51, 'how many they were is kept')
  t.notMatch(second, /Zyxwina|host-1/, 'what they say is not')
  t.match(await refusalOf(writeTo(port, raw(hops(51)))), { responseCode: 554 })
  t.equal(place.mailbox.seen.length, 2)
  t.ok((await journey.trail()).some(event => event.kind === 'message.refused' && event.decision?.reason === 'shield.loop'))
})
