// Reads a YAML file into plain data and remembers where everything stood. It never judges what the settings mean.
import { readFile } from 'node:fs/promises'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair } from 'yaml'
import { ConfigurationError, type Finding } from '../shared/errors.ts'
import { nameOf, type Problem } from './problem.ts'
import { explainFileError } from './read-file.ts'
import { findYamlMistakes, type YamlError } from './yaml-mistakes.ts'

/** What the file is called in messages, and where its writer finds one to begin with. */
export interface Subject {
  readonly name: string
  readonly begin: string
  /** What one entry of it is called. Default: setting. */
  readonly part?: string
}

export const configurationSubject: Subject = { name: 'The configuration', begin: 'begin with a copy of config/gateway.example.yaml.' }

export interface ConfigDocument {
  readonly file: string
  /** The file as plain data: objects, lists, text, numbers, booleans and null. */
  readonly value: unknown
  toFinding(problem: Problem): Finding
}

const largestFile = 1024 ** 2
/** Aliases that are followed in all; a few nested ones can otherwise grow into gigabytes. */
const mostAliases = 100

function refuse (file: string, message: string, place = { line: 1, col: 1 }): ConfigurationError {
  return new ConfigurationError([{ file, line: Math.max(1, place.line), column: Math.max(1, place.col), path: '', message }])
}

async function readText (file: string, { name, begin }: Subject): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw refuse(file, isMissing ? `${name} does not exist: check the path, or ${begin}` : `${name} ${explainFileError(error)}`)
  }
  if (bytes.length > largestFile) throw refuse(file, `${name} is larger than 1 MiB, which none is: check that this is the right file.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse(file, `${name} is not UTF-8 text: save it as UTF-8.`)
  }
}

type Place = { readonly key: Node | null, readonly value: Node | null }

function follow (document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

function stepInto (document: Document, node: unknown, part: string | number): Place | undefined {
  const here = follow(document, node)
  if (isSeq(here) && typeof part === 'number') {
    const item = here.items[part] as Node | undefined
    return item === undefined ? undefined : { key: item, value: item }
  }
  if (!isMap(here)) return undefined
  const pair = here.items.find((item: Pair) => isScalar(item.key) && String(item.key.value) === String(part))
  return pair === undefined ? undefined : { key: pair.key as Node, value: pair.value as Node | null }
}

/** Where a setting starts; for one that is not there, its section. */
function findOffset (document: Document, problem: Problem): number {
  let offset = 0
  let node: unknown = document.contents
  for (const [index, part] of problem.path.entries()) {
    const place = stepInto(document, node, part)
    if (place === undefined) return offset
    const isLast = index === problem.path.length - 1
    const target = isLast && problem.at === 'value' ? place.value ?? place.key : place.key
    offset = target?.range?.[0] ?? offset
    node = place.value
  }
  return offset
}

/** Aliases that point at nothing: YAML notices them only when the value is made. */
function findLooseAliases (document: Document): readonly YamlError[] {
  const found: YamlError[] = []
  visit(document, {
    Alias (_key, alias) {
      if (alias.resolve(document) === undefined) found.push({ offset: alias.range?.[0] ?? 0, code: 'BAD_ALIAS' })
    },
  })
  return found
}

function toPlainData (document: Document): unknown {
  // Through JSON, so that nothing is shared between two aliases and no odd YAML type is left.
  const value: unknown = document.toJS({ maxAliasCount: mostAliases })
  return JSON.parse(JSON.stringify(value ?? null))
}

/** Throws a ConfigurationError when the file cannot be read or is not YAML. */
export async function readDocument (file: string, subject: Subject = configurationSubject): Promise<ConfigDocument> {
  const text = await readText(file, subject)
  const lines = new LineCounter()
  const tooDeep = `${subject.name} is nested too deeply, or an alias (*name) points at itself or at too much: write it out plainly.`
  let document: Document
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, schema: 'core' })
  } catch {
    throw refuse(file, tooDeep)
  }
  const found = [...document.errors, ...document.warnings].map(error => ({ offset: error.pos[0], code: error.code }))
  const mistakes = findYamlMistakes(text, found.length === 0 ? findLooseAliases(document) : found)
  if (mistakes.length > 0) {
    throw new ConfigurationError(mistakes.map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return { file, line: Math.max(1, line), column: Math.max(1, col), path: '', message }
    }))
  }
  let value: unknown
  try {
    value = toPlainData(document)
  } catch {
    throw refuse(file, tooDeep)
  }
  if (value === null) throw refuse(file, `${subject.name} is empty: ${subject.begin}`)
  return {
    file,
    value,
    toFinding (problem) {
      const { line, col } = lines.linePos(findOffset(document, problem))
      return { file, line: Math.max(1, line), column: Math.max(1, col), path: nameOf(problem.path), message: problem.message }
    },
  }
}
