// `npm run demo` as a person meets it: it comes up, people sign in, the trail is followed, a killed gateway comes back, and nothing stays behind.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { createBrowser, type Answer, type Browser } from '../support/browser.ts'

const program = join(import.meta.dirname, '..', '..', 'scripts', 'demo', 'demo.ts')

interface Demo {
  readonly child: ChildProcess
  /** Everything printed so far, both streams. */
  text(): string
  /** Waits until what is printed matches. Fails when the demo ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  end(signal: NodeJS.Signals): Promise<number | null>
}

function startDemo (t: Test, words: readonly string[]): Demo {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
  t.teardown(() => { if (child.exitCode === null) child.kill('SIGKILL') })
  const ended = once(child, 'close')
  let text = ''
  const waiting = new Set<() => void>()
  const hear = (chunk: Buffer) => { text += chunk.toString(); for (const look of waiting) look() }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('close', () => { for (const look of waiting) look() })
  return {
    child,
    text: () => text,
    until: pattern => new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text)
        if (found === null && child.exitCode === null) return
        waiting.delete(look)
        if (found === null) reject(new Error(`the demo ended before it printed ${pattern}:\n${text}`))
        else resolve(found)
      }
      waiting.add(look)
      look()
    }),
    async end (signal) {
      child.kill(signal)
      await ended
      return child.exitCode
    },
  }
}

async function openDemo (t: Test, words: readonly string[] = []) {
  const demo = startDemo(t, words)
  await demo.until(/The audit trail, live.*\n\n.*\n.*gateway\.started/)
  const [url = ''] = /https:\/\/localhost:\d+$/m.exec(demo.text()) ?? []
  const [authorityFile = ''] = /\S+\/tls\/ca\.pem$/m.exec(demo.text()) ?? []
  const [, gatewayPid = ''] = /kill -9 (\d+)/.exec(demo.text()) ?? []
  const ca = readFileSync(authorityFile, 'utf8')
  return { demo, url, ca, directory: dirname(dirname(authorityFile)), gatewayPid: Number(gatewayPid) }
}

/** Chooses the person at the identity provider, and presses the button of the form that brings the answer. */
async function signIn (browser: Browser, page: Answer, person: string): Promise<Answer> {
  return browser.submit(await browser.submit(page, { person, code: '123456' }))
}

t.test('a nurse signs in and opens a patient; each step is a line; Ctrl-C leaves nothing', { timeout: 90_000 }, async t => {
  const { demo, url, ca, directory, gatewayPid } = await openDemo(t)
  t.notMatch(demo.text(), '\u001B', 'no colour where it is not wanted')
  const nurse = createBrowser({ ca })
  const landed = await signIn(nurse, await nurse.open(`${url}/patients/p-1001`), 'nurse@harbor.example')
  t.equal(landed.status, 200)
  t.match(landed.body, 'Fern Exampleton')
  t.equal(landed.url, `${url}/patients/p-1001`, 'where the person wanted to go')
  await demo.until(/session\.began +nurse \(nurse\)/)
  await demo.until(/request\.admitted +nurse \(nurse\) +127\.0\.0\.1 +GET \/patients\/p-1001\n/)
  await demo.until(/request\.completed +nurse \(nurse\) +127\.0\.0\.1 +GET \/patients\/p-1001 → 200 · /)

  const stranger = createBrowser({ ca, from: '127.0.0.2' })
  t.equal((await stranger.open(`${url}/`)).status, 403)
  await demo.until(/request\.denied +– +127\.0\.0\.2 +GET \/ → clientIp\.notAllowed/)

  const visitor = createBrowser({ ca })
  const refused = await signIn(visitor, await visitor.open(`${url}/`), 'visitor@harbor.example')
  t.match(refused, { status: 403, body: /You have no role here yet/ })
  await demo.until(/session\.refused +visitor@harbor\.example .*access\.roleMissing/)

  t.equal(await demo.end('SIGINT'), 0)
  t.match(demo.text(), /gateway\.stopped/)
  t.match(demo.text(), `Everything is ended, and ${directory} is removed.`)
  t.notOk(existsSync(directory))
  t.throws(() => process.kill(gatewayPid, 0), { code: 'ESRCH' }, 'the gateway is gone')
})

t.test('the front desk may not hear recordings, and the poll is on record', { timeout: 90_000 }, async t => {
  const { demo, url, ca } = await openDemo(t, ['--idle', '30s'])
  t.match(demo.text(), 'leave the page alone for 30s')
  const desk = createBrowser({ ca })
  t.equal((await signIn(desk, await desk.open(`${url}/leads`), 'front-desk@harbor.example')).status, 200)
  t.match(await desk.open(`${url}/recordings`), { status: 403, body: /This is not open to you/ })
  await demo.until(/request\.denied +front-desk.* +GET \/recordings → access\.notAllowed/)
  t.equal((await desk.fetch(`${url}/api/notifications`)).status, 200)
  await demo.until(/request\.completed +front-desk.* +GET \/api\/notifications → 200/)
  t.equal(await demo.end('SIGTERM'), 0)
})

t.test('a killed gateway is started again, with the same trail and the same sessions', { timeout: 90_000 }, async t => {
  const { demo, url, ca, gatewayPid } = await openDemo(t)
  const nurse = createBrowser({ ca })
  await signIn(nurse, await nurse.open(`${url}/`), 'nurse@harbor.example')
  process.kill(gatewayPid, 'SIGKILL')
  const [, pid] = await demo.until(/the gateway was ended by SIGKILL and is back \(process (\d+)\)/)
  t.not(Number(pid), gatewayPid)
  t.match(await nurse.open(`${url}/patients/p-1002`), { status: 200, body: /Otto Sampleworth/ })
  await demo.until(/GET \/patients\/p-1002 → 200/)
  t.equal(await demo.end('SIGINT'), 0)
  t.notMatch(demo.text(), /damaged/)
})

t.test('what cannot work is said in one sentence, and nothing is started', { timeout: 60_000 }, async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  for (const [words, sentence] of [
    [['--port', String(port)], `Port ${port} is taken by another program. End that program, or choose another port with --port.\n`],
    [['--idle', 'later'], '--idle later is not a duration. Write it as 30s or 15m.\n'],
    [['--redis', 'redis://127.0.0.1:1/0'], 'Nothing answers at redis://127.0.0.1:1. Start a Redis there, or leave --redis out.\n'],
  ] as const) {
    const demo = startDemo(t, words)
    const [code] = await once(demo.child, 'close')
    t.equal(code, 2)
    t.equal(demo.text(), sentence)
  }
})

t.test('a demo that is killed leaves neither its gateway nor its secrets behind', { timeout: 60_000 }, async t => {
  const { demo, directory, gatewayPid } = await openDemo(t)
  await demo.end('SIGKILL')
  const isThere = () => { try { return process.kill(gatewayPid, 0) } catch { return false } }
  t.teardown(() => { if (isThere()) process.kill(gatewayPid, 'SIGKILL') })
  for (let tries = 0; tries < 400 && (isThere() || existsSync(directory)); tries += 1) await new Promise(resolve => { setTimeout(resolve, 25) })
  t.notOk(isThere(), 'the gateway ended')
  t.notOk(existsSync(directory), 'the directory is gone')
})

t.test('the usual port is taken: another one, and the demo says so', { timeout: 60_000 }, async t => {
  const other = createServer().listen(8443, '127.0.0.1')
  // Somebody else may have it already: then it is taken as well.
  await once(other, 'listening').catch(() => undefined)
  t.teardown(() => { other.close() })
  const { demo, url } = await openDemo(t)
  t.match(demo.text(), `Port 8443 is taken; the gateway listens on ${new URL(url).port}.`)
  await demo.end('SIGINT')
})
