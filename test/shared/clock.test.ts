import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { createSystemClock } from '../../src/shared/clock.ts'

const clock = createSystemClock()

/** The clock's timers keep no process alive, so that the test itself must. */
function stayAlive (test: Test): void {
  const handle = setInterval(() => undefined, 1000)
  test.teardown(() => { clearInterval(handle) })
}

t.test('wall time in milliseconds', async t => {
  const before = Date.now()
  const now = clock.now()
  t.ok(now >= before && now <= Date.now())
})

t.test('after: once, not early', async t => {
  stayAlive(t)
  const began = performance.now()
  let fired = 0
  await new Promise<void>(resolve => { clock.after(20, () => { fired += 1; resolve() }) })
  t.ok(performance.now() - began >= 19)
  await new Promise<void>(resolve => { clock.after(45, resolve) })
  t.equal(fired, 1)
})

t.test('every: again and again, until it is cancelled', async t => {
  stayAlive(t)
  let fired = 0
  await new Promise<void>(resolve => {
    const timer = clock.every(1, () => {
      fired += 1
      if (fired < 3) return
      timer.cancel()
      timer.cancel()
      resolve()
    })
  })
  await new Promise<void>(resolve => { clock.after(10, resolve) })
  t.equal(fired, 3)
})

t.test('a cancelled timer never fires; cancelling again, or after it fired, does nothing', async t => {
  stayAlive(t)
  let fired = ''
  const early = clock.after(1, () => { fired += 'cancelled ' })
  early.cancel()
  early.cancel()
  const done = await new Promise<ReturnType<typeof clock.after>>(resolve => { const timer = clock.after(10, () => { fired += 'kept'; resolve(timer) }) })
  done.cancel()
  t.equal(fired, 'kept')
})

t.test('waiting timers keep no process alive', async t => {
  const source = new URL('../../src/shared/clock.ts', import.meta.url)
  const script = `const { createSystemClock } = await import(${JSON.stringify(source.href)}); const c = createSystemClock(); c.after(3600000, () => {}); c.every(3600000, () => {}); console.log('set')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill() })
  let said = ''
  child.stdout.on('data', piece => { said += String(piece) })
  const [code] = await once(child, 'close')
  t.equal(said.trim(), 'set')
  t.equal(code, 0)
})
