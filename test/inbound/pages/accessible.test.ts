// Every page of ours, held against WCAG 2.2 AA by axe-core in Chromium: light and dark, wide, on a phone, and enlarged to twice its size. Nothing is asked for from outside.
import t from 'tap'
import { openChromium, openStage } from '../../../scripts/screenshots/stage.ts'
import { look, open } from '../../support/axe.ts'

const browser = await openChromium()
t.teardown(() => browser.close())
const stage = await openStage({}, 'en')
t.teardown(() => stage.close())
const { names } = stage

t.test('every page, light', { timeout: 110_000 }, async t => {
  t.ok(names.length >= 24)
  await look(t, { browser, stage, names, view: { width: 1280, height: 720, scale: 1, colorScheme: 'light' } })
  t.same(stage.asked.filter(line => /favicon/.test(line)), [], 'not even an icon')
})

t.test('every page on a phone of 320 pixels, dark', { timeout: 110_000 }, async t => {
  await look(t, { browser, stage, names, view: { width: 320, height: 640, scale: 1, colorScheme: 'dark' } })
})

t.test('a window of 1280 pixels at 200 %, and letters of twice the size', { timeout: 110_000 }, async t => {
  await look(t, { browser, stage, names: ['unsent-two', 'refused-network', 'sign-out'], view: { width: 640, height: 360, scale: 2, colorScheme: 'light' } })
  const page = await browser.newPage({ viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 })
  for (const name of names) {
    await open(page, `${stage.url}/${name}`)
    t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name}: nothing to scroll sideways (WCAG 1.4.10)`)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} (WCAG 1.4.4)`)
    t.ok(await page.evaluate("[...document.querySelectorAll('main *')].every(each => getComputedStyle(each).display === 'inline' || each.scrollWidth <= each.clientWidth + 1)"), `${name}: nothing is cut off`)
  }
  await page.close()
})
