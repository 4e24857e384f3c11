// The demo in a real browser, as a person at work lives it: sign in, open a patient, be away, be asked to sign in again, land where one was.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { chromiumRequirement, explainMissing, obtain } from '../../scripts/requirements.ts'

const program = join(import.meta.dirname, '..', '..', 'scripts', 'demo', 'demo.ts')

/** Starts the demo with a short idle time (it is a process of its own: its clock cannot be moved) and waits for its address. */
async function startDemo (t: Test): Promise<{ readonly url: string, text(): string }> {
  const child = spawn(process.execPath, [program, '--idle', '12s'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
  t.teardown(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGINT')
    await once(child, 'exit')
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { text += chunk.toString() })
  while (!text.includes('The audit trail, live')) {
    if (child.exitCode !== null) throw new Error(`the demo ended:\n${text}`)
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  }
  return { url: /https:\/\/localhost:\d+$/m.exec(text)?.[0] ?? '', text: () => text }
}

async function openBrowser (t: Test): Promise<Page> {
  const executablePath = obtain(chromiumRequirement)
  if (executablePath === undefined) throw new Error(explainMissing(chromiumRequirement))
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  const browser = await chromium.launch({ executablePath, args, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  t.teardown(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  return context.newPage()
}

async function signIn (page: Page, person: string): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByLabel(new RegExp(person)).check()
  await page.getByRole('button', { name: 'Sign in' }).click()
}

t.test('signs in, opens a patient, is warned, stays, waits out the idle time while the page polls: covered, empty, signed out', { timeout: 110_000 }, async t => {
  const demo = await startDemo(t)
  const page = await openBrowser(t)
  await page.goto(demo.url)
  await signIn(page, 'Nurse Example')
  await page.getByRole('link', { name: 'Patients', exact: true }).first().click()
  await page.waitForURL(`${demo.url}/patients`)
  const first = page.locator('table a[href^="/patients/"]').first()
  const name = await first.innerText()
  await first.click()
  await page.waitForURL(/\/patients\/[^/]+$/)
  const patientUrl = page.url()
  t.match(await page.locator('h1').innerText(), name)
  const own = await page.evaluate(() => Object.keys(window).filter(key => /sallyport/i.test(key)))
  t.same(own, [], 'no names of its own in the page')
  // Nobody touches the page; its own poll goes on.
  const stay = page.getByRole('dialog', { name: 'You will be signed out' }).getByRole('button', { name: 'Stay signed in' })
  await stay.waitFor({ timeout: 15_000 })
  t.ok(await stay.evaluate(button => button === document.activeElement), 'the keyboard is at the button')
  t.match(await page.getByRole('status').last().innerText(), /You will be signed out in \d+ seconds\./)
  await page.keyboard.press('Enter')
  await stay.waitFor({ state: 'detached' })
  t.match(await page.locator('h1').innerText(), name, 'still there')
  await stay.waitFor({ timeout: 15_000 })
  await page.waitForURL(/\/_sallyport\/signed-out\?cause=idle$/, { timeout: 15_000 })
  t.notMatch(await page.content(), name)
  // The address of the page is still there, and nothing of it without a sign-in.
  await page.goto(patientUrl)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.notOk(page.url().startsWith(demo.url), 'the identity provider asks, though its own session is still alive')
  await signIn(page, 'Nurse Example')
  await page.waitForURL(patientUrl)
  t.match(await page.locator('h1').innerText(), name)
  const trail = demo.text()
  t.match(trail, /session\.ended.*idle/)
  t.notMatch(trail, /a record of the trail is damaged/)
})

t.test('a person without a role is told so; somebody else can sign in after; sign-out ends it', { timeout: 110_000 }, async t => {
  const demo = await startDemo(t)
  const page = await openBrowser(t)
  await page.goto(demo.url)
  await signIn(page, 'Visitor Example')
  await page.getByText('access.roleMissing').waitFor()
  await page.goto(demo.url)
  await signIn(page, 'Nurse Example')
  await page.waitForURL(`${demo.url}/`)
  await page.getByRole('link', { name: 'Patients', exact: true }).first().click()
  await page.waitForURL(`${demo.url}/patients`)
  const first = page.locator('table a[href^="/patients/"]').first()
  const name = await first.innerText()
  await first.click()
  await page.waitForURL(/\/patients\/[^/]+$/)
  await page.evaluate(() => { localStorage.setItem('draft', 'what a page left') })
  await page.goto(`${demo.url}/_sallyport/sign-out`)
  await page.getByRole('button', { name: /sign out/i }).click()
  await page.waitForURL(/signed-out/)
  t.equal(await page.evaluate(() => localStorage.getItem('draft')), null, 'what the CRM left in the browser is gone')
  for (let steps = 0; steps < 4; steps += 1) {
    await page.goBack({ waitUntil: 'load' }).catch(() => null)
    t.notOk((await page.content()).includes(name), `no patient ${steps + 1} steps back: ${page.url()}`)
  }
  await page.goto(`${demo.url}/leads`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.pass('after sign-out the next page asks for a sign-in')
})

t.test('two windows: work in one keeps both, and when it signs out the other is covered at once', { timeout: 110_000 }, async t => {
  const demo = await startDemo(t)
  const page = await openBrowser(t)
  await page.goto(demo.url)
  await signIn(page, 'Nurse Example')
  await page.waitForURL(`${demo.url}/`)
  await page.goto(`${demo.url}/patients`)
  const other = await page.context().newPage()
  await other.goto(`${demo.url}/patients`)
  const name = await other.locator('table a[href^="/patients/"]').first().innerText()
  // Longer than the idle time: nobody is warned while somebody types in one of them.
  const began = Date.now()
  while (Date.now() - began < 15_000) {
    await page.keyboard.press('Shift')
    await page.waitForTimeout(500)
  }
  for (const each of [page, other]) t.equal(await each.getByRole('button', { name: 'Stay signed in' }).count(), 0)
  t.ok((await other.content()).includes(name), 'the other one is as it was')
  await page.goto(`${demo.url}/_sallyport/sign-out`)
  await page.getByRole('button', { name: /sign out/i }).click()
  await page.waitForURL(/signed-out/)
  await other.waitForURL(/signed-out/, { timeout: 5000 })
  t.notOk((await other.content()).includes(name))
  t.notMatch(demo.text(), /session\.ended.*idle/)
})
