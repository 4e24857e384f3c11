// kill -9 with a thousand mails in the queue, and again in the middle of their delivery: every mail that the CRM got a 250 for arrives, and none of it ever lay on the disk in
// clear.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import t from 'tap'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { freePort } from '../support/journey.ts'
import { createMailPlace } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { refuseWith } from '../support/smarthost.ts'

const mails = 1000
/** The others are notices, so that the test is about the queue. */
const redacted = 150

t.test('a thousand mails, killed twice', { timeout: 115_000 }, async t => {
  const port = await freePort()
  const place = await createMailPlace(t, { port })
  const { directory, configFile } = await createProcessPlace(t, { configure: place.configure })
  const queue = () => readdirSync(join(directory, 'data', 'outbound-mail-queue')).filter(name => name.endsWith('.sealed'))
  place.smarthost.onMail = () => { refuseWith(421) }
  let gateway = await startGatewayProcess(configFile)
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true, pool: true, maxConnections: 8, maxMessages: Infinity, disableFileAccess: true })
  const began = performance.now()
  await Promise.all(Array.from({ length: mails }, (_, turn) => transport.sendMail({ from: 'crm@clinic.example', to: turn < redacted ? `nurse-${turn}@clinic.example` : `zyxwina-${turn}@patient.example`, subject: 'Zyxwina is waiting', text: 'Zyxwina Qwertzon asks for a later appointment.' })))
  t.comment(`${Math.round(mails / (performance.now() - began) * 1000)} mails a second taken in`)
  transport.close()
  await gateway.kill()
  t.equal(queue().length, mails)
  for (const name of queue()) {
    const clear = readFileSync(join(directory, 'data', 'outbound-mail-queue', name), 'latin1')
    if (/zyxwina|appointment|nurse-|clinic\.example|patient\.example/i.test(clear)) t.fail(`${name} is in clear`)
  }
  place.smarthost.onMail = () => undefined
  gateway = await startGatewayProcess(configFile)
  await until(() => place.smarthost.seen.length > mails / 4)
  await gateway.kill()
  const sent = performance.now()
  const before = new Set(place.smarthost.seen.map(({ to }) => to[0])).size
  gateway = await startGatewayProcess(configFile)
  const arrived = () => new Set(place.smarthost.seen.map(({ to }) => to[0])).size
  for (let look = 0; look < 3 && arrived() < mails; look += 1) await until(() => arrived() === mails).catch(() => undefined)
  t.comment(`${Math.round((mails - before) / (performance.now() - sent) * 1000)} mails a second delivered, with the start`)
  t.equal(arrived(), mails, 'all have arrived')
  await until(() => queue().length === 0)
  t.equal(await gateway.stop(), 0)
  t.notOk(place.smarthost.seen.some(({ body }) => /Zyxwina|Qwertzon/.test(body.toString())))
})
