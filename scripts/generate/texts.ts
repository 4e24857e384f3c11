// Writes what the tables of texts are made and checked by: the sentences of refusals for the pages, the editor's schema, and the English table to begin a translation with.
import { stringify } from 'yaml'
import { createTextsSchema } from '../../src/inbound/pages/config.ts'
import { english } from '../../src/inbound/pages/english.ts'
import type { RoomReasons } from './reasons.ts'

/** Nobody is there to read a page after 499. */
const hasReader = (status: number) => status !== 499

/** Each sentence once, under the first code that says it: `[code, sentence, further codes]`. */
function listSentences (rooms: readonly RoomReasons[]): readonly (readonly [code: string, sentence: string, others: readonly string[]])[] {
  const reasons = rooms.filter(({ file }) => /^src\/(?:inbound|audit)\//.test(file)).flatMap(({ table }) => Object.entries(table)).filter(([, { status }]) => hasReader(status))
  const codesBySentence = Map.groupBy(reasons, ([, { publicText }]) => publicText)
  return [...codesBySentence].map(([sentence, rows]) => {
    const [first = '', ...others] = rows.map(([code]) => code)
    return [first, sentence, others]
  })
}

const sentencesOf = (rooms: readonly RoomReasons[]) => Object.fromEntries(listSentences(rooms).map(([code, sentence]) => [code, sentence]))

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'')}'`

export function writeEnglishRefusals (rooms: readonly RoomReasons[]): string {
  const rows = listSentences(rooms)
  return [
    '// Generated from the `reasons.ts` of each room (`npm run generate`): what a person reads about a refusal, in English. A sentence stands under the first code that says it.',
    '',
    'export const englishRefusals: Readonly<Record<string, string>> = {',
    ...rows.map(([code, sentence]) => `  ${quote(code)}: ${quote(sentence)},`),
    '}',
    '',
    '/** Codes that say what another one says. */',
    'export const sameRefusals: Readonly<Record<string, string>> = {',
    ...rows.flatMap(([code, , others]) => others.map(other => `  ${quote(other)}: ${quote(code)},`)),
    '}',
    '',
  ].join('\n')
}

export function createTextsSchemaDocument (rooms: readonly RoomReasons[]): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Sallyport texts', ...createTextsSchema(sentencesOf(rooms)) }
}

export function writeEnglishTable (rooms: readonly RoomReasons[]): string {
  return [
    '# yaml-language-server: $schema=../texts.schema.json',
    '# The texts of the gateway\'s own pages, as they are built in. Generated: npm run generate. A translation begins with a copy of this file; see docs/pages.md.',
    '# What stands in braces is filled in and has to stay. A text that is left out is shown in English.',
    stringify({ language: 'en', ...english, refusals: sentencesOf(rooms) }, { lineWidth: 0 }),
  ].join('\n')
}
