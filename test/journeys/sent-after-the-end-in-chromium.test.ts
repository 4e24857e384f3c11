// The same in a real browser with a clock that is moved: a form that was sent too late is kept, offered without its values, and arrives at its own address; somebody else
// who signs in does not get it.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { chromiumRequirement, explainMissing, obtain } from '../../scripts/requirements.ts'
import { frontDesk, nurse, startJourney } from '../support/journey.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const minute = 60_000
const typed = 'Zyxwina Invented'

/** A CRM with one form under a strict policy of its own. */
async function startFormCrm (t: Test) {
  const posts: { readonly url: string, readonly body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString('latin1') })
    request.on('end', () => {
      response.setHeader('content-security-policy', "default-src 'none'; form-action 'self'")
      response.setHeader('content-type', 'text/html; charset=utf-8')
      if (request.method === 'POST') posts.push({ url: request.url ?? '', body })
      response.end(request.method === 'POST'
        ? '<!doctype html><title>Saved</title><h1>Saved</h1><a href="../list">next</a>'
        : '<!doctype html><title>Note</title><form method="post" action="/patients/7/notes" enctype="multipart/form-data"><input name="note"><input type="file" name="scan"><button>Save</button></form>')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posts }
}

async function start (t: Test) {
  const crm = await startFormCrm(t)
  // Without the script: the page is as it was when the laptop was closed, or in a browser that holds scripts back.
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url }; draft['session'] = { ...draft['session'], idleScript: false } } })
  const executablePath = obtain(chromiumRequirement)
  if (executablePath === undefined) throw new Error(explainMissing(chromiumRequirement))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--host-resolver-rules=MAP crm.clinic.test 127.0.0.1'] })
  t.teardown(() => browser.close())
  const page: Page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
  /** The IdP's page is written for whoever is next when it is opened: say it before. */
  const signIn = async () => {
    await page.waitForURL(/^http:\/\/127\.0\.0\.1/)
    await page.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
    await page.waitForURL(`${journey.url}/**`)
  }
  return { crm, journey, page, signIn }
}

async function findFaults (page: Page): Promise<readonly string[]> {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate((await import('node:fs')).readFileSync(axe, 'utf8'))
  const found = await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })") as { violations: { id: string, nodes: { html: string }[] }[] }
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
}

t.test('a form with a file, sent too late, arrives after the sign-in, at its own address, once', { timeout: 110_000 }, async t => {
  const { crm, journey, page, signIn } = await start(t)
  await page.goto(`${journey.url}/patients/7/notes/new`)
  await signIn()
  await page.fill('input[name=note]', typed)
  await page.setInputFiles('input[name=scan]', { name: 'scan.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255, 13, 10, 7]) })
  await journey.clock.advance(15 * minute)
  await page.getByRole('button', { name: 'Save' }).click()
  t.match(await page.locator('main', { hasText: 'Request number' }).innerText(), /kept for ten minutes/)
  t.same(await findFaults(page), [])
  await page.getByRole('link', { name: 'Sign in' }).click()
  await signIn()
  t.equal(page.url(), `${journey.url}/_sallyport/unsent`)
  const text = await page.locator('main').innerText()
  t.match(text, /POST \/patients\/7\/notes[\s\S]*note and scan\s+Files\s+1\s/)
  t.notMatch(await page.content(), new RegExp(`${typed}|scan\\.bin`))
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    t.same(await findFaults(page), [], colorScheme)
  }
  t.same(crm.posts, [])
  await page.getByRole('button', { name: 'Send it now' }).click()
  await page.getByRole('heading', { name: 'Saved' }).waitFor()
  t.equal(page.url(), `${journey.url}/patients/7/notes`)
  t.equal(crm.posts.length, 1)
  t.match(crm.posts[0]?.body, typed)
  t.ok(crm.posts[0]?.body.includes('\x00\xff\r\n\x07'), 'the file byte for byte')
  await page.reload().catch(() => undefined)
  await page.goBack().catch(() => null)
  await page.goto(`${journey.url}/_sallyport/unsent`)
  await page.getByRole('heading', { name: 'Nothing is waiting' }).waitFor()
  t.same(await findFaults(page), [])
  t.equal(crm.posts.length, 1, 'not by reloading either')
})

t.test('somebody else signs in: they get nothing, and nobody does any more', { timeout: 110_000 }, async t => {
  const { crm, journey, page, signIn } = await start(t)
  await page.goto(`${journey.url}/patients/7/notes/new`)
  await signIn()
  await page.fill('input[name=note]', typed)
  await journey.clock.advance(15 * minute)
  await page.getByRole('button', { name: 'Save' }).click()
  t.match(await page.locator('main', { hasText: 'Request number' }).innerText(), /kept for ten minutes/)
  t.same(await findFaults(page), [])
  journey.idp.person = frontDesk
  await page.getByRole('link', { name: 'Sign in' }).click()
  await signIn()
  t.notMatch(page.url(), 'unsent')
  await page.goto(`${journey.url}/_sallyport/unsent`)
  await page.getByRole('heading', { name: 'Nothing is waiting' }).waitFor()
  await journey.clock.advance(15 * minute)
  journey.idp.person = nurse
  await page.goto(`${journey.url}/patients/7/notes/new`)
  await signIn()
  await page.goto(`${journey.url}/_sallyport/unsent`)
  await page.getByRole('heading', { name: 'Nothing is waiting' }).waitFor()
  t.same(crm.posts, [])
})
