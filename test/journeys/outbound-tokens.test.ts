// A receiver asks about a token: who may look it up learns what it stands for, with a reason and on record; who may not learns nothing, and that is on record too.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/config.ts'
import { readPerson } from '../../src/operations/read-person.ts'
import { runCli } from '../cli/run-cli.ts'
import { startJourney } from '../support/journey.ts'
import { createOutboundPlace, handIn, lead, until } from '../support/outbound-place.ts'
import { readTrail } from '../support/trail.ts'

const why = ['--reason', 'the vendor asks about a lead']

async function start (t: Test, tokenVault: object | undefined) {
  const place = await createOutboundPlace(t, tokenVault === undefined ? {} : { outbound: { tokenVault } })
  writeFileSync(place.policyFile, 'name: leads\nversion: 4\nrules:\n  - { path: contact.email, action: token, kind: email }\n')
  const journey = await startJourney(t, { configure: place.configure })
  await handIn(journey.outboundPort as number)
  await until(() => place.receiver.seen.length === 1, journey.clock)
  const { contact } = JSON.parse(place.receiver.seen[0]?.body ?? '') as { contact: { email: string } }
  const operations = async () => {
    const { config } = await loadConfig(journey.configFile)
    return (await readTrail(join(journey.directory, 'data', 'audit-cli'), config.audit.key)).filter(event => event.kind === 'operation.run')
  }
  return { token: contact.email, operations, reveal: (token: string, more = why) => runCli(['tokens', 'reveal', token, '--config', journey.configFile, ...more]) }
}

t.test('an account that may', async t => {
  const { token, operations, reveal } = await start(t, { mayReveal: [readPerson()] })
  t.match(token, /^email_/)
  t.equal((await reveal(token, [])).code, 2, 'not without a reason')
  const { code, out, err } = await reveal(token)
  t.equal(code, 0, err)
  t.equal(out, `${lead.contact.email}\n`)
  t.match(await reveal(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`), { code: 1, out: '', err: /no token of this gateway/ })
  t.equal((await reveal('nothing')).code, 2)
  const recorded = await operations()
  t.match(recorded.map(({ facts }) => facts), [
    { operation: 'tokens.reveal', step: 'asked', token, reason: 'the vendor asks about a lead', by: readPerson() }, { step: 'done', token, found: true, kind: 'email' },
  ])
  t.notOk(JSON.stringify(recorded).includes(lead.contact.email))
})

t.test('an account that may not', async t => {
  const { token, operations, reveal } = await start(t, { mayReveal: ['privacy-officer'] })
  t.match(await reveal(token), { code: 1, out: '', err: /may not look up tokens.*mayReveal.*on record/ })
  t.match((await operations()).map(({ facts }) => facts), [{ operation: 'tokens.reveal', step: 'refused', token, by: readPerson() }])
})

t.test('without a vault nobody can', async t => {
  const { token, reveal } = await start(t, undefined)
  t.match(await reveal(token), { code: 1, out: '', err: /tokenVault is not configured/ })
})
