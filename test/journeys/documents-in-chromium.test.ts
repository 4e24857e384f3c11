// Documents of every shape in a real browser: behind the gateway each is the page that it is without it, and has the idle script exactly once.
import type { Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import t from 'tap'
import { shapes, type Shape } from '../inbound/idle/shapes.ts'
import { launchOptions, serve } from '../support/idle-place.ts'
import { startJourney } from '../support/journey.ts'
import { startUpstream, type Answer } from '../support/upstream.ts'

/** Those that a browser shows as pages. */
const shown = shapes.filter(({ headers, status = 200 }) => ![204, 206, 302, 304].includes(status) && !/^(?:message|multipart)/.test(headers['content-type'] ?? '') && !/^attachment/i.test(headers['content-disposition'] ?? '') && headers['content-encoding'] === undefined)

const answerOf = ({ headers, body, status = 200 }: Shape): Answer => (_request, response) => { response.writeHead(status, headers).end(body) }

/** Everything that the page is made of, and how often the script is in it. */
function describe (page: Page) {
  return page.evaluate(() => {
    const scripts = [...document.querySelectorAll('script[data-idle]')]
    for (const script of scripts) script.remove()
    const { doctype } = document
    return {
      scripts: scripts.length,
      page: {
        mode: document.compatMode,
        charset: document.characterSet,
        type: document.contentType,
        doctype: doctype === null ? 'none' : `${doctype.name} ${doctype.publicId} ${doctype.systemId}`,
        title: document.title,
        base: document.querySelector('base')?.href,
        content: new XMLSerializer().serializeToString(document),
      },
    }
  })
}

/** The script's own request is no part of the page. */
async function openPage (page: Page, url: string) {
  await page.goto(url, { waitUntil: 'load' })
  return describe(page)
}

t.test(`${shown.length} shapes of documents are the same pages`, { timeout: 110_000 }, async t => {
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  crm.answer(serve({ '/': '<!doctype html><title>CRM</title>', ...Object.fromEntries(shown.map((shape, at) => [`/${at}`, answerOf(shape)])) }))
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url } } })
  const browser = await chromium.launch(launchOptions())
  t.teardown(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const [straight, through] = [await context.newPage(), await context.newPage()]
  await through.goto(`${journey.url}/`)
  await through.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
  await through.waitForURL(`${journey.url}/`)
  for (const [at, shape] of shown.entries()) {
    const [before, behind] = await Promise.all([openPage(straight, `${crm.url}/${at}`), openPage(through, `${journey.url}/${at}`)])
    t.same(behind.page, before.page, shape.name)
    t.equal(behind.scripts, shape.isChanged ? 1 : 0, `${shape.name}: the script`)
  }
})
