// The pages with a brand, in the languages that are shipped and in one that is written from right to left: WCAG 2.2 AA by axe-core on a phone, where long words hurt most.
import t from 'tap'
import { openChromium, openStage } from '../../../scripts/screenshots/stage.ts'
import type { PagesOptions } from '../../../src/inbound/pages/pages.ts'
import { look, open } from '../../support/axe.ts'
import { arabic, readShipped } from '../../support/shipped-texts.ts'

const branded: PagesOptions = { look: { name: 'Harbor Clinic', accent: '#1d4e89', contact: { text: 'IT service desk', address: 'tel:555-0100' } }, tables: [readShipped('de'), readShipped('es'), arabic] }
const browser = await openChromium()
t.teardown(() => browser.close())

for (const [language, direction] of [['de', 'ltr'], ['es', 'ltr'], ['ar', 'rtl']] as const) {
  t.test(`with a brand, in ${language}`, { timeout: 110_000 }, async t => {
    const stage = await openStage(branded, language)
    try {
      const names = language === 'ar' ? ['signed-out-idle', 'refused-role', 'unsent'] : stage.names.filter(name => language === 'de' || !name.startsWith('signed-out'))
      await look(t, { browser, stage, names, view: { width: 320, height: 640, scale: 1, colorScheme: language === 'es' ? 'dark' : 'light' } })
      const page = await browser.newPage()
      await open(page, `${stage.url}/signed-out-idle`)
      t.same(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]'), [language, direction])
      if (language === 'ar') {
        t.same(await page.evaluate("[...document.querySelectorAll('[lang]')].slice(1).map(each => [each.lang, each.dir])"), [['en', 'ltr'], ['en', 'ltr']], 'what is not translated is marked as English')
      }
      await page.close()
    } finally {
      await stage.close()
    }
  })
}
