// The server that has the CRM's mailbox: how it is spoken to, what it is not given, and what happens when it is away or refuses.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCli } from '../cli/run-cli.ts'
import type { Journey } from '../support/journey.ts'
import { until } from '../support/outbound-place.ts'
import { leads, letter, startShield, writeTo, type ShieldPlaceOptions } from '../support/shield-place.ts'
import { refuseWith } from '../support/smarthost.ts'

const second = { ...leads, name: 'desk', address: 'desk@clinic.example', mailbox: 'desk@crm.example' }
const held = async (journey: Journey) => (await journey.gateway.outbound?.rooms.quarantine.list())?.messages ?? []
const kinds = async (journey: Journey) => (await journey.trail()).filter(({ kind }) => kind.startsWith('message.')).map(({ kind, id, facts }) => [kind, id.includes('notice') ? 'notice' : 'mail', facts?.['destination']])

t.test('by LMTP, and without encryption on this machine', async t => {
  const cases: ReadonlyArray<readonly [string, ShieldPlaceOptions]> = [
    ['lmtp', { mailbox: { protocol: 'lmtp' }, server: { options: { lmtp: true } } }],
    ['lmtp without encryption', { mailbox: { protocol: 'lmtp', tls: 'none' }, server: { options: { lmtp: true, disabledCommands: ['STARTTLS', 'AUTH'] } } }],
    ['smtp without encryption', { mailbox: { tls: 'none' }, server: { options: { disabledCommands: ['STARTTLS', 'AUTH'] } } }],
  ]
  for (const [name, options] of cases) {
    const { journey, place, port } = await startShield(t, options)
    await writeTo(port, { ...letter, dkim: place.dkim })
    await until(() => place.mailbox.seen.length === 1)
    t.equal(place.mailbox.seen[0]?.isEncrypted, options.mailbox?.['tls'] !== 'none', name)
    t.same(place.mailbox.seen[0]?.to, ['leads@crm.example'], name)
    await until(async () => (await kinds(journey)).some(([kind]) => kind === 'message.delivered'))
    await journey.close()
  }
})

t.test('a mailbox server that does not encrypt or cannot prove who it is gets nothing, and the mail waits', async t => {
  const cases: ReadonlyArray<readonly [string, ShieldPlaceOptions, string]> = [
    ['another name', { server: { addresses: ['127.0.0.9'], names: ['other.crm.test'] } }, 'delivery.certificate'],
    ['no encryption', { server: { options: { disabledCommands: ['STARTTLS', 'AUTH'] } } }, 'delivery.notEncrypted'],
  ]
  for (const [name, options, code] of cases) {
    const { journey, place, port } = await startShield(t, options)
    t.match(await writeTo(port, { ...letter, dkim: place.dkim }), /^250/, name)
    await until(async () => (await journey.trail()).some(({ outcome }) => outcome?.reason === code))
    t.equal(place.mailbox.seen.length, 0, name)
    t.equal(journey.gateway.outbound?.rooms.shield?.queue.waiting(), 1, name)
    await journey.close()
  }
})

t.test('a server that is away is asked again; what it never takes is held, and nobody outside is written to', async t => {
  const { journey, place, port } = await startShield(t, { aliases: [leads, second], shield: { retryFor: '20m' } })
  let isBusy = true
  place.mailbox.onRecipient = address => {
    if (address === 'desk@crm.example') refuseWith(550)
    if (isBusy) refuseWith(450)
  }
  const queue = () => readdirSync(join(journey.directory, 'data', 'outbound-shield-queue')).filter(name => name.endsWith('.sealed')).length
  await writeTo(port, { ...letter, to: ['leads@clinic.example', 'desk@clinic.example'], dkim: place.dkim })
  await until(async () => (await held(journey)).length === 1)
  t.match(await held(journey), [{ destination: 'desk', reason: 'delivery.rejected' }])
  await until(async () => (await journey.trail()).some(({ outcome }) => outcome?.reason === 'delivery.unavailable'))
  t.equal(queue(), 1)
  const waiting = JSON.parse((await runCli(['mail', 'queue', 'list', '--json', '--config', journey.configFile])).out) as { readonly id: string }
  isBusy = false
  t.equal((await runCli(['mail', 'queue', 'retry', waiting.id, '--reason', 'it is back', '--config', journey.configFile])).code, 0)
  await until(() => queue() === 0, journey.clock)
  t.same(place.mailbox.seen.map(({ to, from }) => [from, ...to]), [['', 'leads@crm.example']], 'one mail, to the mailbox, and no report to anybody')
})
