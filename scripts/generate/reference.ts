// Writes the reference of the configuration from the schema.
import { isChoiceOfWords, type SchemaNode } from '../../src/config/schema-node.ts'

const escape = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const code = (text: string) => `\`${escape(text)}\``

const formatNames: Readonly<Record<string, string>> = {
  duration: 'duration', size: 'size', day: 'day', 'address-range': 'address or range', 'route-pattern': 'route', 'web-url': 'URL', 'https-url': 'https URL', 'web-origin': 'origin', 'https-origin': 'https origin',
}

function describeType (schema: SchemaNode): string {
  if (schema['x-secret'] === true) return 'secret'
  if (isChoiceOfWords(schema)) return (schema.anyOf ?? []).map(branch => code(String(branch.const))).join(' or ')
  if (schema.anyOf !== undefined) return 'section, in one of several ways'
  if (schema.const !== undefined) return code(String(schema.const))
  if (schema.items !== undefined) return `list of ${schema.items.type === 'object' ? 'sections' : describeType(schema.items).replace(/^section,/, 'sections,')}`
  if (schema['x-path'] === true) return 'path'
  if (schema.format !== undefined) return formatNames[schema.format] ?? schema.format
  if (schema.type === 'integer') return `whole number${schema.minimum === undefined ? '' : ` from ${schema.minimum}`}${schema.maximum === undefined ? '' : ` to ${schema.maximum}`}`
  return schema.type === 'object' ? 'section' : schema.type === 'boolean' ? '`true` or `false`' : 'text'
}

function describeDefault (schema: SchemaNode, isRequired: boolean): string {
  if (schema.default !== undefined && !(schema.type === 'object')) return code(JSON.stringify(schema.default).replace(/^"(.*)"$/, '$1'))
  return isRequired && schema.default === undefined ? '**needed**' : ''
}

function writeRows (schema: SchemaNode, path: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => writeRow(child, path === '' ? key : `${path}.${key}`, (schema.required ?? []).includes(key)))
}

/** Of a section that can be written in several ways. */
function writeBranches (schema: SchemaNode, path: string): readonly string[] {
  if (schema['x-secret'] === true || isChoiceOfWords(schema)) return []
  return (schema.anyOf ?? []).flatMap(branch => [`| | *either way* | | *${escape(branch.description ?? '')}* |`, ...writeRows(branch, path)])
}

function writeRow (schema: SchemaNode, path: string, isRequired: boolean): readonly string[] {
  const row = `| ${code(path)} | ${describeType(schema)} | ${describeDefault(schema, isRequired)} | ${escape(schema.description ?? '')} |`
  if (schema['x-secret'] === true || isChoiceOfWords(schema)) return [row]
  const branches = writeBranches(schema, path)
  const items = schema.items?.type === 'object' ? writeRows(schema.items, `${path}[]`) : schema.items === undefined ? [] : writeBranches(schema.items, `${path}[]`)
  const named = Object.values(schema.patternProperties ?? {}).flatMap(child => writeRow(child, `${path}.<name>`, false))
  return [row, ...branches, ...items, ...named, ...writeRows(schema, path)]
}

export function writeReference (schema: SchemaNode): string {
  const sections = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => [
    `## ${key}`, '', child.description ?? '', '', '| setting | what it is | default | what it does |', '| --- | --- | --- | --- |', ...writeRows(child, key), '',
  ])
  return [
    '# Configuration reference',
    '',
    'Generated from the schema (`npm run generate`). `sallyport config check FILE` tells every mistake with its line; a whole example is in',
    '[config/gateway.example.yaml](../../config/gateway.example.yaml), the schema for editors in [config/gateway.schema.json](../../config/gateway.schema.json).',
    '',
    '| word | form |',
    '| --- | --- |',
    '| duration | a whole number and `ms`, `s`, `m`, `h` or `d`: `15m` |',
    '| size | a whole number and `KiB`, `MiB` or `GiB`, or of bytes: `64KiB` |',
    '| address or range | `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`; dotted quads without leading zeros, nothing set behind the range |',
    '| route | `GET /patients/*`: a method, a list as `GET,POST`, or `*`, then a path where `*` is one segment and a last `**` any rest |',
    '| origin | scheme, host and port: `https://crm.example` |',
    '| day | `2027-03-31` |',
    '| path | a file, relative to the configuration file |',
    '| secret | `{ env: NAME }` or `{ file: PATH }`; never the secret itself |',
    '',
    ...sections,
  ].join('\n')
}
