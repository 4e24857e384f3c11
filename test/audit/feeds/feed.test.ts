// A live feed to a real TLS receiver: everything arrives, again after a break, in tokens unless asked otherwise, and a receiver that is away holds up nobody.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import t from 'tap'
import { openFeeds } from '../../../src/audit/audit.ts'
import type { FeedsConfig } from '../../../src/audit/feeds/feeds-config.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { admitted, completed, createTestLog, gateway, openTrail, until, type TestTrail } from '../../support/audit.ts'
import { createTestAuthority } from '../../support/certificates.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Receiver { readonly port: number, readonly messages: string[], readonly sockets: Set<TLSSocket>, readonly server: Server, stop (): Promise<void> }

const authority = await createTestAuthority()
const leaf = await authority.issue({ names: ['localhost'], addresses: ['127.0.0.1'] })

/** Reads frames of RFC 5425 strictly. */
async function startReceiver (port = 0, take: (message: string, socket: TLSSocket) => void = () => undefined): Promise<Receiver> {
  const messages: string[] = []
  const sockets = new Set<TLSSocket>()
  const server = createServer({ cert: leaf.certPem, key: leaf.keyPem }, socket => {
    sockets.add(socket)
    let waiting = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk])
      for (;;) {
        const blank = waiting.indexOf(0x20)
        const length = blank === -1 ? Number.NaN : Number(waiting.toString('latin1', 0, blank))
        if (blank !== -1 && !/^[1-9]\d*$/.test(waiting.toString('latin1', 0, blank))) throw new Error('not a frame')
        if (Number.isNaN(length) || waiting.length < blank + 1 + length) return
        const message = waiting.toString('utf8', blank + 1, blank + 1 + length)
        waiting = waiting.subarray(blank + 1 + length)
        messages.push(message)
        take(message, socket)
      }
    })
  })
  server.on('tlsClientError', () => undefined)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    sockets,
    server,
    async stop () {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

type Syslog = FeedsConfig[number]['syslog']

async function feed (test: TestTrail, port: number, more: Partial<Syslog> = {}) {
  const file = join(test.directory, '..', `${gateway}-authority.pem`)
  writeFileSync(file, authority.caPem)
  const log = createTestLog()
  const feeds = await openFeeds([{ syslog: { host: '127.0.0.1', port, authority: file, format: 'json', content: 'tokens', ...more } }], {
    directory: test.directory, key: test.key, gateway, host: 'crm.example', version: '0.1.0', clock: createSystemClock(), log,
  })
  return { feeds, log }
}

const textOf = (message: string) => message.slice(message.indexOf('] ') + 2)
const countsOf = (messages: readonly string[]) => messages.filter(message => message.includes(' request.admitted ')).map(message => (JSON.parse(textOf(message)) as { id: string }).id)

t.test('records arrive in order, without a value of a person or patient, and are confirmed at the end', async t => {
  const test = await openTrail(t)
  const receiver = await startReceiver()
  t.teardown(() => receiver.stop())
  const { feeds } = await feed(test, receiver.port)
  for (let n = 0; n < 50; n++) await test.trail.record(admitted(`request-${n}`, { what: { kind: 'read', method: 'GET', path: '/patients/4711', query: 'name=Invented', record: { type: 'patient', id: '4711', patient: '4711' } } }))
  test.trail.note(completed('request-0'))
  await until(() => receiver.messages.some(message => message.includes('request.completed')))
  t.same(countsOf(receiver.messages), Array.from({ length: 50 }, (_, n) => `request-${n}`))
  t.match(receiver.messages[1], /^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z crm\.example sallyport - request\.admitted \[origin software="Sallyport" swVersion="0\.1\.0"\]\[meta sequenceId="2"\] \{/)
  t.notMatch(receiver.messages.join('\n'), /4711|clinician@people|Example Clinician|203\.0\.113\.7|name=Invented/)
  t.match(JSON.parse(textOf(receiver.messages[1] ?? '')), { person: /^[\w-]{22}$/, patient: /^[\w-]{22}$/, facts: { addressToken: /^[\w-]{22}$/ } })
  await feeds.close()
  const again = await feed(test, receiver.port)
  const before = receiver.messages.length
  await test.trail.record(admitted('later'))
  await until(() => receiver.messages.length > before)
  t.same(countsOf(receiver.messages.slice(before)), ['later'], 'what was confirmed does not come again after a restart')
  await again.feeds.close()
})

t.test('a connection that breaks loses nothing: what was not confirmed comes again', async t => {
  const test = await openTrail(t)
  let hasCut = false
  const receiver = await startReceiver(0, (message, socket) => {
    if (hasCut || !message.includes('request-20')) return
    hasCut = true
    socket.destroy()
  })
  t.teardown(() => receiver.stop())
  const { feeds, log } = await feed(test, receiver.port)
  t.teardown(() => feeds.close())
  for (let n = 0; n < 60; n++) test.trail.note(admitted(`request-${n}`))
  await until(() => countsOf(receiver.messages).includes('request-59'))
  t.same([...new Set(countsOf(receiver.messages))], Array.from({ length: 60 }, (_, n) => `request-${n}`))
  t.ok(countsOf(receiver.messages).filter(id => id === 'request-3').length === 2, 'again from the last confirmed one')
  t.ok(hasCut)
  t.match(log.lines.map(line => line['msg']), ['audit.feedDown', 'audit.feedUp'])
})

t.test('a receiver that is down or not the right one keeps nobody waiting, and gets everything later', async t => {
  const test = await openTrail(t)
  const placeholder = await startReceiver()
  await placeholder.stop()
  const { feeds } = await feed(test, placeholder.port)
  t.teardown(() => feeds.close())
  await until(() => feeds.down() === 1)
  for (let n = 0; n < 20; n++) await test.trail.record(admitted(`request-${n}`))
  t.equal(test.trail.ready().ok, true)
  const receiver = await startReceiver(placeholder.port)
  t.teardown(() => receiver.stop())
  await until(() => countsOf(receiver.messages).length === 20)
  t.equal(feeds.down(), 0)
  const stranger = await feed(test, receiver.port, { authority: undefined as never })
  t.teardown(() => stranger.feeds.close())
  await until(() => stranger.feeds.down() === 1)
  t.match(stranger.log.lines, [{ msg: 'audit.feedDown', code: /CERT|SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY/ }])
})

t.test('sealed says nothing, clear says everything, in CEF and OCSF too', async t => {
  const test = await openTrail(t)
  const receiver = await startReceiver()
  t.teardown(() => receiver.stop())
  const forms = [{ content: 'sealed' }, { content: 'clear', format: 'cef' }, { content: 'clear', format: 'ocsf' }, { content: 'tokens', format: 'cef' }] as const
  const open = []
  for (const form of forms) open.push(await feed(test, receiver.port, form))
  await test.trail.record(admitted('one'))
  await until(() => receiver.messages.filter(message => message.includes(' request.admitted ')).length === forms.length)
  const texts = receiver.messages.filter(message => message.includes(' request.admitted ')).map(textOf)
  t.equal(texts.filter(text => /^\{"v":1,"n":\d+,"t":\d+,"k":"request\.admitted".*"seal":"[\w-]+"\}$/.test(text)).length, 1, 'the record as it lies in the spool')
  t.equal(texts.filter(text => text.startsWith('CEF:0|') && text.includes('request=/patients/4711')).length, 1)
  t.equal(texts.filter(text => text.includes('"class_uid":6004') && text.includes('"ip":"203.0.113.7"')).length, 1)
  t.equal(texts.filter(text => text.startsWith('CEF:0|') && text.includes('addressToken') && !text.includes('4711')).length, 1)
  for (const { feeds } of open) await feeds.close()
})
