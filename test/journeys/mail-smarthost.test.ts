// The mail server on the other side: nothing is sent without verified encryption; what it does not take now is tried again, what it never takes is held.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCli } from '../cli/run-cli.ts'
import type { Journey } from '../support/journey.ts'
import { until } from '../support/outbound-place.ts'
import { sendMail, startMail, type MailPlaceOptions } from '../support/mail-place.ts'
import { refuseWith } from '../support/smarthost.ts'

const letter = { subject: 'hello', text: 'See you at the front desk.' }
const codes = async (journey: Journey) => (await journey.trail()).filter(event => event.kind === 'message.failed').map(({ outcome }) => outcome?.reason)
const waiting = (journey: Journey) => readdirSync(join(journey.directory, 'data', 'outbound-mail-queue')).filter(name => name.endsWith('.sealed')).length

t.test('a certificate for another name, of no known authority, or no encryption: nothing is sent, and it waits', async t => {
  const cases: ReadonlyArray<readonly [string, MailPlaceOptions, string]> = [
    ['another name', { server: { addresses: ['127.0.0.9'], names: ['other.vendor.test'] } }, 'delivery.certificate'],
    ['no known authority', { smarthost: { authority: undefined } }, 'delivery.certificate'],
    ['no encryption', { server: { options: { disabledCommands: ['STARTTLS', 'AUTH'] } } }, 'delivery.notEncrypted'],
    ['a private address', { outbound: { allowAddresses: [] } }, 'delivery.addressRefused'],
  ]
  for (const [name, options, code] of cases) {
    const { journey, place, port } = await startMail(t, options)
    t.match(await sendMail(port, letter), /^250/, `${name}: accepted`)
    await until(async () => (await codes(journey)).length > 0)
    t.equal((await codes(journey))[0], code, name)
    t.equal(place.smarthost.seen.length, 0, `${name}: nothing was sent`)
    t.equal(waiting(journey), 1, `${name}: it waits`)
    await journey.close()
  }
})

t.test('the gateway signs in at the mail server, after encryption', async t => {
  const password = 'a password of the clinic'
  const { place, port } = await startMail(t, { server: { user: { name: 'clinic', password } }, smarthost: write => ({ user: 'clinic', password: { file: write('smarthost.password', password) } }) })
  await sendMail(port, letter)
  await until(() => place.smarthost.seen.length === 1)
  t.match(place.smarthost.seen[0], { isEncrypted: true, user: 'clinic' })
})

t.test('each recipient is answered for: accepted, tried again, refused for good', async t => {
  const { journey, place, port } = await startMail(t)
  let isBusy = true
  place.smarthost.onRecipient = address => {
    if (address === 'gone@clinic.example') refuseWith(550)
    if (address === 'busy@clinic.example' && isBusy) refuseWith(450)
  }
  await sendMail(port, { ...letter, to: ['nell@clinic.example', 'busy@clinic.example', 'gone@clinic.example'] })
  await until(() => place.smarthost.seen.length === 1)
  t.same(place.smarthost.seen[0]?.to, ['nell@clinic.example'])
  await until(async () => (await codes(journey)).includes('delivery.unavailable'))
  const list = JSON.parse((await runCli(['mail', 'queue', 'list', '--json', '--config', journey.configFile])).out) as Record<string, unknown>
  t.match(list, { destination: 'staff', recipients: 1, attempts: 1, lastCode: 'delivery.unavailable' })
  isBusy = false
  await journey.clock.advance(120_000)
  await until(() => place.smarthost.seen.length === 2, journey.clock)
  t.same(place.smarthost.seen[1]?.to, ['busy@clinic.example'])
  await until(async () => (await codes(journey)).includes('delivery.rejected'))
  const held = JSON.parse((await runCli(['quarantine', 'list', '--json', '--config', journey.configFile])).out) as Record<string, unknown>
  t.match(held, { destination: 'staff', reason: 'delivery.rejected', stage: 'delivery' })
})

t.test('a server that is away: one mail asks, the time for it passes, and then it is held', async t => {
  const { journey, place, port } = await startMail(t, { mail: { retryFor: '20m' } })
  await place.smarthost.close()
  for (let turn = 0; turn < 3; turn += 1) await sendMail(port, letter)
  await until(async () => (await codes(journey)).length > 0)
  journey.clock.step(21 * 60_000)
  // In steps beyond the trail's deadline: what is on record too late for a request is on record once here.
  const faster = { advance: async () => { await journey.clock.advance(2000) } }
  await until(async () => (await codes(journey)).filter(code => code === 'delivery.givenUp').length >= 3, faster)
  await until(() => waiting(journey) === 0, faster)
  t.equal((await codes(journey)).filter(code => code === 'delivery.givenUp').length, 3, 'each is on record once')
  t.equal((await runCli(['quarantine', 'list', '--json', '--config', journey.configFile])).out.trim().split('\n').length, 3)
})

t.test('retry and drop on the command line, on record', async t => {
  const { journey, place, port } = await startMail(t)
  place.smarthost.onMail = () => { refuseWith(451) }
  await sendMail(port, letter)
  await sendMail(port, letter)
  await until(async () => (await codes(journey)).length === 2)
  const ids = (await runCli(['mail', 'queue', 'list', '--json', '--config', journey.configFile])).out.trim().split('\n').map(line => (JSON.parse(line) as { readonly id: string }).id)
  t.equal(ids.length, 2)
  t.equal((await runCli(['mail', 'queue', 'retry', 'nothing', '--reason', 'x', '--config', journey.configFile])).code, 1)
  place.smarthost.onMail = () => undefined
  t.equal((await runCli(['mail', 'queue', 'drop', ids[0] ?? '', '--reason', 'a test message', '--config', journey.configFile])).code, 0)
  t.equal((await runCli(['mail', 'queue', 'retry', ids[1] ?? '', '--reason', 'it is back', '--config', journey.configFile])).code, 0)
  await until(async () => waiting(journey) === 0, journey.clock)
  t.equal(place.smarthost.seen.length, 1)
  const events = await journey.trail()
  t.ok(events.some(({ kind, id, outcome }) => kind === 'message.failed' && id === ids[0] && outcome?.reason === 'mail.dropped'))
  t.match((await runCli(['mail', 'queue', 'list', '--config', journey.configFile])).out, '')
})

t.test('several at the same time, never more than configured', async t => {
  const { place, port } = await startMail(t, { smarthost: { connections: 3 } })
  place.smarthost.onMail = async () => { await new Promise(resolve => { setTimeout(resolve, 20) }) }
  await Promise.all(Array.from({ length: 12 }, () => sendMail(port, letter)))
  await until(() => place.smarthost.seen.length === 12)
  t.equal(place.smarthost.mostAtOnce, 3)
  t.ok(place.smarthost.connections <= 6, 'connections are used again')
})
