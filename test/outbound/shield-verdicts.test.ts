// SPF, DKIM and DMARC in their thread: what a stranger chooses cannot cost more than the bounds, and no answer is an answer.
import { createHash } from 'node:crypto'
import t from 'tap'
import { createVerdictThread, type VerdictThread } from '../../src/outbound/shield/shield.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createMovableClock } from '../support/clock.ts'
import { startDns, type TestDns } from '../support/dns-server.ts'
import { zones } from '../support/shield-place.ts'

const log = createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } })

interface Started { readonly dns: TestDns, readonly thread: VerdictThread, readonly clock: ReturnType<typeof createMovableClock> }

async function start (t: Parameters<typeof startDns>[0]): Promise<Started> {
  const dns = await startDns(t, { ...zones })
  const clock = createMovableClock(Date.now())
  const thread = createVerdictThread({ name: 'mx.clinic.example', nameServers: [dns.address] }, { clock, log })
  t.teardown(() => thread.close())
  return { dns, thread, clock }
}

const mail = (head: string, body = 'hello\r\n') => Buffer.from(`${head}Subject: x\r\n\r\n${body}`)
const received = (body: Buffer, more: object = {}) => ({ ip: '127.0.0.1', helo: 'mail.patient.example', sender: 'a@patient.example', body, ...more })

t.test('what the domains say', async t => {
  const { thread } = await start(t)
  const from = (domain: string) => mail(`From: a@${domain}\r\n`)
  const results = await Promise.all([
    thread.judge(received(from('patient.example'))),
    thread.judge(received(from('patient.example'), { ip: '192.0.2.9' })),
    thread.judge(received(from('sub.patient.example'))),
    thread.judge(received(from('plain.example'), { sender: '', helo: 'strict.example' })),
    thread.judge(received(from('nowhere.example'), { sender: 'a@nowhere.example' })),
  ])
  t.same(results.map(({ verdicts: { spf, dmarc } }) => [spf.result, spf.domain, dmarc.result, dmarc.policy]), [
    ['pass', 'patient.example', 'pass', 'reject'],
    ['fail', 'patient.example', 'fail', 'reject'],
    ['pass', 'patient.example', 'pass', 'reject'],
    ['fail', 'strict.example', 'none', undefined],
    ['none', 'nowhere.example', 'none', undefined],
  ])
})

t.test('names that are none in the DNS stay out of what is told', async t => {
  const { thread } = await start(t)
  for (const sender of ['a@[192.0.2.1]', 'a@x y', `a@${'x'.repeat(300)}.example`, 'nothing', 'a@b.example; dmarc=pass', 'a@b.example\r\nX: y']) {
    const { verdicts } = await thread.judge(received(mail('From: a@plain.example\r\n'), { sender }))
    t.ok(verdicts.spf.domain === undefined || /^[a-z0-9_.-]{1,253}$/.test(verdicts.spf.domain), sender)
    t.match(verdicts.spf.result, /^[a-z]+$/)
  }
})

const createBodyHash = (body: string) => createHash('sha256').update(body).digest('base64')

t.test('many signatures, each with a key of its own: bounded in questions', async t => {
  const { thread, dns } = await start(t)
  const body = 'hello\r\n'
  const signatures = Array.from({ length: 300 }, (_, at) => `DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=host-${at}.example; s=s${at}; h=from;\r\n bh=${createBodyHash(body)}; b=AAAA\r\n`).join('')
  const { verdicts } = await thread.judge(received(mail(`${signatures}From: a@plain.example\r\n`, body)))
  t.equal(verdicts.dkim.result, 'temperror', 'the later ones are not asked for')
  t.ok(dns.asked <= 200, `${dns.asked} questions`)
})

t.test('a thread that does not come back is ended, and the next mail has another', async t => {
  const { thread, dns, clock } = await start(t)
  dns.isSilent = true
  const waiting = thread.judge(received(mail('From: a@patient.example\r\n')))
  await new Promise(resolve => { setTimeout(resolve, 50) })
  await clock.advance(30_000)
  t.match(await waiting, { verdicts: { spf: { result: 'temperror' }, dmarc: { result: 'temperror' } }, people: [] })
  dns.isSilent = false
  t.match(await thread.judge(received(mail('From: a@patient.example\r\n'))), { verdicts: { spf: { result: 'pass' }, dmarc: { result: 'pass' } }, people: ['a@patient.example'] })
})

t.test('who wrote and who is to be answered', async t => {
  const { thread } = await start(t)
  const { people } = await thread.judge(received(mail('From: "A, B" <a@patient.example>\r\nReply-To: c@patient.example,\r\n d@patient.example\r\n')))
  t.same(people, ['a@patient.example', 'c@patient.example', 'd@patient.example'])
})
