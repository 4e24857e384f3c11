// Reads what the section `pages` names: tables of texts, those that come with Sallyport and the operator's own, and pictures. What is wrong is told with
// the lines of the file that it is in.
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TextsFile } from '../inbound/pages/config.ts'
import { canonicalLanguage, explainTexts, largestLogo, listRefusals, missingTexts, typeOfPicture, type Logo } from '../inbound/pages/pages.ts'
import { findClosestWord } from '../shared/closest-word.ts'
import { ConfigurationError, type Finding } from '../shared/errors.ts'
import type { Subject } from './document.ts'
import { loadTable } from './load-table.ts'
import { nameOf, printable, type Path, type Problem } from './problem.ts'
import { explainFileError } from './read-file.ts'
import { isPlainObject } from './schema-node.ts'

/** What `pages` names, read. */
export interface PageFiles {
  readonly tables: readonly TextsFile[]
  readonly logo?: Logo | undefined
  readonly logoDark?: Logo | undefined
}

export interface FoundPageFiles {
  readonly pageFiles: PageFiles
  /** Absolute; a change in one is a reason to load again. */
  readonly files: readonly string[]
  /** Of the configuration, which names them. */
  readonly problems: readonly Problem[]
  /** Of the tables themselves, with their files. */
  readonly findings: readonly Finding[]
  /** Texts that are shown in English. */
  readonly warnings: readonly Finding[]
}

/** Beside the sources, wherever the process runs. */
const ownDirectory = join(import.meta.dirname, '../../config/texts')
const subject: Subject = { name: 'The table of texts', begin: 'begin with a copy of config/texts/en.yaml.', part: 'text' }
const mostNamed = 5

export function listTables (): readonly string[] {
  return readdirSync(ownDirectory).filter(name => name.endsWith('.yaml')).map(name => name.slice(0, -'.yaml'.length)).sort()
}

interface Table { readonly file: string, readonly path: Path, readonly texts: TextsFile }

/** `section` is what the configuration says, checked or not. Throws nothing but bugs: what is wrong is in the answer. */
export async function findPageFiles (section: unknown, directory: string): Promise<FoundPageFiles> {
  const given = isPlainObject(section) ? section : {}
  const problems: Problem[] = []
  const findings: Finding[] = []
  const files: string[] = []
  const tables: Table[] = []
  for (const [index, text] of (Array.isArray(given['texts']) ? given['texts'] as readonly unknown[] : []).entries()) {
    if (typeof text !== 'string' || text === '') continue
    const path = ['pages', 'texts', index]
    const isName = /^[A-Za-z0-9_-]+$/.test(text)
    if (isName && !listTables().includes(text)) {
      problems.push({ path, at: 'value', message: explainName(text, path) })
      continue
    }
    const file = isName ? join(ownDirectory, `${text}.yaml`) : resolve(directory, text)
    files.push(file)
    try {
      tables.push({ file, path, texts: await readTable(file) })
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      findings.push(...error.findings)
      problems.push({ path, at: 'value', message: `${nameOf(path)} is ${printable(text)}: it cannot be used, for the reasons given with its own lines.` })
    }
  }
  problems.push(...explainLanguages(tables, { language: given['language'], areAllRead: findings.length + problems.length === 0 }))
  const logo = await readLogo(given['logo'], ['pages', 'logo'], directory)
  const logoDark = await readLogo(given['logoDark'], ['pages', 'logoDark'], directory)
  problems.push(...logo.problems, ...logoDark.problems)
  const pictures = { ...(logo.logo === undefined ? {} : { logo: logo.logo }), ...(logoDark.logo === undefined ? {} : { logoDark: logoDark.logo }) }
  const pageFiles = { tables: tables.map(({ texts }) => texts), ...pictures }
  return { pageFiles, files, problems, findings, warnings: tables.flatMap(warnOfMissing) }
}

async function readTable (file: string): Promise<TextsFile> {
  return loadTable<TextsFile, TextsFile>(file, TextsFile as object, {
    subject,
    compile: texts => ({ made: texts, problems: explainTexts(texts).map(({ path, message }) => ({ path, at: 'value' as const, message })) }),
  })
}

function explainName (name: string, path: Path): string {
  const known = listTables()
  const close = findClosestWord(name, known)
  return `${nameOf(path)} is ${printable(name)}: there is no such table of texts.${close === undefined ? '' : ` Did you mean ${close}?`} There are ${known.join(', ')}; for a file of your own write its path, as ./texts/${name}.yaml.`
}

/** One table a language, and the usual language among them. */
function explainLanguages (tables: readonly Table[], { language, areAllRead }: { readonly language: unknown, readonly areAllRead: boolean }): readonly Problem[] {
  const seen = new Map<string | undefined, Table>()
  const twice = tables.flatMap((table): readonly Problem[] => {
    const name = canonicalLanguage(table.texts.language)
    const other = seen.get(name)
    seen.set(name, other ?? table)
    return other === undefined ? [] : [{ path: table.path, at: 'value', message: `${nameOf(table.path)} is in ${name}, as ${nameOf(other.path)} is: keep one of them.` }]
  })
  const there = ['en', ...tables.flatMap(({ texts }) => canonicalLanguage(texts.language) ?? [])]
  if (typeof language !== 'string' || !areAllRead || there.includes(language)) return twice
  const path = ['pages', 'language']
  return [...twice, { path, at: 'value', message: `pages.language is ${printable(language)}, and no table in pages.texts is in it. There is ${[...new Set(there)].join(', ')}.` }]
}

function warnOfMissing ({ file, texts }: Table): readonly Finding[] {
  const isEnglish = canonicalLanguage(texts.language)?.split('-', 1)[0] === 'en'
  const missing = isEnglish ? [] : missingTexts(texts, listRefusals())
  if (missing.length === 0) return []
  const named = `${missing.slice(0, mostNamed).join(', ')}${missing.length > mostNamed ? `, and ${missing.length - mostNamed} more` : ''}`
  return [{ file, line: 1, column: 1, path: '', message: `The table of texts lacks ${named}: pages show ${missing.length === 1 ? 'it' : 'them'} in English. They stand in config/texts/en.yaml.` }]
}

async function readLogo (name: unknown, path: Path, directory: string): Promise<{ readonly logo?: Logo, readonly problems: readonly Problem[] }> {
  if (typeof name !== 'string' || name === '') return { problems: [] }
  const refuse = (text: string) => ({ problems: [{ path, at: 'value' as const, message: `${nameOf(path)} ${text}` }] })
  let bytes: Buffer
  try {
    bytes = await readFile(resolve(directory, name))
  } catch (error) {
    return refuse(explainFileError(error))
  }
  if (bytes.length > largestLogo) return refuse(`has ${Math.ceil(bytes.length / 1024)} KiB, and the most is ${largestLogo / 1024} KiB, because it is in every page: save it smaller. It is shown 40 pixels high.`)
  const type = typeOfPicture(bytes)
  return type === undefined ? refuse('is no picture that a page can show: save it as SVG, PNG, JPEG or WebP.') : { logo: { type, base64: bytes.toString('base64') }, problems: [] }
}
