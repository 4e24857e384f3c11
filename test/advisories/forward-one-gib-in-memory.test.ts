// A proxy that holds bodies dies of one large file. 1 GiB up and 1 GiB down leave the process under 200 MiB.
import t from 'tap'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createTestAuthority } from '../support/certificates.ts'
import { startUpstream } from '../support/upstream.ts'

const size = 1024 ** 3
const limit = 200 * 1024 ** 2
const chunk = Buffer.alloc(256 * 1024, 'x')

/** Writes `size` bytes at the speed of the reader. */
async function pour (into: Writable): Promise<void> {
  for (let sent = 0; sent < size; sent += chunk.length) if (!into.write(chunk)) await once(into, 'drain')
  into.end()
}

async function count (from: IncomingMessage): Promise<number> {
  let bytes = 0
  from.on('data', (part: Buffer) => { bytes += part.length })
  await once(from, 'end')
  return bytes
}

// V8 lets 64 MiB of buffers that nobody holds any more pile up before it looks at them; a small young generation makes it look sooner.
const youngGeneration = '--max-semi-space-size=2'

t.test('1 GiB passes both ways under 200 MiB', { timeout: 110_000 }, async t => {
  const upstream = await startUpstream({ readBodies: false })
  upstream.answer((request, response) => {
    if (request.method === 'GET') void pour(response.writeHead(200, { 'content-length': size }))
    else void count(request).then(bytes => { response.end(String(bytes)) })
  })
  const authority = await createTestAuthority()
  const child = fork(fileURLToPath(new URL('../inbound/forward/memory-child.ts', import.meta.url)), [], { execArgv: [youngGeneration] })
  child.send({ upstream: upstream.url, ...await authority.issue({ names: ['localhost'] }) })
  t.teardown(async () => {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
    await upstream.close()
  })
  const [{ port }] = await once(child, 'message') as [{ port: number }]
  const options = { host: '127.0.0.1', port, servername: 'localhost', ca: authority.caPem, agent: false }

  const upload = requestHttps({ ...options, method: 'PUT', headers: { 'content-length': size } })
  await pour(upload)
  const [uploaded] = await once(upload, 'response') as [IncomingMessage]
  t.equal(String((await uploaded.toArray())[0]), String(size))

  const download = requestHttps({ ...options, method: 'GET' }).end()
  const [downloaded] = await once(download, 'response') as [IncomingMessage]
  t.equal(await count(downloaded), size)

  child.send('how much?')
  const [{ peakBytes }] = await once(child, 'message') as [{ peakBytes: number }]
  t.ok(peakBytes < limit, `the peak was ${Math.round(peakBytes / 1024 ** 2)} MiB`)
  t.comment(`peak resident memory ${Math.round(peakBytes / 1024 ** 2)} MiB`)
})
