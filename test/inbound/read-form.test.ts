import { once } from 'node:events'
import { createServer as createHttp1, request, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2, type ClientHttp2Stream, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import type { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { createFormReader, leaveRest } from '../../src/inbound/read-form.ts'
import { Denial, Failure } from '../../src/shared/errors.ts'
import { createMovableClock } from '../support/clock.ts'

/** The reader behind a real server of either protocol; answers with the form or with the code of its refusal. */
async function startReader (t: Test, protocol: 1 | 2, mostBytes?: number) {
  const clock = createMovableClock()
  const read = createFormReader({ clock, ...(mostBytes === undefined ? {} : { mostBytes }) })
  const outcomes: string[] = []
  let arrived = 0
  const handle = async (message: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
    arrived += 1
    const outcome = await read(message).catch((error: unknown) => {
      if (error instanceof Denial) return error.code
      if (error instanceof Failure) return `${error.code} by the ${error.source}`
      throw error
    })
    outcomes.push(outcome)
    if (leaveRest(message)) response.setHeader('connection', 'close')
    response.end(Buffer.from(outcome, 'latin1'))
  }
  const server: Server = protocol === 1 ? createHttp1(handle) : createHttp2(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const until = async (reached: () => boolean) => { while (!reached()) await new Promise(resolve => { setTimeout(resolve, 2) }) }
  const hasOutcome = async (count: number) => until(() => outcomes.length >= count)
  t.teardown(() => { server.close() })
  return { clock, outcomes, port, hasArrived: async (count: number) => until(() => arrived >= count), hasOutcome }
}

interface Posted {
  readonly body: ClientRequest | ClientHttp2Stream
  /** The answer's text, once it is whole. */
  readonly answer: Promise<string>
  /** Resolves when nothing can be sent any more. */
  readonly closed: Promise<unknown>
}

function createPoster (t: Test, protocol: 1 | 2, port: number): (headers?: Record<string, string | number>) => Posted {
  // Not by iteration: that wants the sending side to have ended as well.
  const collect = (source: Readable) => new Promise<string>(resolve => {
    let received = ''
    source.on('data', (chunk: Buffer) => { received += chunk.toString('latin1') }).once('end', () => { resolve(received) })
  })
  if (protocol === 2) {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    t.teardown(() => { session.destroy() })
    return (headers = {}) => {
      const body = session.request({ ':method': 'POST', ...headers })
      body.on('error', () => undefined)
      return { body, answer: collect(body), closed: new Promise(resolve => { body.once('close', resolve) }) }
    }
  }
  return (headers = {}) => {
    const body = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers })
    body.on('error', () => undefined)
    t.teardown(() => { body.destroy() })
    const answer = once(body, 'response').then(([message]) => collect(message as IncomingMessage))
    answer.catch(() => undefined)
    return { body, answer, closed: new Promise(resolve => { body.once('close', resolve) }) }
  }
}

for (const protocol of [1, 2] as const) {
  t.test(`a form over HTTP/${protocol}`, async t => {
    await t.test('is read whole, byte for byte, however it is cut', async t => {
      const { port } = await startReader(t, protocol)
      const post = createPoster(t, protocol, port)
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256))
      const { body, answer } = post()
      for (let at = 0; at < bytes.length; at += 333) body.write(bytes.subarray(at, at + 333))
      body.end()
      t.equal(await answer, bytes.toString('latin1'))
      const empty = post()
      empty.body.end()
      t.equal(await empty.answer, '')
    })

    await t.test('that says it is too large is refused before it is read, and what follows is cut off', async t => {
      const { port } = await startReader(t, protocol)
      const { answer, closed, body } = createPoster(t, protocol, port)({ 'content-length': 512 * 1024 + 1 })
      body.write('a')
      t.equal(await answer, 'inbound.formTooLarge')
      await closed
    })

    await t.test('that does not say how large it is is refused when it is too large', async t => {
      const { port } = await startReader(t, protocol)
      const { answer, closed, body } = createPoster(t, protocol, port)()
      for (let index = 0; index <= 32; index += 1) body.write(Buffer.alloc(16 * 1024))
      t.equal(await answer, 'inbound.formTooLarge')
      await closed
    })

    await t.test('that stalls or trickles is over after fifteen seconds, and its connection or stream is not kept', async t => {
      const { port, clock, hasArrived, outcomes } = await startReader(t, protocol)
      const { answer, closed, body } = createPoster(t, protocol, port)()
      body.write('SAMLResponse=')
      await hasArrived(1)
      await clock.advance(14_999)
      t.same(outcomes, [])
      await clock.advance(1)
      t.equal(await answer, 'inbound.formTimeout')
      await closed
    })

    await t.test('that breaks off is the client\'s doing, not a bug, and not a shorter form', async t => {
      const { port, hasArrived, hasOutcome, outcomes } = await startReader(t, protocol)
      const { body } = createPoster(t, protocol, port)()
      body.write('RelayState=')
      await hasArrived(1)
      body.destroy()
      await hasOutcome(1)
      t.same(outcomes, ['inbound.clientGone by the client'])
    })

    await t.test('shares its memory with the others: beyond it they are refused, and every end gives it back', async t => {
      const { port, clock, hasOutcome, outcomes } = await startReader(t, protocol, 64 * 1024)
      const post = createPoster(t, protocol, port)
      /** Whether a form of 60 KB, which needs all there is, is read. */
      const fits = async () => {
        const { body, answer } = post()
        body.end(Buffer.alloc(60_000, 0x61))
        return (await answer).length === 60_000
      }
      t.equal(await fits(), true)
      for (const end of ['whole', 'gone', 'too slow', 'too large']) {
        const before = outcomes.length
        const first = post()
        first.body.write(Buffer.alloc(40_000))
        const held = await waitUntilHeld(post)
        t.match(held, 'inbound.tooBusy', `${end}: the second does not fit beside the first`)
        const refused = outcomes.length - before
        if (end === 'whole') first.body.end()
        if (end === 'gone') first.body.destroy()
        if (end === 'too slow') await clock.advance(15_000)
        if (end === 'too large') first.body.write(Buffer.alloc(500_000))
        await hasOutcome(before + refused + 1)
        t.equal(await fits(), true, `${end}: there is room again`)
      }
    })
  })
}

/** Posts until the first form's bytes have arrived and count. */
async function waitUntilHeld (post: () => Posted): Promise<string> {
  for (let tries = 0; tries < 500; tries += 1) {
    const { body, answer } = post()
    body.end(Buffer.alloc(40_000, 0x61))
    const said = await answer
    if (said.startsWith('inbound.')) return said
  }
  return 'never held'
}
