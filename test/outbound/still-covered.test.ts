// An agreement that ends while something waits: what needs it is not sent, what needs none is; and the mail queue asks before each attempt.
import t from 'tap'
import type { SealedFiles } from '../../src/audit/audit.ts'
import { createMailQueue } from '../../src/outbound/delivery/delivery.ts'
import type { Ending } from '../../src/outbound/delivery/line.ts'
import { agreementUsed, isStillCovered } from '../../src/outbound/still-covered.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createMovableClock } from '../support/clock.ts'
import { associate } from '../support/outbound-place.ts'

const live = { associate: { ...associate, kinds: ['phone' as const] }, kinds: [] }
const ended = { associate: undefined, kinds: ['phone' as const] }

t.test('what a message makes use of', async t => {
  t.equal(agreementUsed({ released: {}, prose: 0 }), undefined)
  t.same(agreementUsed({ released: {}, prose: 2 }), [], 'free text needs an agreement of any kind')
  t.same(agreementUsed({ released: { phone: 1 }, prose: 0 }), ['phone'])
  t.ok(isStillCovered({}, ended), 'what needs none')
  t.ok(isStillCovered({ underAgreement: ['phone'] }, live))
  t.ok(isStillCovered({ underAgreement: [] }, live))
  t.notOk(isStillCovered({ underAgreement: [] }, ended))
  t.notOk(isStillCovered({ underAgreement: ['phone'] }, ended))
  t.notOk(isStillCovered({ underAgreement: ['phone', 'email'] }, live), 'its kinds became fewer')
})

t.test('a mail that may not leave any more is not sent', async t => {
  const clock = createMovableClock()
  const kept = new Map<string, Buffer>()
  const files: SealedFiles = {
    put: async (name, plain) => { kept.set(name, plain) },
    read: async name => kept.get(name),
    list: async () => [],
    remove: async name => { kept.delete(name) },
    clearUnfinished: async () => { /* nothing there */ },
  }
  const sent: string[] = []
  const endings: Array<readonly [string, Ending['code']]> = []
  const queue = createMailQueue({
    clock,
    log: createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } }),
    files,
    sender: { send: async ({ to }) => { sent.push(...to); return { is: 'answered', accepted: [...to], refused: [], status: 250 } }, close () { /* nothing to close */ } },
    connections: 2,
    retryForMs: 60_000,
    maxStoredBytes: 1_000_000,
    random: () => 1,
    mayLeave: message => isStillCovered(message, ended),
    onEnding: async ({ id }, { code }) => { endings.push([id, code]) },
  })
  const mail = (id: string, to: string) => ({ id, destination: 'vendors', path: '', type: 'message/rfc822', acceptedAt: clock.now(), body: Buffer.from('x'), envelope: { from: 'crm@clinic.example', to: [to] } })
  await queue.enqueue([{ ...mail('a', 'one@vendor.example'), underAgreement: ['phone'] }, mail('b', 'two@vendor.example')])
  await clock.advance(10_000)
  t.same(sent, ['two@vendor.example'])
  t.same(endings.sort(), [['a', 'delivery.agreementEnded'], ['b', undefined]])
  t.equal(kept.size, 0)
  t.equal(queue.waiting(), 0)
  await queue.close()
})
