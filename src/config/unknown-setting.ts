// What to say about a setting that does not exist here: the name that was meant, or the section it belongs to.
import { findClosestWord } from '../shared/closest-word.ts'
import { explainPattern } from './explain.ts'
import { nameOf, printable, type Path } from './problem.ts'
import { schemaAt, type SchemaNode } from './schema-node.ts'

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
  const parent = path.slice(0, -1)
  const section = schemaAt(schemas.narrowed, parent)
  const known = Object.keys(section?.properties ?? {})
  const name = nameOf(path)
  const close = findClosestWord(key, known)
  if (close !== undefined) return `${name} is not a ${part}. Did you mean ${close}?`
  // A section whose settings have names of the writer's own says what such a name is.
  const [ownNames] = Object.keys(schemaAt(schemas.whole, parent)?.patternProperties ?? {})
  if (ownNames !== undefined) return `${name} is not a ${part}: ${explainPattern(ownNames)}`
  const places = [...new Set(findElsewhere(schemas.whole, key))]
  if (places.length > 0 && places.length <= 3) return `${name} is not a ${part} here. Did you mean ${places.join(' or ')}?`
  const where = path.length === 1 ? 'The sections are' : `${printable(nameOf(parent))} has`
  return known.length === 0 || known.length > 20 ? `${name} is not a ${part}.` : `${name} is not a ${part}. ${where} ${known.join(', ')}.`
}
