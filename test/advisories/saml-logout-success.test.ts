// Single logout answers Success only when the sessions are dead: not before, and not when ending them failed.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { instant, writeLogoutRequest, writeQuery } from '../support/saml-idp.ts'
import { openBench, readSent } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())
const query = () => writeQuery('SAMLRequest', writeLogoutRequest({ issueInstant: instant(bench.clock.now()) }), { pair })
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'

t.test('the answer waits until the sessions have ended', async t => {
  const order: string[] = []
  let release = () => { /* set below */ }
  const ending = new Promise<void>(resolve => { release = resolve })
  const begun = new Promise<void>(resolve => {
    void bench.room.logout({ query: query(), form: undefined }, async () => { resolve(); await ending; order.push('ended'); return 1 }).then(answer => {
      order.push(readSent(answer).xml.includes(success) ? 'success' : 'other')
    })
  })
  await begun
  await bench.clock.advance(10_000)
  t.strictSame(order, [])
  release()
  while (order.length < 2) await bench.clock.advance(0)
  t.strictSame(order, ['ended', 'success'])
})

t.test('a session that was dead already is a success; one that could not be ended is none', async t => {
  t.match(readSent(await bench.room.logout({ query: query(), form: undefined }, async () => 0)).xml, success)
  const failed = readSent(await bench.room.logout({ query: query(), form: undefined }, async () => { throw new Error('store is down, person-1') })).xml
  t.notMatch(failed, success)
  t.match(failed, 'status:Responder')
  t.match(bench.log.join(''), 'saml.logout.failed')
  t.notMatch(bench.log.join(''), 'person-1')
})
