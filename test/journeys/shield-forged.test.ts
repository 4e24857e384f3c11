// Mail that does not come from where it says: what SPF, DKIM and DMARC find is on record, and the author's domain is heard. Real signatures, real name servers on loopback.
import t, { type Test } from 'tap'
import { runCli } from '../cli/run-cli.ts'
import { freePort } from '../support/journey.ts'
import { refusalOf } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'
import { letter, startShield, writeTo } from '../support/shield-place.ts'

const from = (domain: string) => ({ ...letter, from: `"Admin" <admin@${domain}>`, text: 'See you at the front desk.' })

type Fate = 'passed' | 'held' | 'refused'
const kinds = { passed: 'message.released', held: 'message.quarantined', refused: 'message.refused' } as const
const reasons = { passed: undefined, held: 'redaction.byDmarc', refused: 'shield.forged' } as const

const fates: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  record: { 'strict.example': 'passed', 'careful.example': 'passed', 'plain.example': 'passed' },
  quarantine: { 'strict.example': 'held', 'careful.example': 'held', 'plain.example': 'passed' },
  refuse: { 'strict.example': 'refused', 'careful.example': 'held', 'plain.example': 'passed' },
}

async function judgeMode (t: Test, dmarc: string): Promise<void> {
  const { journey, place, port } = await startShield(t, { shield: { dmarc } })
  const wanted = Object.entries(fates[dmarc] ?? {})
  for (const [domain, is] of wanted) {
    const refused = await refusalOf(writeTo(port, from(domain)))
    t.equal(refused.responseCode, is === 'refused' ? 550 : undefined, refused.response ?? 'no answer')
  }
  const passed = wanted.filter(([, is]) => is === 'passed').length
  await until(() => place.mailbox.seen.length >= passed)
  const events = (await journey.trail()).filter(({ kind }) => /^message\.(?:released|quarantined|refused)$/.test(kind))
  t.same(events.map(({ kind, what, decision, facts }) => [kind, what?.host, decision?.reason, facts?.['spf'], facts?.['dkim'], facts?.['dmarc']]),
    wanted.map(([domain, is]) => [kinds[is], domain, reasons[is], ...(domain === 'plain.example' ? ['none', 'none', 'none'] : ['fail', 'none', 'fail'])]))
  t.equal(place.mailbox.seen.length, passed, 'the mailbox saw nothing else')
  if (dmarc === 'refuse') await foreignSignatures(t, { journey, place, port })
  await journey.close()
}

async function foreignSignatures (t: Test, { journey, place, port }: Awaited<ReturnType<typeof startShield>>): Promise<void> {
  const forged = from('strict.example')
  const before = place.mailbox.seen.length
  t.match(await refusalOf(writeTo(port, { ...forged, dkim: place.dkim })), { responseCode: 550 }, 'patient.example signs for itself only')
  t.match(await refusalOf(writeTo(port, { ...forged, dkim: { ...place.dkim, domainName: 'strict.example' } })), { responseCode: 550 }, 'a key that nobody published')
  const raw = (head: string) => ({ envelope: { from: 'a@plain.example', to: 'leads@clinic.example' }, raw: `${head}Subject: x\r\n\r\nhello\r\n` })
  for (const head of ['', 'From: a@plain.example, admin@strict.example\r\n', 'From: a@plain.example\r\nFrom: admin@strict.example\r\n']) {
    t.match(await refusalOf(writeTo(port, raw(head))), { responseCode: 550 }, `no author, or several: ${head}`)
  }
  const facts = (await journey.trail()).filter(({ kind }) => kind === 'message.refused').slice(1).map(one => one.facts)
  const several = { dmarc: 'permerror' }
  t.match(facts, [{ dkim: 'pass', dmarc: 'fail' }, { dkim: 'neutral', dmarc: 'fail' }, several, several, several])
  t.equal(place.mailbox.seen.length, before)
}

for (const mode of Object.keys(fates)) t.test(`dmarc: ${mode}`, async t => { await judgeMode(t, mode) })

t.test('a mail that was changed on its way, or lengthened behind its signature', async t => {
  const { place, journey, port } = await startShield(t, { shield: { dmarc: 'refuse' } })
  place.dns.zones['patient.example'] = { TXT: ['v=spf1 ip4:192.0.2.1 -all'] }
  const { createTransport } = await import('nodemailer')
  const { message } = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail({ ...letter, dkim: place.dkim })
  const signed = message.toString()
  const envelope = { from: 'zyxwina.qwertzon@patient.example', to: 'leads@clinic.example' }
  t.match(await writeTo(port, { envelope, raw: signed }), /^250/, 'as it was signed')
  await until(() => place.mailbox.seen.length === 1)
  const [refusedOne, refusedTwo] = [await refusalOf(writeTo(port, { envelope, raw: signed.replace('later appointment', 'large refund') })), await refusalOf(writeTo(port, { envelope, raw: `${signed}and a link\r\n` }))]
  t.match([refusedOne.responseCode, refusedTwo.responseCode], [550, 550])
  t.equal(place.mailbox.seen.length, 1)
  t.match((await journey.trail()).filter(({ kind }) => kind === 'message.refused').map(one => one.facts), [{ dkim: 'fail' }, { dkim: 'fail' }])
})

t.test('a name service that does not answer: the sender tries again, or it is on record only', async t => {
  const nameServers = [`127.0.0.1:${await freePort()}`]
  const { journey, place, port } = await startShield(t, { shield: { nameServers } })
  t.match(await refusalOf(writeTo(port, { ...letter, dkim: place.dkim })), { responseCode: 451 })
  t.equal(place.mailbox.connections, 0)
  t.ok((await journey.trail()).some(({ kind, decision }) => kind === 'message.refused' && decision?.reason === 'shield.notChecked'))
  await journey.close()
  const recording = await startShield(t, { shield: { nameServers, dmarc: 'record' } })
  await writeTo(recording.port, { ...letter, dkim: recording.place.dkim })
  await until(() => recording.place.mailbox.seen.length === 1)
  t.match(recording.place.mailbox.seen[0]?.body.toString(), /spf=temperror;\r\n\tdkim=temperror;\r\n\tdmarc=temperror/)
})

t.test('a held forgery goes on when somebody lets it, with its verdicts above it', async t => {
  const { journey, place, port } = await startShield(t)
  await writeTo(port, from('strict.example'))
  const [held] = (await journey.gateway.outbound?.rooms.quarantine.list())?.messages ?? []
  if (held === undefined) throw new Error('nothing is held')
  t.equal(held.reason, 'byDmarc')
  t.equal((await runCli(['quarantine', 'release', held.id, '--reason', 'they rang', '--config', journey.configFile])).code, 0)
  await until(() => place.mailbox.seen.length === 1, journey.clock)
  t.match(place.mailbox.seen[0]?.body.toString(), /dmarc=fail[^]*From: leads@clinic\.example/)
})
