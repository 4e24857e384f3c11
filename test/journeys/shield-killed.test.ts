// kill -9 while mail from outside comes in, and again in the middle of its delivery: every mail that was answered 250 reaches the CRM's mailbox, and none of it ever lay on the
// disk in clear.
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import t from 'tap'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { freePort } from '../support/journey.ts'
import { until } from '../support/outbound-place.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { createShieldPlace, readClear } from '../support/shield-place.ts'
import { refuseWith } from '../support/smarthost.ts'

const mails = 150

t.test('killed while mail comes in, and while it goes on', { timeout: 110_000 }, async t => {
  const port = await freePort()
  const limits = { starttls: 'offered', messagesPerMinute: 10_000, messagesPerMinuteOfAlias: 10_000, maxConnectionsPerAddress: 100, connectionsPerMinute: 10_000 }
  const place = await createShieldPlace(t, { port, listener: limits })
  const { directory, configFile } = await createProcessPlace(t, { configure: place.configure })
  place.mailbox.onMail = () => { refuseWith(421) }
  let gateway = await startGatewayProcess(configFile)
  const outside = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true, pool: true, maxConnections: 8, maxMessages: Infinity, disableFileAccess: true })
  const accepted = new Set<string>()
  const sending = Array.from({ length: mails }, async (_, turn) => {
    const mail = { from: 'zyxwina@plain.example', to: 'leads@clinic.example', subject: `Zyxwina, number ${turn}.`, text: `Zyxwina Qwertzon asks for a later appointment, SSN 987-65-4321.\r\nPage ${1000 + turn} of the form.` }
    const { response } = await outside.sendMail(mail).catch(() => ({ response: '' }))
    if (response.startsWith('250')) accepted.add(`Page ${1000 + turn} of`)
  })
  await until(() => accepted.size > mails / 2)
  await gateway.kill()
  await Promise.all(sending)
  outside.close()
  t.ok(accepted.size < mails, 'it was killed in the middle')
  const clear = readClear(join(directory, 'data'))
  for (const value of [/Zyxwina/i, /Qwertzon/, /later appointment/, /987-65-4321/, /crm\.example/, /plain\.example/]) t.notOk(value.test(clear), value.source)
  place.mailbox.onMail = () => undefined
  gateway = await startGatewayProcess(configFile)
  await until(() => place.mailbox.seen.length > accepted.size / 4)
  await gateway.kill()
  gateway = await startGatewayProcess(configFile)
  const arrived = () => {
    const text = place.mailbox.seen.map(({ body }) => body.toString()).join('\n')
    return [...accepted].filter(page => text.includes(page)).length
  }
  for (let look = 0; look < 3 && arrived() < accepted.size; look += 1) await until(() => arrived() === accepted.size).catch(() => undefined)
  t.equal(arrived(), accepted.size, 'all that were accepted have arrived')
  t.equal(await gateway.stop(), 0)
  t.notOk(place.mailbox.seen.some(({ body }) => /Zyxwina|Qwertzon|987-65/.test(body.toString())))
  t.ok(place.mailbox.seen.every(({ to }) => to.join() === 'leads@crm.example'))
})
