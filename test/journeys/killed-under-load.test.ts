import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { SecretValue } from '../../src/shared/schema.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { readTrail } from '../support/trail.ts'

const rounds = 20
const parallel = 16

t.test('killed with SIGKILL under load twenty times: every answer that a client got has its admitted record, every admitted one ending', { timeout: 120_000 }, async t => {
  const { directory, authority, port, url, crm, configFile, browser } = await createProcessPlace(t)
  let gateway = await startGatewayProcess(configFile)
  const signedIn = await browser.submit(await browser.open(`${url}/leads`))
  t.equal(signedIn.status, 200)
  const cookie = browser.cookies('crm.clinic.test')
  const answered: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const agent = new Agent({ keepAlive: true, ca: authority.caPem, servername: 'crm.clinic.test' })
    const state = { stopped: false, workers: parallel }
    const load = Array.from({ length: parallel }, async (_, worker) => {
      for (let turn = 0; !state.stopped; turn += 1) {
        const mark = `${round}-${worker}-${turn}`
        const status = await new Promise<number | undefined>(resolve => {
          const outgoing = request({ host: '127.0.0.1', port, agent, path: `/health?mark=${mark}`, headers: { host: new URL(url).host, cookie } }, message => { resolve(message.statusCode); message.resume(); message.on('error', () => undefined) })
          outgoing.on('error', () => { resolve(undefined) })
          outgoing.end()
        })
        if (status === undefined) { state.workers -= 1; return }
        answered.push(mark)
      }
    })
    const enough = answered.length + 40 + round * 7
    while (answered.length < enough) {
      if (state.workers === 0) throw new Error(`round ${round}: nobody is answered any more, after ${answered.length} answers`)
      await new Promise(resolve => { setTimeout(resolve, 1) })
    }
    await gateway.kill()
    state.stopped = true
    await Promise.all(load)
    agent.destroy()
    gateway = await startGatewayProcess(configFile)
  }
  t.equal((await browser.fetch(`${url}/api/leads`)).status, 200, 'the session outlives the process')
  t.equal(await gateway.stop(), 0)
  const trail = await readTrail(join(directory, 'data', 'audit'), new SecretValue(readFileSync(join(directory, 'audit.key'), 'utf8')))
  const admitted = trail.filter(event => event.kind === 'request.admitted')
  const marks = new Set(admitted.map(event => event.what?.query?.replace('mark=', '')))
  t.ok(answered.length > rounds * 40)
  t.same(answered.filter(mark => !marks.has(mark)), [], 'every answer has its record')
  const reached = crm.seen().filter(seen => seen.url.startsWith('/health')).map(seen => seen.url.replace('/health?mark=', ''))
  t.same(reached.filter(mark => !marks.has(mark)), [], 'everything that the CRM saw has its record')
  const endings = new Map<string, number>()
  for (const event of trail) {
    if (['request.completed', 'request.failed', 'request.abandoned'].includes(event.kind)) endings.set(event.id, (endings.get(event.id) ?? 0) + 1)
  }
  t.same(admitted.filter(event => endings.get(event.id) !== 1).map(event => [event.id, endings.get(event.id)]), [], 'exactly one ending each')
  t.ok(trail.some(event => event.kind === 'request.abandoned' && event.outcome?.reason === 'gateway.ended'), 'what the kill cut is ended at the next start')
})
