// An alias whose mailbox an associate runs: what the agreement covers goes there, as a disclosure; without one in force, only the notice.
import PostalMime from 'postal-mime'
import t from 'tap'
import { startJourney } from '../support/journey.ts'
import { associate, until } from '../support/outbound-place.ts'
import { createShieldPlace, leads, letter, startShield, writeTo } from '../support/shield-place.ts'
import { refuseWith } from '../support/smarthost.ts'

const vendor = { ...leads, associate: 'vendor', sender: 'keep' }
const agreement = (more: object) => ({ aliases: [vendor], associates: [{ ...associate, destinations: ['leads'], ...more }] })

t.test('an agreement that has ended: the mail lies in the quarantine, and the mailbox is told', async t => {
  const { journey, place, port } = await startShield(t, agreement({ kinds: ['email'], expires: '2020-12-31' }))
  await writeTo(port, { ...letter, dkim: place.dkim })
  await until(() => place.mailbox.seen.length === 1)
  t.match(place.mailbox.seen[0]?.body.toString(), /Subject: A message came in/)
  t.same((await journey.gateway.outbound?.rooms.quarantine.list())?.messages.map(({ reason }) => reason), ['byAgreement'])
})

for (const kind of ['email', 'date']) {
  t.test(`an agreement about ${kind}: the sender's address goes with the kind email only`, async t => {
    const { journey, place, port } = await startShield(t, agreement({ kinds: [kind] }))
    await writeTo(port, { ...letter, dkim: place.dkim })
    await until(() => place.mailbox.seen.length === 1)
    const parsed = await PostalMime.parse(place.mailbox.seen[0]?.body ?? '')
    t.equal(parsed.from?.address, kind === 'email' ? 'zyxwina.qwertzon@patient.example' : 'leads@clinic.example')
    const released = (await journey.trail()).find(one => one.kind === 'message.released')
    t.match(released?.disclosure, { recipient: 'Vendor Inc.', address: 'crm.example', purpose: 'mail to the CRM' })
    t.equal(/email 1/.test(released?.disclosure?.description ?? ''), kind === 'email', released?.disclosure?.description ?? 'no disclosure')
  })
}

t.test('an agreement that ends while the mail waits: it is not handed over any more, and lies in the quarantine', async t => {
  const today = new Date().toISOString().slice(0, 10)
  const place = await createShieldPlace(t, agreement({ kinds: ['email'], expires: today }))
  place.mailbox.onMail = () => { refuseWith(451) }
  const journey = await startJourney(t, { configure: place.configure, startAt: Date.parse(`${today}T23:59:50Z`) })
  await writeTo(journey.shieldPort as number, { ...letter, dkim: place.dkim })
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.failed'))
  place.mailbox.onMail = () => undefined
  await until(async () => (await journey.trail()).some(event => event.kind === 'message.quarantined'), { advance: async () => { await journey.clock.advance(1000) } })
  t.equal(place.mailbox.seen.length, 0, 'the mailbox saw nothing')
  t.match((await journey.gateway.outbound?.rooms.quarantine.list())?.messages, [{ reason: 'delivery.agreementEnded', stage: 'redaction' }])
})
