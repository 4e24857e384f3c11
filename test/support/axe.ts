// Looks at pages of ours in Chromium as axe-core does: what it has to say, what the browser complains about, and what was asked for elsewhere.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import type { Stage } from '../../scripts/screenshots/stage.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** What axe-core has to say: nothing, and nothing that it could not decide either. */
export async function inspect (page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const options = { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } } }
  return page.evaluate(`axe.run(${JSON.stringify(options)}).then(({ violations, incomplete }) =>
    [...violations, ...incomplete].map(({ id, nodes }) => id + ': ' + nodes.map(node => node.html + ' ' + (node.failureSummary ?? '')).join('; ')))`)
}

/** The form to the IdP goes by itself, and the answer to it is none: the page stays, but is never done loading. */
export async function open (page: Page, url: string): Promise<void> {
  await page.goto(url, { waitUntil: 'commit' })
  await page.locator('main h1').waitFor()
}

export interface View { readonly width: number, readonly height: number, readonly scale: number, readonly colorScheme: 'light' | 'dark' }
export interface Looking { readonly browser: Browser, readonly stage: Stage, readonly view: View, readonly names: readonly string[] }

export async function look (t: Test, { browser, stage, view, names }: Looking): Promise<void> {
  const { width, height, scale, colorScheme } = view
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme })
  const page = await context.newPage()
  const complaints: string[] = []
  const elsewhere: string[] = []
  page.on('console', message => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text()) })
  page.on('pageerror', error => { complaints.push(error.message) })
  page.on('request', request => { if (!request.url().startsWith(stage.url) && !request.url().startsWith('data:')) elsewhere.push(request.url()) })
  for (const name of names) {
    await open(page, `${stage.url}/${name}`)
    t.same(await inspect(page), [], `${name} at ${width} ${colorScheme}`)
    t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} at ${width}: nothing to scroll sideways (WCAG 1.4.10)`)
  }
  t.same(complaints, [], 'no policy is violated')
  t.same(elsewhere, [], 'nothing is asked for from outside')
  await context.close()
}
