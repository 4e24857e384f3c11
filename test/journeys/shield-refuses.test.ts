// What the shield mailbox does not take, in the dialogue: nobody is written to, and the CRM's mailbox sees nothing of it.
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { refusalOf, talk } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'
import { leads, letter, startShield, writeTo } from '../support/shield-place.ts'
import type { Journey } from '../support/journey.ts'

const plainly = { requireTLS: false, ignoreTLS: true }
const offered = { listener: { starttls: 'offered' } }
const reasons = async (journey: Journey) => (await journey.trail()).filter(({ kind }) => kind === 'message.refused').map(({ decision }) => decision?.reason)
const hello = ['EHLO outside.example', 'MAIL FROM:<somebody@plain.example>']
const line = (text: string) => `${text}\r\n`

async function recorded (t: Test, journey: Journey, reason: string): Promise<void> {
  await until(async () => (await reasons(journey)).includes(reason)).catch(async () => { t.fail(`${reason} is not on record: ${(await reasons(journey)).join()}`) })
}

t.test('nothing is passed on to anybody but an alias, however it is asked for', async t => {
  const { journey, place, port } = await startShield(t, offered)
  const wrong = [
    'nobody@clinic.example', 'leads@crm.example', 'somebody@elsewhere.example', 'leads%elsewhere.example@clinic.example', '@clinic.example:somebody@elsewhere.example',
    '@elsewhere.example,@clinic.example:somebody@elsewhere.example', '"leads"@clinic.example', 'leads+x@clinic.example', 'elsewhere.example!leads@clinic.example',
  ]
  for (const address of wrong) {
    const answers = await talk(port, [...hello, `RCPT TO:<${address}>`, 'QUIT'].map(line))
    t.match(answers[3], /^(?:550 There is no such mailbox here|501 )/, `${address}: ${answers[3] ?? 'nothing'}`)
    t.notMatch(answers[3] ?? '', /leads@clinic\.example/, 'no hint')
  }
  const answers = await talk(port, ['EHLO outside.example', 'AUTH PLAIN AGNybQBjcm0=', 'VRFY leads', 'EXPN leads', 'MAIL FROM:<leads@clinic.example>', 'RCPT TO:<somebody@elsewhere.example>', 'DATA', 'QUIT'].map(line))
  t.match(answers.slice(2), [/^500/, /^(?:252|500|502)/, /^(?:500|502)/, /^250/, /^550/, /^503/], 'also for whoever says that they are one of us')
  t.equal(place.mailbox.connections, 0)
  await recorded(t, journey, 'shield.unknownRecipient')
  await recorded(t, journey, 'shield.protocol')
  const spelled = await talk(port, [...hello, 'RCPT TO:<LEADS@Clinic.Example>', 'RCPT TO:<@elsewhere.example:leads@clinic.example>', 'QUIT'].map(line))
  t.match(spelled.slice(3), [/^250/, /^250/], 'capitals and an old route lead to the alias, and nowhere else')
})

t.test('who tries addresses is put off; a flood of tries is counted in the trail, not listed', async t => {
  const { journey, place, port } = await startShield(t, { listener: { starttls: 'offered', maxConnectionsPerAddress: 20 } })
  const tries = Array.from({ length: 12 }, (_, at) => line(`RCPT TO:<name-${at}@clinic.example>`))
  const talks = await Promise.all(Array.from({ length: 5 }, () => talk(port, [...hello.map(line), ...tries])))
  for (const answers of talks) {
    t.equal(answers.filter(answer => answer.startsWith('550')).length, 9)
    t.match(answers.at(-1), /^421/)
  }
  await journey.clock.advance(1100)
  const unknown = (await journey.trail()).filter(({ decision }) => decision?.reason === 'shield.unknownRecipient')
  t.equal(unknown.reduce((sum, { count = 1 }) => sum + count, 0), 45, 'every one is counted')
  t.ok(unknown.length <= 21, `${unknown.length} records`)
  await recorded(t, journey, 'shield.tooManyUnknown')
  t.equal(place.mailbox.connections, 0)
})

t.test('without encryption: 530 when it is required, and taken when it is offered', async t => {
  const { journey, place, port } = await startShield(t)
  t.match(await refusalOf(writeTo(port, letter, plainly)), { responseCode: 530 })
  await recorded(t, journey, 'shield.notEncrypted')
  t.equal(place.mailbox.connections, 0)
  const open = await startShield(t, offered)
  t.match(await writeTo(open.port, letter, plainly), /^250/)
  await until(() => open.place.mailbox.seen.length === 1)
  t.match((await open.journey.trail()).find(({ kind }) => kind === 'message.released')?.facts, { encrypted: false })
  t.match(open.place.mailbox.seen[0]?.body.toString(), /with ESMTP id/)
})

