// The configuration's schema as a document for editors: what a person writes, so nothing with a default is required, and choices are plain lists.
import { ProfileConfig } from '../inbound/access/config.ts'
import { GatewayConfig } from './gateway-config.ts'
import { isChoiceOfWords, type SchemaNode } from './schema-node.ts'

function simplify (schema: SchemaNode): SchemaNode {
  if (isChoiceOfWords(schema)) {
    const { anyOf = [], ...rest } = schema
    return { ...rest, type: 'string', enum: anyOf.map(branch => branch.const) }
  }
  const { properties, patternProperties, items, anyOf, required, ...rest } = schema
  const needed = (required ?? []).filter(key => properties?.[key]?.default === undefined)
  const simplifyAll = (children: Readonly<Record<string, SchemaNode>>) => Object.fromEntries(Object.entries(children).map(([key, child]) => [key, simplify(child)]))
  return {
    ...rest,
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(properties === undefined ? {} : { properties: simplifyAll(properties) }),
    ...(patternProperties === undefined ? {} : { patternProperties: simplifyAll(patternProperties), additionalProperties: false }),
    ...(items === undefined ? {} : { items: simplify(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(simplify) }),
  }
}

type SchemaDocument = SchemaNode & { readonly $schema: string, readonly title: string }

export function createSchemaDocument (): SchemaDocument {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Sallyport gateway', ...simplify(GatewayConfig as SchemaNode) }
}

/** Of a CRM's profile. */
export function createProfileSchemaDocument (): SchemaDocument {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Sallyport profile', ...simplify(ProfileConfig as SchemaNode) }
}
