// What aliases of the shield mailbox do: redact, tell, hold.
import PostalMime from 'postal-mime'
import t from 'tap'
import { runCli } from '../cli/run-cli.ts'
import type { Journey } from '../support/journey.ts'
import { until } from '../support/outbound-place.ts'
import { leads, letter, plantedOutside, startShield, writeTo } from '../support/shield-place.ts'

const second = { ...leads, name: 'desk', address: 'desk@clinic.example', mailbox: 'desk@crm.example' }
const held = async (journey: Journey) => (await journey.gateway.outbound?.rooms.quarantine.list())?.messages ?? []
const kinds = async (journey: Journey) => (await journey.trail()).filter(({ kind }) => kind.startsWith('message.')).map(({ kind, id, facts }) => [kind, id.includes('notice') ? 'notice' : 'mail', facts?.['destination']])

t.test('one mail to three aliases: redacted, told about, held', async t => {
  const third = { ...leads, name: 'held', address: 'held@clinic.example', action: 'hold' }
  const { journey, place, port } = await startShield(t, { aliases: [leads, { ...second, action: 'notice' }, third] })
  await writeTo(port, { ...letter, to: ['leads@clinic.example', 'desk@clinic.example', 'held@clinic.example'], dkim: place.dkim })
  await until(() => place.mailbox.seen.length === 2)
  const to = (address: string) => place.mailbox.seen.find(one => one.to.includes(address))?.body.toString() ?? ''
  for (const value of plantedOutside) t.notOk(place.mailbox.seen.some(({ body }) => body.includes(value)), value)
  t.match(to('leads@crm.example'), /later appointment/)
  t.notMatch(to('leads@crm.example'), /desk@|held@/, 'nobody learns of the others')
  const notice = await PostalMime.parse(to('desk@crm.example'))
  t.equal(notice.subject, 'A message came in')
  t.match(notice.text, 'is held by the gateway. The administrator decides about it: sallyport quarantine list.')
  t.same((await held(journey)).map(({ reason, destination }) => [destination, reason]).sort(), [['desk', 'byAlias'], ['held', 'byAlias']])
  await until(async () => (await kinds(journey)).filter(([kind]) => kind === 'message.delivered').length === 2)
  t.same((await kinds(journey)).sort().map(one => one.join(' ')), [
    'message.delivered mail leads', 'message.delivered notice desk', 'message.quarantined mail desk', 'message.quarantined mail held', 'message.released mail leads', 'message.released notice desk',
  ])
  const id = (await held(journey)).find(({ destination }) => destination === 'desk')?.id ?? ''
  t.equal((await runCli(['quarantine', 'release', id, '--reason', 'checked', '--config', journey.configFile])).code, 0)
  await until(() => place.mailbox.seen.length === 3, journey.clock)
  t.match(place.mailbox.seen[2]?.to, ['desk@crm.example'])
  t.match(place.mailbox.seen[2]?.body.toString(), /later appointment/)
  for (const value of plantedOutside) t.notOk(place.mailbox.seen[2]?.body.includes(value), `let go on, it is redacted all the same: ${value}`)
})
