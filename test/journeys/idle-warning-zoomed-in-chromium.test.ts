// The warning for somebody who sees little: 400 % of zoom leaves 320 by 256 pixels of a usual screen (WCAG 2.2, 1.4.10), and colors may be the system's own.
import t from 'tap'
import { html, minute, openIdlePlace, patient, warning } from '../support/idle-place.ts'

const pages = { '/': html(`<h1>${patient}</h1><p>${'What stands in the chart. '.repeat(60)}</p>`) }
const button = { name: 'Stay signed in' } as const

for (const [name, size, media] of [
  ['400 % of zoom', { width: 320, height: 256 }, {}],
  ['200 % of zoom', { width: 640, height: 512 }, {}],
  ['a telephone on its side, dark, with little movement', { width: 568, height: 320 }, { colorScheme: 'dark', reducedMotion: 'reduce' }],
  ['the system\'s own colors', { width: 320, height: 256 }, { forcedColors: 'active' }],
] as const) {
  t.test(name, { timeout: 60_000 }, async t => {
    const place = await openIdlePlace(t, pages)
    const { page } = place
    await page.setViewportSize(size)
    await page.emulateMedia(media)
    await place.open('/')
    await place.advance(14 * minute + 30_000)
    await warning(page).waitFor()
    const seen = await page.evaluate(() => {
      const dialog = document.querySelector('dialog[open]') as HTMLElement
      const { left, top, right, bottom } = dialog.getBoundingClientRect()
      const inner = [...dialog.children].map(child => child.getBoundingClientRect())
      return {
        box: { left, top, right, bottom },
        isWide: dialog.scrollWidth > dialog.clientWidth,
        overlaps: inner.slice(1).filter((each, at) => each.top < (inner[at] as DOMRect).bottom - 1).length,
      }
    })
    t.ok(seen.box.left >= 0 && seen.box.top >= 0 && seen.box.right <= size.width && seen.box.bottom <= size.height, `the dialog is in sight: ${JSON.stringify(seen.box)}`)
    t.equal(seen.isWide, false, 'its text wraps')
    t.equal(seen.overlaps, 0, 'nothing lies over something else')
    const stay = page.getByRole('button', button)
    await stay.scrollIntoViewIfNeeded()
    const box = await stay.boundingBox()
    t.ok(box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height, `the button can be seen whole: ${JSON.stringify(box)}`)
    t.ok(box !== null && box.height >= 24 && box.width >= 24, 'and be hit (WCAG 2.2, 2.5.8)')
    t.equal(await stay.evaluate(each => each === document.activeElement), true, 'the keyboard is at it')
    await page.keyboard.press('Enter')
    await place.settle()
    await warning(page).waitFor({ state: 'detached', timeout: 8000 })
    t.ok((await page.content()).includes(patient))
  })
}
