// Documents of every shape as a browser shows them: straight from the CRM, and through the gateway.
import { chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { shapes, type Shape } from '../inbound/idle/shapes.ts'
import { launchOptions, serve } from './idle-place.ts'
import { startJourney } from './journey.ts'
import { startUpstream, type Answer } from './upstream.ts'

/** Those that a browser shows as pages. */
export const shown = shapes.filter(({ headers, status = 200 }) => ![204, 206, 302, 304].includes(status) && !/^(?:message|multipart)/.test(headers['content-type'] ?? '') && !/^attachment/i.test(headers['content-disposition'] ?? '') && headers['content-encoding'] === undefined)

/** Every node that the page is made of, one after the other, and how often the script is among them. */
function describe (page: Page) {
  return page.evaluate(() => {
    const scripts = [...document.querySelectorAll('script[data-idle]')]
    for (const script of scripts) script.remove()
    const nodes: string[] = []
    const walk = (node: Node, depth: number) => {
      const attributes = node instanceof Element ? [...node.attributes].map(({ name, value }) => `${name}=${JSON.stringify(value)}`).sort().join(' ') : ''
      nodes.push(`${' '.repeat(depth)}${node.nodeType} ${node.nodeName} ${attributes} ${JSON.stringify(node.nodeValue)}`)
      for (const child of node.childNodes) walk(child, depth + 1)
    }
    walk(document, 0)
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
        nodes,
      },
    }
  })
}

/** The script's own request is no part of the page. */
async function openPage (page: Page, url: string) {
  await page.goto(url, { waitUntil: 'load' })
  return describe(page)
}

/** Shows each of them on both ways. `pack`: as the CRM answers the gateway. */
export async function testShown (t: Test, pack: (shape: Shape) => Answer): Promise<void> {
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  const plain = ({ headers, body, status = 200 }: Shape): Answer => (_request, response) => { response.writeHead(status, headers).end(body) }
  crm.answer(serve({
    '/': '<!doctype html><title>CRM</title>', ...Object.fromEntries(shown.flatMap((shape, at) => [[`/plain/${at}`, plain(shape)], [`/${at}`, pack(shape)]])),
  }))
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url } } })
  const browser = await chromium.launch(launchOptions())
  t.teardown(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const [straight, through] = [await context.newPage(), await context.newPage()]
  await through.goto(`${journey.url}/`)
  await through.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
  await through.waitForURL(`${journey.url}/`)
  for (const [at, shape] of shown.entries()) {
    const [before, behind] = await Promise.all([openPage(straight, `${crm.url}/plain/${at}`), openPage(through, `${journey.url}/${at}`)])
    t.same(behind.page, before.page, shape.name)
    t.equal(behind.scripts, shape.isChanged ? 1 : 0, `${shape.name}: the script`)
  }
}
