import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createSystemClock } from '../../src/shared/clock.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { startCrm } from '../../scripts/demo/crm/crm.ts'
import { createBrowser } from '../support/browser.ts'
import { createTestAuthority } from '../support/certificates.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { freePort, nurse, writeConfig } from '../support/journey.ts'
import { startJourneyIdp } from '../support/journey-idp.ts'
import { readTrail } from '../support/trail.ts'

t.test('SIGTERM: a download under way is finished, new connections are refused, the trail ends with gateway.stopped', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-drain-'))
  const authority = await createTestAuthority()
  const port = await freePort()
  const url = `https://crm.clinic.test:${port}`
  const crm = await startCrm()
  const idp = await startJourneyIdp({ clock: createSystemClock(), spEntityId: `${url}/_sallyport/saml/metadata`, person: nurse })
  t.teardown(async () => { await crm.close(); await idp.close(); rmSync(directory, { recursive: true, force: true }) })
  const configFile = await writeConfig({
    directory,
    port,
    publicUrl: url,
    crm,
    idp,
    authority,
    secretsFrom: undefined,
    configure (draft) { draft['listeners'] = { ...draft['listeners'], public: { ...draft['listeners']?.['public'] as object, drainTimeout: '20s' } } },
  })
  const gateway = await startGatewayProcess(configFile)
  const browser = createBrowser({ ca: authority.caPem, port })
  await browser.submit(await browser.open(`${url}/leads`))
  const size = 64 * 1024 * 1024
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path: `/api/files/${size}`,
    servername: 'crm.clinic.test',
    ca: authority.caPem,
    agent: false,
    headers: { host: new URL(url).host, cookie: browser.cookies('crm.clinic.test') },
  }).end()
  const [message] = await once(outgoing, 'response') as [IncomingMessage]
  message.pause()
  const stopped = gateway.stop()
  await t.rejects(async () => {
    for (let tries = 0; tries < 500; tries += 1) { await browser.ask(`${url}/leads`); await new Promise(resolve => { setTimeout(resolve, 10) }) }
  }, 'no new connection is accepted')
  let bytes = 0
  for await (const chunk of message) bytes += (chunk as Buffer).length
  t.equal(bytes, size)
  t.equal(await stopped, 0)
  const trail = await readTrail(join(directory, 'data', 'audit'), new SecretValue(readFileSync(join(directory, 'audit.key'), 'utf8')))
  t.equal(trail.at(-1)?.kind, 'gateway.stopped')
  const admitted = trail.find(event => event.what?.path === `/api/files/${size}`)
  t.match(trail.find(event => event.id === admitted?.id && event.kind !== 'request.admitted'), { kind: 'request.completed', outcome: { bytesOut: size } })
})
