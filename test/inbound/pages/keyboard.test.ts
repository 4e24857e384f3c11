// Our pages and the warning of the idle script without a mouse, in Chromium: everything is reached, in the order in which it is read, and one sees where one is.
import type { Page } from 'playwright-core'
import t from 'tap'
import { openChromium, openStage } from '../../../scripts/screenshots/stage.ts'
import { contrastOf } from '../../../src/inbound/pages/brand.ts'
import { inspect, open } from '../../support/axe.ts'
import { readShipped } from '../../support/shipped-texts.ts'

const browser = await openChromium()
t.teardown(() => browser.close())

/** Behind the last one is the browser's own bar. */
const active = (page: Page) => page.evaluate("document.hasFocus() ? document.activeElement.tagName + ' ' + document.activeElement.textContent : 'the browser'") as Promise<string>
const outline = (page: Page) => page.evaluate("getComputedStyle(document.activeElement).outlineWidth + ' ' + getComputedStyle(document.activeElement).outlineStyle") as Promise<string>

const hex = (color: string) => `#${(color.match(/\d+/g) ?? []).slice(0, 3).map(value => Number(value).toString(16).padStart(2, '0')).join('')}`

async function contrast (page: Page, selector: string): Promise<number> {
  const [text, back] = await page.evaluate(`(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.querySelector('${selector}')))`) as [string, string]
  return contrastOf(hex(text), hex(back))
}

t.test('every link and button of every page is reached by Tab, and is seen to be', { timeout: 60_000 }, async t => {
  const stage = await openStage({ look: { contact: { text: 'IT service desk', address: 'https://help.clinic.example/' } } }, 'en')
  const page = await browser.newPage({ viewport: { width: 640, height: 360 } })
  try {
    for (const name of stage.names) {
      await open(page, `${stage.url}/${name}`)
      const all = await page.evaluate("[...document.querySelectorAll('a, button')].map(each => each.tagName + ' ' + each.textContent)") as string[]
      const reached: string[] = []
      for (let step = 0; step < all.length; step += 1) {
        await page.keyboard.press('Tab')
        reached.push(await active(page))
        t.equal(await outline(page), '3px solid', `${name}: ${reached.at(-1)}`)
        // In view (WCAG 2.4.11), but for a part of a pixel; the browser may take a moment to scroll there.
        while (!await page.evaluate('(({ top, bottom }) => top > -1 && bottom < innerHeight + 1)(document.activeElement.getBoundingClientRect())')) await page.waitForTimeout(20)
      }
      t.same(reached, all, name)
      t.ok(all.length > 0)
    }
  } finally {
    await page.close()
    await stage.close()
  }
})

const spanish = readShipped('es')

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`the warning, ${colorScheme}: the keyboard is in it and stays, WCAG has nothing to say, Escape stays signed in`, { timeout: 110_000 }, async t => {
    const stage = await openStage({ look: { accent: '#1d4e89' }, tables: [spanish] }, 'es-MX,es;q=0.9')
    const page = await browser.newPage({ viewport: { width: 320, height: 480 }, colorScheme })
    const complaints: string[] = []
    page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()) })
    try {
      await page.goto(`${stage.url}/warning?left=42000`)
      const dialog = page.getByRole('dialog', { name: 'Su sesión está a punto de cerrarse' })
      await dialog.waitFor()
      t.equal(await dialog.getAttribute('lang'), 'es')
      t.match(await dialog.innerText(), /Su sesión se cerrará en \d+ segundos\./)
      // axe-core cannot tell the contrast of what is above the page; it is reckoned below.
      t.same(await inspect(page).then(found => found.filter(each => !/^color-contrast: .*Unable to determine/s.test(each))), [])
      for (const name of ['p', 'button']) t.ok(await contrast(page, `dialog ${name}`) >= 4.5, `${name}: ${await contrast(page, `dialog ${name}`)}`)
      const box = await dialog.boundingBox()
      t.ok(box !== null && box.x >= 0 && box.x + box.width <= 320, 'it fits on a phone')
      for (let step = 0; step < 4; step += 1) {
        t.match(await active(page), /^(?:BUTTON Seguir en la sesión|the browser)$/, 'nothing of the page behind it')
        await page.keyboard.press('Tab')
      }
      const looks = await page.evaluate("(({ textTransform, letterSpacing, backgroundColor }) => ({ textTransform, letterSpacing, backgroundColor }))(getComputedStyle(document.querySelector('dialog button')))") as Record<string, string>
      t.match(looks, { textTransform: 'none', letterSpacing: 'normal' }, 'nothing of the page\'s own styles reaches in')
      if (colorScheme === 'light') t.equal(looks['backgroundColor'], 'rgb(29, 78, 137)', 'the brand\'s color')
      await page.locator('dialog button').focus()
      const told = page.waitForResponse(response => response.url().endsWith('/_sallyport/session') && response.request().method() === 'POST')
      await page.keyboard.press('Escape')
      await told
      await dialog.waitFor({ state: 'detached' })
      t.same(complaints, [], 'under a policy that allows no script but this')
      t.ok(stage.asked.every(line => /^(?:GET \/(?:warning|_sallyport\/idle-[0-9a-f]{16}\.js|_sallyport\/session)|POST \/_sallyport\/session)$/.test(line)), stage.asked.join(', '))
    } finally {
      await page.close()
      await stage.close()
    }
  })
}

t.test('the cover hides everything, and says why in the page\'s language', { timeout: 60_000 }, async t => {
  const stage = await openStage({ tables: [readShipped('de')] }, 'de')
  const page = await browser.newPage({ viewport: { width: 640, height: 360 } })
  try {
    await page.goto(`${stage.url}/warning?left=0`)
    await page.getByText('Einen Moment: Ist hier noch jemand angemeldet?').waitFor()
    const corners = await page.evaluate('[[1, 1], [innerWidth - 2, 1], [1, innerHeight - 2], [innerWidth - 2, innerHeight - 2]].map(([x, y]) => document.elementFromPoint(x, y).tagName)')
    t.same(corners, Array(4).fill('DIALOG'))
    const color = await page.evaluate("getComputedStyle(document.querySelector('dialog')).backgroundColor") as string
    t.match(color, /^rgb\(/, 'nothing shines through')
  } finally {
    await page.close()
    await stage.close()
  }
})
