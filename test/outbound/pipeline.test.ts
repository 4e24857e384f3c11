// The order of the way: proven before read, judged before recorded, recorded before delivered; and what happens when a step fails.
import t from 'tap'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { createAssociatesRoom } from '../../src/outbound/associates/associates.ts'
import { deliveryReasons } from '../../src/outbound/delivery/delivery.ts'
import { accept } from '../../src/outbound/pipeline.ts'
import type { OutboundRooms } from '../../src/outbound/rooms.ts'
import { createSenderRoom } from '../../src/outbound/sender/sender.ts'
import { createWebhookRoom } from '../../src/outbound/webhook/webhook.ts'
import { Failure } from '../../src/shared/errors.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createMetrics } from '../../src/shared/metrics.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { createMovableClock } from '../support/clock.ts'

const unavailable = new Failure('audit.unavailable', 'gateway', { status: 503, publicText: 'Nothing can record now.', operatorText: 'The trail is away.' })

interface Breaks { readonly record?: boolean, readonly enqueue?: boolean, readonly room?: boolean, readonly hold?: boolean, readonly redact?: boolean }

function build ({ breaks = {}, mode = 'queue' }: { readonly breaks?: Breaks, readonly mode?: 'queue' | 'pass' } = {}) {
  const steps: string[] = []
  const noted: AuditEvent[] = []
  const clock = createMovableClock()
  const rooms: OutboundRooms = {
    clock,
    log: createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } }),
    metrics: createMetrics(),
    webhook: createWebhookRoom([{ name: 'd', paths: [], patient: undefined }]),
    sender: createSenderRoom(new Map([['d', { form: 'token', header: 'X-Token', secret: new SecretValue('right') }]]), { now: () => clock.now() }),
    associates: createAssociatesRoom([], new Map()),
    redaction: {
      async redact ({ body }) {
        steps.push('redact')
        if (breaks.redact === true) throw new TypeError('a bug')
        if (Buffer.from(body).toString() === 'bad') return { held: 'notJson' }
        return { held: undefined, body: Buffer.from('redacted'), manifest: { policy: 'p', version: 1, profile: 'safe-harbor', leaves: 1, changed: 1, kinds: {}, released: {}, prose: 0, entries: [] } }
      },
      use () { /* not here */ },
      close: async () => { /* nothing to close */ },
    },
    quarantine: {
      async hold (message) { if (breaks.hold === true) throw new Error('disk'); steps.push(`hold ${message.body.toString()}`) },
      list: async () => ({ messages: [], unreadable: 0 }),
      find: async () => undefined,
      remove: async () => { /* nothing there */ },
      measure: async () => ({ bytes: 0, count: 0 }),
    },
    delivery: {
      async send (message) { steps.push(`send ${message.body.toString()}`); return { is: 'delivered', answer: { status: 200, type: undefined, body: Buffer.alloc(0) } } },
      requireRoom () { if (breaks.room === true) throw deliveryReasons.fail('delivery.full', 'gateway') },
      async enqueue (message) { if (breaks.enqueue === true) throw deliveryReasons.fail('delivery.notStored', 'store'); steps.push(`enqueue ${message.body.toString()}`) },
      start: async () => { /* nothing waits */ },
      waiting: () => 0,
      oldestAt: () => undefined,
      close: async () => { /* nothing to close */ },
    },
    audit: {
      async record (event) { if (breaks.record === true) throw unavailable; steps.push(event.kind) },
      async recordEnding (event) { steps.push(event.kind) },
      note (event) { noted.push(event) },
    },
    destinations: new Map([['d', { mode, origin: 'https://hooks.vendor.example', purpose: 'reminders' }]]),
    mail: undefined,
    shield: undefined,
    proxy: undefined,
    maxQuarantineBytes: 1000,
  }
  const ask = async (body = '{}', token = 'right') => await accept({
    id: 'id1',
    address: '127.0.0.1',
    claim: { method: 'POST', target: '/d', headers: { 'x-token': [token], 'content-type': ['application/json'] }, fingerprint: undefined },
    readBody: async () => { steps.push('read'); return Buffer.from(body) },
  }, rooms)
  return { steps, noted, ask }
}

t.test('queue', async t => {
  const { steps, ask } = build()
  t.equal((await ask()).status, 202)
  t.same(steps, ['read', 'redact', 'message.released', 'enqueue redacted'])
})

t.test('pass', async t => {
  const { steps, noted, ask } = build({ mode: 'pass' })
  t.equal((await ask()).status, 200)
  t.same(steps, ['read', 'redact', 'message.released', 'send redacted'])
  t.same(noted.map(({ kind }) => kind), ['message.delivered'])
})

t.test('an unknown sender: nothing is read', async t => {
  const { steps, noted, ask } = build()
  await t.rejects(ask('{}', 'wrong'), { code: 'sender.wrong' })
  t.same(steps, [])
  t.match(noted, [{ kind: 'message.refused', decision: { reason: 'sender.wrong' }, facts: { destination: 'd' } }])
})

t.test('held: the message as it came, on record', async t => {
  const { steps, ask } = build()
  t.equal((await ask('bad')).status, 202)
  t.same(steps, ['read', 'redact', 'hold bad', 'message.quarantined'])
  t.equal((await build({ mode: 'pass' }).ask('bad')).status, 422)
})

t.test('without a record nothing leaves', async t => {
  for (const mode of ['queue', 'pass'] as const) {
    const { steps, ask } = build({ breaks: { record: true }, mode })
    await t.rejects(ask(), { code: 'audit.unavailable' })
    t.same(steps, ['read', 'redact'], mode)
  }
})

t.test('no room: refused before it is on record that something leaves', async t => {
  const { steps, ask } = build({ breaks: { room: true } })
  await t.rejects(ask(), { code: 'delivery.full' })
  t.same(steps, ['read'])
})

t.test('what could not be stored is on record as failed, and refused', async t => {
  const { steps, noted, ask } = build({ breaks: { enqueue: true } })
  await t.rejects(ask(), { code: 'delivery.notStored' })
  t.same(steps, ['read', 'redact', 'message.released'])
  t.same(noted.map(({ kind, outcome, decision }) => [kind, outcome?.reason ?? decision?.reason]), [['message.failed', 'delivery.notStored'], ['message.refused', 'delivery.notStored']])
})

t.test('what must be held and cannot be is refused', async t => {
  const { steps, ask } = build({ breaks: { hold: true } })
  await t.rejects(ask('bad'), { code: 'outbound.notHeld' })
  t.same(steps, ['read', 'redact'])
})

t.test('a bug: nothing leaves, and it is on record', async t => {
  const { steps, noted, ask } = build({ breaks: { redact: true } })
  await t.rejects(ask(), TypeError)
  t.same(steps, ['read', 'redact'])
  t.match(noted, [{ kind: 'message.refused', decision: { reason: 'outbound.bug' } }])
})
