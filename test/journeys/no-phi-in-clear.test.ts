import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { createRedisClient } from '../../src/shared/redis.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { advanceWhile, startJourney, type Journey } from '../support/journey.ts'
import type { JourneyPerson } from '../support/journey-idp.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { sendRaw } from '../support/raw.ts'
import { startRedis } from '../support/redis.ts'
import { runCli } from '../cli/run-cli.ts'

// SSNs of areas that were never issued; names that nobody has.
const planted = ['000-12-3456', 'Zyxwina', 'Qwertzon', 'zyxwina.qwertzon@patient.example', '555-0177', '987-65-4321']

const person: JourneyPerson = { id: 'zyx-Zyxwina', name: 'Zyxwina Qwertzon', email: 'zyxwina.qwertzon@patient.example', groups: ['clinic-nurses', 'patient-987-65-4321'] }

function readFiles (directory: string): Array<{ readonly name: string, readonly bytes: Buffer }> {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name)).filter(name => statSync(name).isFile())
    .map(name => ({ name, bytes: readFileSync(name) }))
}

async function dumpRedis (url: string): Promise<Buffer> {
  const client = createRedisClient({ url }, { commandTimeoutMs: 2000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  const parts: Buffer[] = []
  for (const key of await client.call('KEYS', '*') as string[]) {
    parts.push(Buffer.from(key))
    const type = await client.call('TYPE', key)
    // The listing commands give the values as stored; DUMP compresses.
    const reply = type === 'stream' ? await client.callBuffer('XRANGE', key, '-', '+') : type === 'hash' ? await client.callBuffer('HGETALL', key) : type === 'string' ? await client.callBuffer('GET', key) : type === 'zset' ? await client.callBuffer('ZRANGE', key, 0, -1) : type === 'set' ? await client.callBuffer('SMEMBERS', key) : await client.callBuffer('LRANGE', key, 0, -1)
    parts.push(...flatten(reply))
  }
  client.close()
  return Buffer.concat(parts)
}

function flatten (reply: unknown): Buffer[] {
  if (Buffer.isBuffer(reply)) return [reply]
  if (Array.isArray(reply)) return reply.flatMap(flatten)
  return [Buffer.from(String(reply))]
}

function leaksIn (bytes: Buffer): string[] {
  const forms = (value: string) => [value, value.toLowerCase(), encodeURIComponent(value), Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1)]
  const text = bytes.toString('latin1')
  const lower = text.toLowerCase()
  return planted.filter(value => forms(value).some(form => text.includes(form) || lower.includes(form.toLowerCase())))
}

for (const store of ['embedded', 'redis'] as const) {
  t.test(`values planted everywhere a client can put one are in no log, metric, spool, session store or Redis, only in the decrypted trail (${store})`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const keys = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
    t.teardown(() => { rmSync(keys, { recursive: true, force: true }) })
    t.equal((await runCli(['keys', 'create', keys])).code, 0)
    const journey = await startJourney(t, {
      configure (draft) {
        draft['audit'] = {
          ...draft['audit'],
          redis: { url: redis.url },
          exportKey: { file: join(keys, 'export.key') },
          archive: { keyFile: join(keys, 'archive.key'), directory: './archive', segmentRecords: 100 },
          backup: { keyFile: join(keys, 'backup.key'), directory: './backups' },
        }
        if (store === 'redis') draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } }
      },
    })
    const browser = journey.browser()
    const [ssn, first, last, email, phone] = planted as [string, string, string, string, string]
    const landed = await journey.signIn(browser, { person, path: `/patients?q=${first}&ssn=${ssn}` })
    t.equal(landed.status, 200)
    const headers = { 'x-note': `${first} ${last}`, 'user-agent': `Agent ${ssn}`, referer: `https://x.example/${phone}`, cookie: `${browser.cookies('crm.clinic.test')}; note=${ssn}` }
    await browser.fetch(`${journey.url}/search/${encodeURIComponent(email)}?phone=${phone}`, { headers })
    await browser.fetch(`${journey.url}/api/patients/${ssn}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: `${first} ${last}`, ssn }) })
    await browser.fetch(`${journey.url}/api/files`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=b' }, body: `--b\r\nContent-Disposition: form-data; name="f"; filename="${first}-${ssn}.txt"\r\n\r\n${email}\r\n--b--\r\n` })
    await browser.fetch(`${journey.url}/x%2f${first}`)
    await journey.browser().fetch(`${journey.url}/${first}/${ssn}`)
    await sendRaw(journey, `GARBAGE ${ssn} ${first}\r\n\r\n`)
    await sendRaw(journey, `GET /${first} HTTP/1.1\r\nHost: ${last}.example\r\n\r\n`)
    await browser.ask(`${journey.url}/_sallyport/saml/acs`, { method: 'POST', body: `SAMLResponse=${Buffer.from(`<x>${ssn}</x>`).toString('base64')}&RelayState=${first}` })
    const socket = journey.webSocket(browser, { 'x-note': first })
    await once(socket, 'open')
    socket.send(`${first} ${ssn}`)
    await once(socket, 'message')
    socket.close()
    await once(socket, 'close')
    await redis.cut()
    await browser.fetch(`${journey.url}/api/leads?name=${last}`)
    await redis.restore()
    const metrics = await (await fetch(`${journey.healthUrl}/metrics`)).text()
    const ready = await (await fetch(`${journey.healthUrl}/ready`)).text()
    for (let tries = 0; tries < 100 && journey.gateway.rooms.audit.depth().unshipped > 0; tries += 1) {
      await journey.clock.advance(500)
      await new Promise(resolve => { setTimeout(resolve, 20) })
    }
    const events = JSON.stringify(await journey.trail())
    for (const value of [ssn, first, last, phone]) t.ok(events.includes(value), `${value} is readable in the decrypted trail`)
    t.same(leaksIn(Buffer.from(journey.log.join('\n'))), [], 'log')
    t.ok(journey.log.length > 3)
    t.same(leaksIn(Buffer.from(metrics + ready)), [], 'metrics and readiness')
    const files = readFiles(join(journey.directory, 'data'))
    t.ok(files.some(file => file.bytes.length > 1000))
    for (const file of files) t.same(leaksIn(file.bytes), [], file.name.slice(journey.directory.length))
    const names = readdirSync(journey.directory, { recursive: true, encoding: 'utf8' })
    t.ok(names.length > files.length)
    t.same(leaksIn(Buffer.from(names.join('\n'))), [], 'names of files and directories')
    const dump = await dumpRedis(redis.url)
    t.ok(dump.length > 2000)
    t.same(leaksIn(dump), [], 'Redis')
    await carryAway(t, journey)
  })
}

/** Archive, backup and verification of the same trail; and the export, which is the one place that may tell. */
async function carryAway (t: Test, journey: Journey): Promise<void> {
  const run = async (...args: string[]) => await runCli([...args, '--reason', 'the monthly look', '--config', journey.configFile])
  const told: string[] = []
  await advanceWhile(journey.gateway.close(), journey.clock)
  for (const command of [['audit', 'archive'], ['backup'], ['audit', 'verify', '--deep'], ['restore-drill'], ['audit', 'prune']]) {
    const { code, out, err } = await run(...command)
    t.equal(code, 0, `${command.join(' ')}: ${out}${err}`)
    told.push(out, err)
  }
  t.same(leaksIn(Buffer.from(told.join('\n'))), [], 'what the commands print')
  for (const directory of ['archive', 'backups', 'data']) {
    const files = readFiles(join(journey.directory, directory))
    t.ok(files.length > 0)
    for (const file of files) t.same(leaksIn(file.bytes), [], file.name.slice(journey.directory.length))
  }
  const target = join(journey.directory, 'export')
  t.equal((await run('audit', 'export', '--format', 'csv,jsonl', '--to-dir', target)).code, 0)
  const exported = Buffer.concat(readFiles(target).map(({ bytes }) => bytes))
  for (const value of planted.slice(0, 3)) t.ok(leaksIn(exported).includes(value), `${value} is readable in the export`)
}

t.test('a process that is killed in the middle of its work leaves nothing readable behind, and says nothing when it starts again', async t => {
  const place = await createProcessPlace(t)
  const [ssn, first, last] = planted as [string, string, string]
  const gateway = await startGatewayProcess(place.configFile)
  await place.browser.submit(await place.browser.open(`${place.url}/?name=${first}`))
  await place.browser.fetch(`${place.url}/api/leads?ssn=${ssn}`, { headers: { 'x-note': last } })
  const open = place.browser.fetch(`${place.url}/slow/${first}?ssn=${ssn}`).catch(() => undefined)
  const abort = place.browser.fetch(`${place.url}/events?name=${last}`).catch(() => undefined)
  await place.browser.fetch(`${place.url}/api/leads?name=${last}`)
  await gateway.kill()
  await Promise.all([open, abort])
  const again = await startGatewayProcess(place.configFile)
  await again.stop()
  t.same(leaksIn(Buffer.from([...gateway.log, ...again.log].join('\n'))), [], 'what it printed before and after')
  const files = readFiles(join(place.directory, 'data'))
  t.ok(files.some(file => file.name.endsWith('.audit')))
  for (const file of files) t.same(leaksIn(file.bytes), [], file.name.slice(place.directory.length))
})
