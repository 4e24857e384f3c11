// Our pages in a real browser: no policy is violated, nothing else is asked for, and the forms arrive with and without scripts.
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { chromium, type Browser, type Page as BrowserPage } from 'playwright-core'
import { createPagesRoom, type Page } from '../../../src/inbound/pages/pages.ts'
import { chromiumRequirement, explainMissing, obtain } from '../../../scripts/requirements.ts'
import { createTestAuthority } from '../../../scripts/demo/certificates.ts'

const pages = createPagesRoom({ look: { name: 'Harbor Clinic' } }).speak(undefined)

interface Site { readonly url: string, readonly asked: string[], close(): Promise<void> }

async function serve (answer: (request: IncomingMessage, response: ServerResponse, body: string) => void, tls?: { certPem: string, keyPem: string }): Promise<Site> {
  const asked: string[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push(`${request.method} ${request.url} origin=${request.headers.origin ?? 'none'} ${body}`.trim())
    answer(request, response, body)
  }
  const listener = (request: IncomingMessage, response: ServerResponse) => { handle(request, response).catch(() => response.destroy()) }
  const server = tls === undefined ? createHttpServer(listener) : createServer({ cert: tls.certPem, key: tls.keyPem }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    asked,
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`,
    async close () { server.closeAllConnections(); server.close(); await once(server, 'close') },
  }
}

const send = (response: ServerResponse, page: Page) => { response.writeHead(page.status, page.headers).end(page.body) }

async function launch (): Promise<Browser> {
  const executablePath = obtain(chromiumRequirement)
  if (executablePath === undefined) throw new Error(explainMissing(chromiumRequirement))
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}

/** Everything that the browser complains about. */
function collectComplaints (page: BrowserPage): string[] {
  const complaints: string[] = []
  page.on('console', message => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text()) })
  page.on('pageerror', error => { complaints.push(error.message) })
  return complaints
}

t.test('every page is drawn as meant: no violation, no second request, no scrolling sideways on a phone', async t => {
  const all: Record<string, Page> = {
    '/refusal': pages.refusal({ status: 403, code: 'clientIp.notAllowed', publicText: 'Your address is not on the list. Use the clinic’s network.', requestId: 'AbC-_123defGHI45' }),
    '/idle': pages.signedOut('idle', true),
    '/sign-out': pages.confirmSignOut('Someone-With-A-Very-Long-Name-That-Does-Not-Break@harbor-clinic-north-west.example'),
  }
  const site = await serve((request, response) => { send(response, all[request.url ?? ''] ?? { status: 404, headers: {}, body: '' }) })
  const browser = await launch()
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 320, height: 640 }, colorScheme })
      const complaints = collectComplaints(page)
      for (const path of Object.keys(all)) {
        await page.goto(site.url + path)
        t.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, `${path} fits (WCAG 1.4.10)`)
        t.equal(await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth"), '544px', 'the style applies')
        t.equal(await page.evaluate('document.title !== "" && document.querySelectorAll("h1").length'), 1)
        for (const control of await page.locator('a, button').all()) t.ok(((await control.boundingBox())?.height ?? 0) >= 44, 'large enough for a finger (WCAG 2.5.8)')
      }
      t.same(complaints, [])
      await page.close()
    }
    t.same(site.asked.filter(line => !/^GET \/(refusal|idle|sign-out) /.test(line)), [], 'nothing else was asked for, not even an icon')
  } finally {
    await browser.close()
    await site.close()
  }
})

t.test('text and controls have enough contrast, light and dark (WCAG 1.4.3, 1.4.11)', async t => {
  const site = await serve((_request, response) => { send(response, pages.refusal({ status: 503, code: 'audit.unavailable', publicText: 'Try again in a moment.', requestId: 'AbC-_123defGHI45' })) })
  const browser = await launch()
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme })
      await page.goto(site.url)
      const pairs = await page.evaluate(`(() => {
        const style = name => getComputedStyle(document.querySelector(name))
        const card = style('main').backgroundColor
        return { text: [style('main p:not(.name)').color, card], name: [style('.name').color, card], label: [style('dt').color, card], button: [style('.key').color, style('.key').backgroundColor], focus: [style('.key').backgroundColor, card] }
      })()`) as Record<string, [string, string]>
      for (const [name, [one, other]] of Object.entries(pairs)) t.ok(contrast(one, other) >= 4.5, `${colorScheme} ${name}: ${contrast(one, other).toFixed(1)}`)
      await page.close()
    }
  } finally {
    await browser.close()
    await site.close()
  }
})

/** WCAG's contrast ratio of two `rgb(r, g, b)`. */
function contrast (one: string, other: string): number {
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map(Number).map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

t.test('the form to the IdP goes by itself, and by its button when scripts are off', async t => {
  const idp = await serve((_request, response) => { response.end('arrived') })
  const site = await serve((_request, response) => { send(response, pages.autoPost({ action: `${idp.url}/sso?tenant=1`, fields: { SAMLRequest: 'a+b=', submit: 'a field with the name of a method' } })) })
  const browser = await launch()
  try {
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ javaScriptEnabled })
      const page = await context.newPage()
      const complaints = collectComplaints(page)
      await page.goto(site.url)
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByText('arrived').waitFor()
      t.same(complaints, [])
      await context.close()
    }
    const posted = idp.asked.filter(line => line.startsWith('POST'))
    t.same(posted, Array(2).fill('POST /sso?tenant=1 origin=null SAMLRequest=a%2Bb%3D&submit=a+field+with+the+name+of+a+method'))
  } finally {
    await browser.close()
    await site.close()
    await idp.close()
  }
})

t.test('sign-out arrives with our origin, and the way on to the IdP is not cut by our own policy', async t => {
  const tls = await (await createTestAuthority()).issue({ names: ['localhost'] })
  const idp = await serve((_request, response) => { response.end('signed out at the IdP') }, tls)
  const site = await serve((request, response) => {
    if (request.method === 'POST') response.writeHead(303, { location: `${idp.url}/logout` }).end()
    else send(response, pages.confirmSignOut('Front Desk'))
  }, tls)
  const browser = await launch()
  try {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
    const complaints = collectComplaints(page)
    await page.goto(`${site.url}/_sallyport/sign-out`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // by keyboard alone
    await page.getByText('signed out at the IdP').waitFor()
    t.same(complaints, [])
    t.ok(site.asked.includes(`POST /_sallyport/sign-out origin=${site.url}`), 'a server that checks Origin lets it through')
  } finally {
    await browser.close()
    await site.close()
    await idp.close()
  }
})
