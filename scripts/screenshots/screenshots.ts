// `npm run screenshots`: draws the gateway's own pages into docs/pages/, as docs/pages.md shows them. Run it after a change of texts or looks, and look at each.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Browser } from 'playwright-core'
import type { TextsFile } from '../../src/inbound/pages/config.ts'
import type { PagesOptions } from '../../src/inbound/pages/pages.ts'
import { openChromium, openStage } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const target = join(root, 'docs/pages')
const table = (name: string) => parse(readFileSync(join(root, `config/texts/${name}.yaml`), 'utf8')) as TextsFile

const logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="20" fill="#1d4e89"/><path d="M6 24q7-6 14 0t14 0v3q-7 6-14 0t-14 0zM18 8h4v4h4v4h-4v4h-4v-4h-4v-4h4z" fill="#fff"/></svg>'
const contact = { text: 'IT service desk, 555-0100', address: 'mailto:help@harbor-clinic.example' }
const branded: PagesOptions = {
  look: { name: 'Harbor Clinic', accent: '#1d4e89', contact, logo: { type: 'image/svg+xml', base64: Buffer.from(logo).toString('base64') } },
  tables: [table('de'), table('es')],
}

interface Shot {
  /** Of the page in the gallery; `warning` and `cover` are the idle script's. */
  readonly page: string
  readonly file?: string
  readonly language?: string
  readonly options?: PagesOptions
  readonly dark?: boolean
  readonly width?: number
}

const plain = [
  'sign-in', 'one-moment', 'sign-out', 'signed-out-idle', 'signed-out-absolute', 'signed-out-signed-out', 'signed-out-revoked', 'signed-out-replaced', 'refused-network', 'refused-role', 'unavailable', 'kept', 'unsent',
  'warning', 'cover',
]
const shots: readonly Shot[] = [
  ...plain.map(page => ({ page })),
  { page: 'signed-out-idle', file: 'signed-out-idle-dark', dark: true },
  { page: 'warning', file: 'warning-dark', dark: true },
  { page: 'refused-role', file: 'refused-role-phone', width: 320 },
  { page: 'refused-network', file: 'branded', options: branded },
  { page: 'refused-network', file: 'branded-dark-german', options: branded, dark: true, language: 'de' },
  { page: 'warning', file: 'warning-branded-spanish', options: branded, language: 'es' },
]

async function draw (shot: Shot, browser: Browser): Promise<void> {
  const { page: name, file = name, language = 'en', options = {}, dark = false, width = 680 } = shot
  const stage = await openStage(options, language)
  const isScript = name === 'warning' || name === 'cover'
  // The form to the IdP would be gone before anybody has looked.
  const page = await browser.newPage({ viewport: { width, height: 420 }, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: isScript })
  await page.goto(isScript ? `${stage.url}/warning?left=${name === 'cover' ? 0 : 42_000}` : `${stage.url}/${name}`)
  if (isScript) await page.locator('dialog').waitFor()
  await page.screenshot({ path: join(target, `${file}.png`), fullPage: true })
  await page.close()
  await stage.close()
  process.stdout.write(`docs/pages/${file}.png\n`)
}

mkdirSync(target, { recursive: true })
const browser = await openChromium()
try {
  for (const shot of shots) await draw(shot, browser)
} finally {
  await browser.close()
}
