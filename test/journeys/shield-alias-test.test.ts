// `sallyport mail test`: what it says of an alias that works, of each way in which one does not, and what is on record of it.
import t from 'tap'
import { runCli } from '../cli/run-cli.ts'
import { testAlias } from '../../src/operations/test-alias.ts'
import { freePort } from '../support/journey.ts'
import { leads, startShield } from '../support/shield-place.ts'
import { refuseWith } from '../support/smarthost.ts'

/** In this process: a program of its own takes its time to start. */
const ask = (configFile: string, alias: string) => testAlias({ configFile, alias, waitMs: 20_000 })

const second = { ...leads, name: 'desk', address: 'desk@clinic.example', action: 'hold' }

t.test('an alias that works: each step, active, on record', async t => {
  const { journey, place } = await startShield(t, { port: await freePort(), aliases: [leads, second] })
  const { code, out } = await runCli(['mail', 'test', 'leads@clinic.example', '--config', journey.configFile])
  t.equal(code, 0, out)
  const lines = out.trim().split('\n')
  t.match(lines, [/^ok {6}listener/, /^ok {6}certificate {2}for crm\.clinic\.test, \d+ days left/, /^ok {6}alias/, /^ok {6}accepted/, /^ok {6}stripped {5}taken out: .*ssn 1/, /^ok {6}mailbox {6}leads@crm\.example took it \(250\)/, /^ok {6}record {7}sallyport audit query --id/, /is active\.$/])
  t.equal(place.mailbox.seen.length, 1)
  t.notMatch(place.mailbox.seen[0]?.body.toString(), /987-65-4321|Zyxwina/)
  t.match((await journey.trail()).find(({ kind }) => kind === 'message.released'), { what: { route: 'shield leads' }, facts: { dmarc: 'none' } })
  const held = await ask(journey.configFile, 'desk')
  t.match(held, { isActive: true, steps: [{}, {}, {}, {}, { step: 'held', ok: true }, { step: 'record' }] })
  t.equal(place.mailbox.seen.length, 1)
})

t.test('a mailbox that does not take it: where, and why', async t => {
  const { journey, place } = await startShield(t, { port: await freePort() })
  place.mailbox.onRecipient = () => { refuseWith(550) }
  const { steps, isActive } = await ask(journey.configFile, 'leads')
  t.match(steps.at(-2), { step: 'mailbox', ok: false, text: /^delivery\.rejected \(550\): The receiver answered/ })
  t.equal(isActive, false)
})

t.test('no gateway, no alias, no port', async t => {
  const { journey } = await startShield(t, { port: await freePort() })
  await t.rejects(ask(journey.configFile, 'nobody'), { message: /no such alias/ })
  await journey.close()
  const { steps, isActive } = await ask(journey.configFile, 'leads')
  t.notOk(isActive)
  t.match(steps, [{ step: 'listener', ok: false, text: /nobody listens at 127\.0\.0\.1:\d+: start the gateway/ }])
  const { code, out } = await runCli(['mail', 'test', 'leads', '--config', journey.configFile])
  t.match([code, out], [1, /NOT OK {2}listener[^]*leads is NOT active/])
})
