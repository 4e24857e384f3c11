// Writes the example configuration from the schema: every setting with its description; what may be left out and has no default is behind a #.
import { stringify } from 'yaml'
import { isChoiceOfWords, type SchemaNode } from '../../src/config/schema-node.ts'
import { exampleValues } from './example-values.ts'

export interface ExampleOptions {
  /** Whether settings without a default that may be left out are behind a #. */
  readonly optional: 'commented' | 'live'
}

const width = 120

function wrap (text: string, indent: number): readonly string[] {
  const lines: string[] = []
  if (text === '') return lines
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && indent + 2 + last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function writeValue (value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trim()
}

function findExample (schema: SchemaNode, path: string): unknown {
  if (Object.hasOwn(exampleValues, path)) return exampleValues[path]
  if (schema.default !== undefined) return schema.default
  throw new Error(`scripts/generate/example-values.ts has no value for ${path}`)
}

function describe (schema: SchemaNode): string {
  const choice = isChoiceOfWords(schema) ? ` One of: ${(schema.anyOf ?? []).map(branch => String(branch.const)).join(', ')}.` : ''
  const isPlain = schema.default !== undefined && (typeof schema.default !== 'object' || (Array.isArray(schema.default) && schema.items?.type !== 'object'))
  return `${schema.description ?? ''}${choice}${isPlain ? ` Default: ${writeValue(schema.default)}.` : ''}`
}

/** Lines without indentation; `#` in front of those that are not live. */
type Lines = readonly string[]

const indent = (lines: Lines): Lines => lines.map(line => line === '' ? '' : `  ${line}`)
const comment = (lines: Lines): Lines => lines.map(line => line === '' ? '' : `# ${line}`)

function writeItem (lines: Lines): Lines {
  const first = lines.findIndex(line => !line.startsWith('#'))
  return lines.map((line, index) => index === first ? `- ${line}` : `  ${line}`)
}

function writeSection (schema: SchemaNode, path: string, options: ExampleOptions): Lines {
  const needed = schema.required ?? []
  const settings = Object.entries(schema.properties ?? {})
  // In a list the item's dash stands before the first live line, so those come first.
  if (path.endsWith('[]')) settings.sort(([left], [right]) => Number(needed.includes(right)) - Number(needed.includes(left)))
  return settings.flatMap(([key, child]) => {
    const isNeeded = child.default !== undefined || needed.includes(key)
    const lines = writeSetting(key, child, path === '' ? key : `${path}.${key}`, options)
    return [...comment(wrap(describe(child), 2 * path.split('.').length)), ...(isNeeded || options.optional === 'live' ? lines : comment(lines))]
  })
}

/** The first way is live, the others are behind a #. */
function writeAlternatives (key: string, branches: readonly SchemaNode[], path: string, options: ExampleOptions): Lines {
  return branches.flatMap((branch, index) => {
    const lines = [`${key}:`, ...indent(writeSection(branch, path, options))]
    return [...comment(wrap(`${index === 0 ? 'Either' : 'Or'}: ${branch.description ?? ''}`, 0)), ...(index === 0 ? lines : comment(lines))]
  })
}

const isAlternatives = (schema: SchemaNode) => schema.anyOf !== undefined && schema['x-secret'] !== true && !isChoiceOfWords(schema)

/** One item; of sections that can be written in several ways, one for each way. */
function writeItems (schema: SchemaNode, path: string, options: ExampleOptions): Lines {
  if (schema.anyOf === undefined) return writeItem(writeSection(schema, path, options))
  return schema.anyOf.flatMap(branch => [...comment(wrap(branch.description ?? '', 2 * path.split('.').length)), ...writeItem(writeSection(branch, path, options))])
}

function writeSetting (key: string, schema: SchemaNode, path: string, options: ExampleOptions): Lines {
  if (schema.const !== undefined) return [`${key}: ${writeValue(schema.const)}`]
  if (schema.anyOf !== undefined && isAlternatives(schema)) return writeAlternatives(key, schema.anyOf, path, options)
  if (schema.items !== undefined && (schema.items.type === 'object' || isAlternatives(schema.items))) {
    const item = writeItems(schema.items, `${path}[]`, options)
    const isEmpty = Array.isArray(schema.default) && options.optional === 'commented'
    return isEmpty ? [`${key}: []`, ...comment([`${key}:`, ...indent(item)])] : [`${key}:`, ...indent(item)]
  }
  if (schema.type === 'object' && schema.properties !== undefined) return [`${key}:`, ...indent(writeSection(schema, path, options))]
  if (schema.patternProperties !== undefined) return [`${key}:`, ...indent(stringify(findExample(schema, path), { lineWidth: 0 }).trimEnd().split('\n'))]
  return [`${key}: ${writeValue(findExample(schema, path))}`]
}

export function writeExample (schema: SchemaNode, options: ExampleOptions = { optional: 'commented' }): string {
  const isLive = (key: string, child: SchemaNode) => child.default !== undefined || schema.required?.includes(key) === true || options.optional === 'live'
  const sections = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const lines = writeSetting(key, child, key, options)
    return ['', ...comment(wrap(describe(child), 0)), ...(isLive(key, child) ? lines : comment(lines))]
  })
  return [
    '# yaml-language-server: $schema=./gateway.schema.json',
    '# An editor completes and checks settings when the schema lies beside this file: sallyport config schema > gateway.schema.json',
    '# Configuration of a Sallyport gateway, with every setting there is. Generated: npm run generate.',
    '# A line that is not behind a # and names its default may be left out. Paths are relative to this file.',
    '# Secrets never stand here: { env: NAME } is an environment variable, { file: PATH } a file.',
    ...sections,
    '',
  ].join('\n')
}
