// One language's texts: what a page says, with its values filled in. What a table leaves out is said in English, and marked as English for whoever reads it aloud.
import type { TextsFile } from './config.ts'
import { sameRefusals } from './english-refusals.ts'
import { english, placeholdersOf, type TextKey, type TextSections } from './english.ts'
import { html, Html, type HtmlValue } from './html.ts'

export interface Texts {
  /** BCP 47, as it stands in `lang`. */
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  /** For the page: escaped, and marked where it is in another language than the page. */
  say(key: TextKey, values?: Readonly<Record<string, HtmlValue>>): Html
  /** For a place that takes no markup: a title, an attribute, the idle script. */
  plain(key: TextKey): string
  /** What a refusal says; `publicText` is what its room wrote. */
  refusal(code: string, publicText: string): Html
  duration(ms: number): string
  /** `29.11.2026, 14:05 UTC` */
  moment(time: number): string
  clock(time: number): string
  size(bytes: number): string
  list(items: readonly Html[]): Html
}

export interface TextMistake {
  readonly path: readonly string[]
  /** A whole sentence. */
  readonly message: string
}

const englishSections: TextSections = english
const sectionNames = Object.keys(english)

function textOf (file: TextsFile, section: string, key: string): string | undefined {
  const texts = file[section]
  return typeof texts === 'object' && Object.hasOwn(texts, key) ? texts[key] : undefined
}

/** What the schema cannot say about a table that fits it. */
export function explainTexts (file: TextsFile): readonly TextMistake[] {
  const mistakes: TextMistake[] = []
  if (canonicalLanguage(file.language) === undefined) mistakes.push({ path: ['language'], message: 'language is no name of a language: write it as BCP 47 does, as de or pt-BR.' })
  const inSections = sectionNames.flatMap(section => Object.entries(englishSections[section] ?? {}).map(([key, text]) => [section, key, text] as const))
  const refusals = file['refusals']
  const inRefusals = typeof refusals === 'object' ? Object.keys(refusals).map(key => ['refusals', key, ''] as const) : []
  for (const [section, key, wanted] of [...inSections, ...inRefusals]) {
    const text = textOf(file, section, key)
    if (text === undefined) continue
    const path = [section, key]
    const [needed, given] = [placeholdersOf(wanted), placeholdersOf(text)]
    const missing = needed.filter(name => !given.includes(name))
    const unknown = given.filter(name => !needed.includes(name))
    if (missing.length > 0) mistakes.push({ path, message: `${path.join('.')} lacks ${braced(missing)}: write it where the value is to stand. In English: ${wanted}` })
    if (unknown.length > 0) mistakes.push({ path, message: `${path.join('.')} has ${braced(unknown)}, which nothing fills in. ${needed.length === 0 ? 'This text has no values.' : `There is ${braced(needed)}.`}` })
  }
  return mistakes
}

const braced = (names: readonly string[]) => names.map(name => `{${name}}`).join(', ')

/** What a table leaves out, `signedOut.idleText`; `refusals` are the codes that have a sentence of their own. */
export function missingTexts (file: TextsFile, refusals: readonly string[]): readonly string[] {
  const wanted = [...sectionNames.flatMap(section => Object.keys(englishSections[section] ?? {}).map(key => [section, key] as const)), ...refusals.map(code => ['refusals', code] as const)]
  return wanted.filter(([section, key]) => textOf(file, section, key) === undefined).map(parts => parts.join('.'))
}

/** `pt-BR` for `pt-br`; undefined when it is no name of a language. */
export function canonicalLanguage (language: string): string | undefined {
  try { return new Intl.Locale(language).toString() } catch { return undefined }
}

function directionOf (language: string): 'ltr' | 'rtl' {
  const { script } = new Intl.Locale(language).maximize()
  return ['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg'].includes(script ?? '') ? 'rtl' : 'ltr'
}

const units = [['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const

/** `file` fits the schema and has no mistakes. */
export function createTexts (file: TextsFile): Texts {
  const language = canonicalLanguage(file.language) ?? 'en'
  const direction = file.direction ?? directionOf(language)
  const mark = (text: Html) => language.split('-', 1)[0] === 'en' ? text : html`<span lang="en" dir="ltr">${text}</span>`
  const find = (key: TextKey) => {
    const [section = '', ...rest] = key.split('.')
    const name = rest.join('.')
    const own = textOf(file, section, name)
    return { own, text: own ?? englishSections[section]?.[name] ?? key }
  }
  const unit = (name: string, display: 'long' | 'short', value: number) => new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: display }).format(value)
  return {
    language,
    direction,
    say (key, values = {}) {
      const { own, text } = find(key)
      const filled = fill(text, values)
      return own === undefined ? mark(filled) : filled
    },
    plain: key => find(key).text,
    refusal (code, publicText) {
      const own = textOf(file, 'refusals', code) ?? textOf(file, 'refusals', Object.hasOwn(sameRefusals, code) ? sameRefusals[code] as string : code)
      return own === undefined ? mark(html`${publicText}`) : html`${own}`
    },
    duration (ms) {
      const [name, length] = units.find(([, size]) => ms >= size && ms % size === 0) ?? (['second', 1000] as const)
      return unit(name, 'long', Math.max(1, Math.round(ms / length)))
    },
    moment: time => `${new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(time)} UTC`,
    clock: time => new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(time),
    size: bytes => bytes < 1000 ? unit('byte', 'long', bytes) : unit('kilobyte', 'short', Math.ceil(bytes / 1000)),
    list: items => html`${new Intl.ListFormat(language).formatToParts(items.map((_, index) => String(index))).map(({ type, value }) => type === 'element' ? items[Number(value)] as Html : html`${value}`)}`,
  }
}

/** Values into their places, each as HTML; the text between them is escaped. */
function fill (text: string, values: Readonly<Record<string, HtmlValue>>): Html {
  const parts = text.split(/\{([A-Za-z]+)\}/)
  return html`${parts.map((part, index) => index % 2 === 0 ? html`${part}` : html`${Object.hasOwn(values, part) ? values[part] as HtmlValue : `{${part}}`}`)}`
}