t.test('too large, two mails in one, a line end of its own, a header without an end: refused, and nothing went on', async t => {
  const { journey, place, port } = await startShield(t, { listener: { starttls: 'offered', maxMessageSize: '300KiB' } })
  const data = (text: string) => talk(port, [...[...hello, 'RCPT TO:<leads@clinic.example>', 'DATA'].map(line), Buffer.from(text, 'latin1'), line('QUIT')])
  const large = `Subject: x\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(6000)}.\r\n`
  t.match((await data(large))[5], /^552/)
  t.match((await talk(port, [line('EHLO outside.example'), line('MAIL FROM:<a@plain.example> SIZE=400000')]))[2], /^552/, 'announced')
  t.match((await data(`Subject: x\r\nX-Long: ${'x'.repeat(280_000)}\r\n\r\nhello\r\n.\r\n`))[5], /^552/)
  for (const end of ['\n.\r\n', '\r.\r\n', '\n.\n', '\r\n.\n', '\0.\r\n', '\r.\r']) {
    const smuggled = `Subject: one\r\n\r\nfirst${end}MAIL FROM:<admin@strict.example>\r\nRCPT TO:<leads@clinic.example>\r\nDATA\r\nSubject: two\r\n\r\nsecond\r\n.\r\n`
    const answers = await data(smuggled)
    t.match(answers[5], /^550 A line of this mail/, JSON.stringify(end))
  }
  t.equal(place.mailbox.connections, 0)
  for (const reason of ['shield.tooLarge', 'shield.lineEnds', 'shield.protocol']) await recorded(t, journey, reason)
})

t.test('a slow sender is put off, and one that says a word now and then too', async t => {
  const { journey, place, port } = await startShield(t, { listener: { starttls: 'offered', messageTimeout: '2m' } })
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('data', (chunk: Buffer) => { heard += chunk.toString() })
  socket.on('error', () => undefined)
  const say = async (text: string, answer: RegExp) => { socket.write(text); await until(() => answer.test(heard)) }
  await until(() => heard.startsWith('220'))
  await say(hello.map(line).join(''), /Accepted\r\n$/)
  await say(line('RCPT TO:<leads@clinic.example>') + line('DATA'), /354/)
  socket.write('Subject: slowly\r\n')
  await new Promise(resolve => { setTimeout(resolve, 50) })
  await journey.clock.advance(121_000)
  await say('\r\nhello\r\n.\r\n', /451 This mail took too long/)
  const closed = new Promise<void>(resolve => { socket.on('close', () => { resolve() }) })
  await journey.clock.advance(15 * 60_000)
  await closed
  t.equal(place.mailbox.connections, 0)
  await recorded(t, journey, 'shield.tooSlow')
})

t.test('limits: connections and mails of an address, mails to an alias, recipients, networks', async t => {
  const limits = { starttls: 'offered', maxConnectionsPerAddress: 2, messagesPerMinute: 4, messagesPerMinuteOfAlias: 2, maxRecipients: 1, connectionsPerMinute: 30 }
  const second = { ...leads, name: 'desk', address: 'desk@clinic.example' }
  const { journey, port } = await startShield(t, { listener: limits, aliases: [leads, second] })
  const open = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  let greeted = 0
  for (const socket of open) socket.on('data', () => { greeted += 1 })
  await until(() => greeted === 2)
  t.match((await talk(port, []))[0], /^421 Too many connections/)
  for (const socket of open) socket.destroy()
  await until(async () => /^220/.test((await talk(port, []))[0] ?? ''))
  t.match((await talk(port, [...hello, 'RCPT TO:<leads@clinic.example>', 'RCPT TO:<desk@clinic.example>'].map(line))).slice(3), [/^250/, /^452/])
  t.match((await talk(port, [...hello, 'RCPT TO:<leads@clinic.example>', 'RSET', hello[1] as string, 'RCPT TO:<leads@clinic.example>'].map(line))).slice(3), [/^250/, /^250/, /^250/, /^451/], 'the alias')
  t.match((await talk(port, [...hello, 'RSET', hello[1] as string].map(line))).slice(2), [/^250/, /^250/, /^451/], 'the address, within one connection')
  t.match((await talk(port, hello.map(line)))[2], /^451/, 'and in the next')
  await journey.clock.advance(61_000)
  t.match((await talk(port, hello.map(line)))[2], /^250/, 'a minute later')
  for (const reason of ['shield.tooManyConnections', 'shield.tooManyRecipients', 'shield.tooManyMessages']) await recorded(t, journey, reason)
})
