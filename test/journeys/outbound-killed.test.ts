// kill -9 in the middle of delivery: every message that the CRM got a receipt for arrives at least once, under the id of the receipt; nothing of it lies on the disk in clear.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SecretValue } from '../../src/shared/schema.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { freePort } from '../support/journey.ts'
import { associate, createOutboundPlace, handIn, lead, planted, until } from '../support/outbound-place.ts'
import { isSigned } from '../support/receiver.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { readTrail } from '../support/trail.ts'

const rounds = 6

t.test('killed in the middle of delivery', { timeout: 110_000 }, async t => {
  const port = await freePort()
  const place = await createOutboundPlace(t, { port, associate })
  const { directory, configFile } = await createProcessPlace(t, { configure: place.configure })
  const files = () => readdirSync(join(directory, 'data'), { recursive: true, encoding: 'utf8' }).map(name => join(directory, 'data', name)).filter(name => statSync(name).isFile())
  const promised: string[] = []
  let gateway = await startGatewayProcess(configFile)
  for (let round = 0; round < rounds; round += 1) {
    const seenBefore = place.receiver.seen.length
    // The receiver takes a message and does not answer before the process is dead.
    let go: () => void = () => undefined
    const dead = new Promise<void>(resolve => { go = resolve })
    const stopAt = seenBefore + round
    place.receiver.answer = async () => {
      if (place.receiver.seen.length > stopAt) await dead
      return { status: 200 }
    }
    for (let turn = 0; turn < 4; turn += 1) {
      const handed = await handIn(port, { body: JSON.stringify({ ...lead, internal: `nobody named ${round}-${turn}` }) })
      t.equal(handed.status, 202)
      promised.push(String(handed.json['id']))
    }
    await until(() => place.receiver.seen.length > stopAt)
    await gateway.kill()
    const clear = files().map(name => readFileSync(name, 'latin1')).join('\n')
    for (const value of [...planted, lead.contact.phone, lead.contact.email]) t.notOk(clear.includes(value), `${value} in round ${round}`)
    t.ok(files().some(name => name.includes('outbound-queue') && name.endsWith('.sealed')), 'something was waiting')
    go()
    gateway = await startGatewayProcess(configFile)
  }
  place.receiver.answer = () => ({ status: 200 })
  await until(() => promised.every(id => place.receiver.seen.some(({ headers }) => headers['webhook-id'] === id)))
  await until(() => !files().some(name => name.includes('outbound-queue') && name.endsWith('.sealed')))
  t.equal(await gateway.stop(), 0)
  t.ok(place.receiver.seen.every(received => isSigned(received)))
  const bodies = new Map<string, Set<string>>()
  for (const { headers, body } of place.receiver.seen) bodies.set(String(headers['webhook-id']), (bodies.get(String(headers['webhook-id'])) ?? new Set()).add(body))
  t.same([...bodies.values()].filter(different => different.size !== 1), [], 'the same bytes under the same id')
  t.same([...bodies.keys()].filter(id => !promised.includes(id)), [])
  // The first arrivals keep the order of the receipts.
  t.same([...bodies.keys()], promised)
  const trail = await readTrail(join(directory, 'data', 'audit'), new SecretValue(readFileSync(join(directory, 'audit.key'), 'utf8')))
  const kinds = (kind: string) => new Set(trail.filter(event => event.kind === kind).map(event => event.id))
  t.same(promised.filter(id => !kinds('message.released').has(id) || !kinds('message.delivered').has(id)), [], 'each is on record as released and as delivered')
})
