// Reads the attributes of a verified assertion. Names come from outside, so they are keys of a Map; a name that comes twice would be read
// differently by two readers and is refused.
import { reasons } from './reasons.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, namespaces, textOf } from './xml.ts'

const saml = namespaces.assertion

/** Values by attribute name; a value that is not plain text is undefined and refused only when it is used. */
export type Attributes = ReadonlyMap<string, readonly (string | undefined)[]>

export function readAttributes (statements: readonly Element[]): Attributes {
  const attributes = new Map<string, readonly (string | undefined)[]>()
  for (const element of statements.flatMap(statement => childrenOf(statement))) {
    const name = attributeOf(element, 'Name')
    if (!isElement(element, saml, 'Attribute') || name === undefined) throw reasons.deny('saml.structure')
    if (attributes.has(name)) throw reasons.deny('saml.attributeAmbiguous')
    attributes.set(name, childrenNamed(element, saml, 'AttributeValue').map(value => textOf(value)))
  }
  return attributes
}
