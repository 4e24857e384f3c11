// Nothing of the schema is left without words: every pattern, format and keyword has its sentence, and every setting its place in the documents.
import t from 'tap'
import { createSchemaDocument } from '../../src/config/config.ts'
import { patternSentences } from '../../src/config/explain.ts'
import { formats } from '../../src/config/formats.ts'
import { GatewayConfig } from '../../src/config/gateway-config.ts'
import { ProfileConfig } from '../../src/inbound/access/config.ts'
import type { SchemaNode } from '../../src/config/schema-node.ts'

function listNodes (schema: SchemaNode, path = ''): readonly { readonly path: string, readonly node: SchemaNode }[] {
  const children = [
    ...Object.entries(schema.properties ?? {}).map(([key, child]) => [`${path}.${key}`, child] as const),
    ...Object.entries(schema.patternProperties ?? {}).map(([, child]) => [`${path}.*`, child] as const),
    ...(schema.items === undefined ? [] : [[`${path}[]`, schema.items] as const]),
    ...(schema['x-secret'] === true ? [] : (schema.anyOf ?? []).map(branch => [path, branch] as const)),
  ]
  return [{ path, node: schema }, ...children.flatMap(([at, child]) => listNodes(child, at))]
}

const nodes = [...listNodes(GatewayConfig as SchemaNode), ...listNodes(ProfileConfig as SchemaNode, 'profile:')]

t.test('every pattern has its sentence', async t => {
  const patternsOf = (node: SchemaNode) => [...(node.pattern === undefined ? [] : [node.pattern]), ...Object.keys(node.patternProperties ?? {})]
  const patterns = nodes.flatMap(({ path, node }) => patternsOf(node).map(pattern => ({ path, pattern })))
  t.ok(patterns.length > 0)
  t.same(patterns.filter(({ pattern }) => !Object.hasOwn(patternSentences, pattern)), [])
})

t.test('every format is known', async t => {
  t.same(nodes.filter(({ node }) => node.format !== undefined && !Object.hasOwn(formats, node.format)).map(({ path }) => path), [])
})

t.test('no keyword is used that would be explained wrongly', async t => {
  const known = new Set(['type', 'description', 'default', 'properties', 'patternProperties', 'items', 'anyOf', 'required', 'const', 'format', 'pattern', 'minimum', 'maximum',
    'minLength', 'maxLength', 'minItems', 'minProperties', 'additionalProperties', 'x-secret', 'x-path', 'x-directory', 'examples'])
  t.same(nodes.flatMap(({ path, node }) => Object.keys(node).filter(keyword => !known.has(keyword)).map(keyword => `${path}: ${keyword}`)), [])
})

t.test('every section is closed and every setting has a description', async t => {
  const open = nodes.filter(({ node }) => node.properties !== undefined && node.additionalProperties !== false)
  t.same(open.map(({ path }) => path), [])
  const silent = nodes.flatMap(({ path, node }) => Object.entries(node.properties ?? {})
    .filter(([, child]) => child.const === undefined && (child.description ?? '') === '').map(([key]) => `${path}.${key}`))
  t.same(silent, [])
})

t.test('every default is one that the schema accepts', async t => {
  const wrong = nodes.filter(({ node }) => node.format !== undefined && typeof node.default === 'string' && formats[node.format]?.(node.default) !== undefined)
  t.same(wrong.map(({ path }) => path), [])
})

t.test('the editors\' schema asks for nothing that has a default', async t => {
  const asked = listNodes(createSchemaDocument()).flatMap(({ path, node }) => (node.required ?? []).filter(key => node.properties?.[key]?.default !== undefined).map(key => `${path}.${key}`))
  t.same(asked, [])
  t.same(createSchemaDocument().required, ['gateway', 'listeners', 'upstream', 'clientIp', 'signIn', 'session', 'access', 'audit'])
})
