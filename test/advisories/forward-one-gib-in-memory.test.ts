// A proxy that holds bodies dies of one large file, and one that streams them leaves so many dead buffers that it looks as if it did. 1 GiB up and
// 1 GiB down leave the whole gateway, with every control on, under 200 MiB.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import t from 'tap'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { createProcessPlace } from '../support/process-place.ts'

const size = 1024 ** 3
const limitMib = 200
const chunk = Buffer.alloc(256 * 1024, 'x')

/** Resident memory in MiB: the most there was where the system keeps that (Linux), else what there is. */
function readMemory (pid: number): number {
  const status = `/proc/${pid}/status`
  const kib = existsSync(status) ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(status, 'utf8'))?.[1] : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(kib) / 1024
}

t.test('1 GiB passes both ways under 200 MiB', { timeout: 110_000 }, async t => {
  const place = await createProcessPlace(t)
  // The very first start of fresh sources strips their types, with a compiler that stays in memory; the image has that behind it.
  await (await startGatewayProcess(place.configFile)).stop()
  const gateway = await startGatewayProcess(place.configFile)
  const pid = gateway.child.pid as number
  await place.browser.submit(await place.browser.open(`${place.url}/leads`))
  const idle = readMemory(pid)

  const upload = request({ ...place.wire(), path: '/api/files', method: 'POST', headers: { ...place.wire().headers, 'content-type': 'application/octet-stream', 'content-length': size } })
  const answered = once(upload, 'response') as Promise<[IncomingMessage]>
  for (let sent = 0; sent < size; sent += chunk.length) if (!upload.write(chunk)) await once(upload, 'drain')
  upload.end()
  const [uploaded] = await answered
  t.match((await uploaded.toArray()).join(''), String(size), 'the CRM got all of it')
  const afterUpload = readMemory(pid)

  const [downloaded] = await once(request({ ...place.wire(), path: `/api/files/${size}` }).end(), 'response') as [IncomingMessage]
  let bytes = 0
  for await (const part of downloaded) bytes += (part as Buffer).length
  t.equal(bytes, size)
  const peak = readMemory(pid)
  t.ok(peak < limitMib, `the peak was ${Math.round(peak)} MiB`)
  t.comment(`resident memory: idle ${Math.round(idle)} MiB, after the upload ${Math.round(afterUpload)}, after both ${Math.round(peak)}`)
  t.equal(await gateway.stop(), 0)
})
