// How the gateway's own pages look and which languages they speak: a section of the configuration, and the files of texts that it names.
import { FilePath, Optional, Section, Type, type Static } from '../../shared/schema.ts'
import { english, placeholdersOf, type TextSections } from './english.ts'
import { englishRefusals } from './english-refusals.ts'

const color = (description: string) => Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description })

export const PagesConfig = Section({
  name: Type.String({ minLength: 1, default: 'Sallyport', description: 'What people know this place as, on every page.' }),
  logo: Optional(FilePath({ description: 'A picture beside the name: SVG, PNG, JPEG or WebP of at most 32 KiB. It is put into the pages; nothing is asked for from outside.' })),
  logoDark: Optional(FilePath({ description: 'The picture for screens that are set to dark. Default: logo.' })),
  nameInLogo: Type.Boolean({ default: false, description: 'The logo shows the name, which is then not written beside it; screen readers still read it.' }),
  accent: Optional(color('The color of buttons and focus, as #1b5e50. Its contrast to white must be at least 4.5:1 (WCAG 2.2, 1.4.3).')),
  accentDark: Optional(color('The same for screens that are set to dark; its contrast to #182128 must be at least 4.5:1. Default: a lighter shade of accent.')),
  contact: Optional(Section({
    text: Type.String({ minLength: 1, description: 'Whom to ask, as people read it.' }),
    address: Optional(Type.String({ pattern: '^(?:mailto:|tel:|https://)[^\\s"<>]{1,500}$', description: 'Where the text leads. To a mailto: address the number of a refused request is added.' })),
  }, { description: 'Where people find help; a line on every page.' })),
  language: Type.String({ minLength: 2, default: 'en', description: 'What a browser gets that asks for none of the languages that are there.' }),
  texts: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Languages beside English: the names of tables that Sallyport has (de, es), or paths of files of your own, as ./texts/fr.yaml. See docs/pages.md.' }),
}, { default: {}, description: 'The gateway\'s own pages: brand and languages.' })
export type PagesConfig = Static<typeof PagesConfig>

/** The longest that a text may be; those of the warning travel with the idle script, which stays small. */
const longest = { page: 600, warning: 200 }

function sectionOf (texts: Readonly<Record<string, string>>, longestText: number) {
  return Optional(Section(Object.fromEntries(Object.entries(texts).map(([key, text]) =>
    [key, Optional(Type.String({ minLength: 1, maxLength: longestText, description: text }))])), { description: describeSection(texts) }))
}

function describeSection (texts: Readonly<Record<string, string>>): string {
  const names = [...new Set(Object.values(texts).flatMap(placeholdersOf))]
  return names.length === 0 ? 'Nothing is filled in.' : `Filled in: ${names.map(name => `{${name}}`).join(', ')}.`
}

/** The schema of a file of texts, where `refusals` are the sentences that refusals have in English, by code. */
export function createTextsSchema (refusals: Readonly<Record<string, string>>) {
  return Section({
    language: Type.String({ minLength: 2, description: 'The language as BCP 47 names it: de, pt-BR.' }),
    direction: Optional(Type.Union([Type.Literal('ltr'), Type.Literal('rtl')], { description: 'Which way it is written. Default: as the language is.' })),
    ...Object.fromEntries(Object.entries(english as TextSections).map(([name, texts]) => [name, sectionOf(texts, name === 'warning' ? longest.warning : longest.page)])),
    refusals: sectionOf(refusals, longest.page),
  }, { description: 'Texts of the gateway\'s own pages in one language. What is left out is shown in English.' })
}

export const TextsFile = createTextsSchema(englishRefusals)
export interface TextsFile {
  readonly language: string
  readonly direction?: 'ltr' | 'rtl'
  readonly [section: string]: string | Readonly<Record<string, string>> | undefined
}
