import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { SecretValue } from '../../src/shared/schema.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { readTrail } from '../support/trail.ts'

t.test('SIGTERM: a download under way is finished, new connections are refused, the trail ends with gateway.stopped', async t => {
  const { directory, configFile, browser, url, wire } = await createProcessPlace(t, {
    configure (draft) { draft['listeners'] = { ...draft['listeners'], public: { ...draft['listeners']?.['public'] as object, drainTimeout: '20s' } } },
  })
  const gateway = await startGatewayProcess(configFile)
  await browser.submit(await browser.open(`${url}/leads`))
  const size = 64 * 1024 * 1024
  const outgoing = request({ ...wire(), path: `/api/files/${size}`, agent: false }).end()
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
