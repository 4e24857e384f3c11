// What a person sees when it is not the CRM: plain HTML in their language, no outside request, no PHI; for programs, problem JSON (RFC 9457). It never decides anything.
import type { Colors } from './brand.ts'
import { chooseLanguage } from './choose-language.ts'
import type { TextsFile } from './config.ts'
import { createPages, type Pages } from './create-pages.ts'
import { createFrame, type Look, type Page } from './document.ts'
import { createProblem, type Refusal } from './problem.ts'
import { createTexts } from './texts.ts'
import type { Timeouts } from './wording.ts'

export { explainPagesConfig, listRefusals } from './explain-config.ts'
export { largestLogo, typeOfPicture, type Logo } from './brand.ts'
export { canonicalLanguage, explainTexts, missingTexts } from './texts.ts'
export type { Pages } from './create-pages.ts'
export type { Page } from './document.ts'
export type { Refusal } from './problem.ts'

/** What the idle script says, in one language; `{duration}` stands in `text` and `last`. */
export interface Warning {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly title: string
  readonly text: string
  /** Instead of `text`, where the absolute end is near. */
  readonly last: string
  readonly stay: string
  readonly cover: string
}

export interface PagesRoom {
  /** By what a browser says that its person reads: the field Accept-Language. */
  speak(acceptLanguage: string | undefined): Pages
  /** One of `warnings`. */
  languageOf(acceptLanguage: string | undefined): string
  /** For programs, always English. */
  problem(refusal: Refusal): Page
  /** For the idle script, by language. */
  readonly warnings: ReadonlyMap<string, Warning>
  readonly colors: { readonly light: Colors, readonly dark: Colors }
}

export interface PagesOptions {
  readonly look?: Look | undefined
  /** Tables of texts beside English; one of English takes the place of the built-in one. */
  readonly tables?: readonly TextsFile[] | undefined
  /** For a browser that asks for none of the languages. Default: en. */
  readonly language?: string | undefined
  readonly timeouts?: Timeouts | undefined
}

const usualTimeouts: Timeouts = { idleTimeoutMs: 15 * 60_000, absoluteTimeoutMs: 12 * 3_600_000 }
const builtIn = createTexts({ language: 'en' })

export function createPagesRoom ({ look = {}, tables = [], language = 'en', timeouts = usualTimeouts }: PagesOptions = {}): PagesRoom {
  const frame = createFrame(look)
  const spoken = new Map([builtIn, ...tables.map(createTexts)].map(texts => [texts.language, texts]))
  const pages = new Map([...spoken].map(([name, texts]) => [name, createPages(frame, texts, timeouts)]))
  const languageOf = (acceptLanguage: string | undefined) => chooseLanguage(acceptLanguage, [...spoken.keys()], language)
  return {
    languageOf,
    speak: acceptLanguage => pages.get(languageOf(acceptLanguage)) as Pages,
    problem: refusal => createProblem(refusal, builtIn),
    warnings: new Map([...spoken].map(([name, { plain, direction }]) =>
      [name, { language: name, direction, title: plain('warning.title'), text: plain('warning.text'), last: plain('warning.lastText'), stay: plain('actions.staySignedIn'), cover: plain('warning.cover') }])),
    colors: frame.palette,
  }
}
