// Reads the person out of an accepted assertion. What it passes on ends in headers and in the trail, so what could break a line is refused.
import type { Principal } from '../principal.ts'
import type { Attributes } from './attributes.ts'
import type { AssertionFacts } from './check-assertion.ts'
import type { SamlConfig } from './config.ts'
import { reasons } from './reasons.ts'

const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
const maxValueLength = 1024

/** The values of a used attribute, empty ones left out. */
function valuesOf (attributes: Attributes, name: string): readonly string[] {
  return (attributes.get(name) ?? []).flatMap(value => {
    if (value === undefined || value.length > maxValueLength || /[\p{Cc}\u2028\u2029]/u.test(value)) throw reasons.deny('saml.attributeInvalid')
    return value === '' ? [] : [value]
  })
}

function singleOf (attributes: Attributes, name: string): string | undefined {
  const values = valuesOf(attributes, name)
  if (values.length > 1) throw reasons.deny('saml.attributeAmbiguous')
  return values[0]
}

/** The person that the assertion proves. Throws a Denial. */
export function readPrincipal (facts: AssertionFacts, options: { readonly names: SamlConfig['attributes'], readonly idp: string }): Principal {
  const { names, idp } = options
  if (names.id === undefined && facts.nameIdFormat === transient) throw reasons.deny('saml.identityTransient')
  const id = names.id === undefined ? facts.nameId : singleOf(facts.attributes, names.id)
  if (id === undefined) throw reasons.deny('saml.identityMissing')
  return {
    id,
    name: singleOf(facts.attributes, names.name) ?? id,
    email: singleOf(facts.attributes, names.email),
    groups: [...new Set(valuesOf(facts.attributes, names.groups))],
    idp,
    nameId: facts.nameId,
    nameIdFormat: facts.nameIdFormat,
    sessionIndex: facts.sessionIndex,
    authnContext: facts.authnContext,
    authenticatedAt: facts.authenticatedAt,
    notAfter: facts.notAfter,
  }
}
