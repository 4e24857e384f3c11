// What to say about a setting that does not exist here: the name that was meant, or the section it belongs to.
import { findClosestWord } from '../shared/closest-word.ts'
import { nameOf, printable, type Path } from './problem.ts'
import { childSchema, type SchemaNode } from './schema-node.ts'

function findSection (root: SchemaNode, path: Path): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((schema, part) => schema === undefined ? undefined : childSchema(schema, part), root)
}

/** Every place where a setting of this name exists. */
function findElsewhere (schema: SchemaNode, key: string, path: readonly string[] = []): readonly string[] {
  const branches = [schema, ...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])]
  if (schema['x-secret'] === true) return []
  return branches.flatMap(branch => [
    ...Object.entries(branch.properties ?? {}).flatMap(([name, child]) => [
      ...(name === key ? [[...path, name].join('.')] : []),
      ...findElsewhere(child, key, [...path, name]),
    ]),
    ...Object.values(branch.patternProperties ?? {}).flatMap(child => findElsewhere(child, key, [...path, '<name>'])),
  ])
}

/** `narrowed` is the schema of this file, `whole` the one with all alternatives; `part`: what an entry of it is called. */
export function explainUnknownSetting (path: Path, { part = 'setting', ...schemas }: { readonly narrowed: SchemaNode, readonly whole: SchemaNode, readonly part?: string | undefined }): string {
  const key = String(path.at(-1))
  const section = findSection(schemas.narrowed, path.slice(0, -1))
  const known = Object.keys(section?.properties ?? {})
  const name = nameOf(path)
  const close = findClosestWord(key, known)
  if (close !== undefined) return `${name} is not a ${part}. Did you mean ${close}?`
  const places = findElsewhere(schemas.whole, key)
  if (places.length > 0 && places.length <= 3) return `${name} is not a ${part} here. Did you mean ${places.join(' or ')}?`
  const where = path.length === 1 ? 'The sections are' : `${printable(nameOf(path.slice(0, -1)))} has`
  return known.length === 0 || known.length > 20 ? `${name} is not a ${part}.` : `${name} is not a ${part}. ${where} ${known.join(', ')}.`
}
