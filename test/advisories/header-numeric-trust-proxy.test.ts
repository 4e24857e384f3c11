// A number of trusted hops was silently ignored by the framework, and a hop count can be spoofed by whoever writes X-Forwarded-For: only ranges are believed.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { ConfigurationError } from '../../src/shared/errors.ts'
import { startTarget } from '../support/attack.ts'
import { startJourney } from '../support/journey.ts'
import { sendRaw } from '../support/raw.ts'

t.test('a number where the proxies belong is a finding that names the setting, and nothing starts', async t => {
  const journey = await startJourney(t)
  const draft = parse(readFileSync(journey.configFile, 'utf8')) as { clientIp: object }
  for (const [trustedProxies, name] of [[1, 'clientIp.trustedProxies'], ['1', 'clientIp.trustedProxies'], [true, 'clientIp.trustedProxies'], [[1], 'clientIp.trustedProxies[0]'], [['10.0.0.5/8'], 'clientIp.trustedProxies[0]']] as const) {
    writeFileSync(journey.configFile, stringify({ ...draft, clientIp: { ...draft.clientIp, trustedProxies } }))
    const error = await loadConfig(journey.configFile).then(() => undefined, (refusal: unknown) => refusal)
    t.ok(error instanceof ConfigurationError, String(trustedProxies))
    if (error instanceof ConfigurationError) t.same(error.findings.map(finding => finding.path), [name])
  }
})

t.test('X-Forwarded-For of somebody who is no trusted proxy moves nothing: neither in, nor out, nor on record, nor at the CRM', async t => {
  const target = await startTarget(t)
  const { journey } = target
  const lines = 'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1, 10.9.8.7\r\nX_Forwarded_For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n'
  t.match(await sendRaw(journey, `GET /health HTTP/1.1\r\n${target.head}${lines}\r\n`, { from: '127.0.0.2' }), /^HTTP\/1\.1 403 /)
  t.match((await journey.trail()).at(-1), { kind: 'request.denied', from: { address: '127.0.0.2' }, decision: { reason: 'clientIp.notAllowed' } })
  const outcome = await target.send(`GET /health HTTP/1.1\r\n${target.head}${lines.replaceAll('127.0.0.1', '192.0.2.66')}\r\n`)
  t.same([outcome.statuses, outcome.seen], [[200], ['GET /health']])
  t.equal(journey.crm.seen()[0]?.headers['x-forwarded-for'], '127.0.0.1')
  t.notMatch(JSON.stringify(journey.crm.seen()[0]?.rawHeaders), /192\.0\.2\.66|10\.9\.8\.7/)
  t.match((await journey.trail()).findLast(event => event.kind === 'request.admitted'), { from: { address: '127.0.0.1' } })
})
