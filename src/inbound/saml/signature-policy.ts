// Which XML signatures may be given to the verifier at all: their shape, their place and their algorithms. It verifies nothing itself and
// can only refuse. A shape with one reading leaves nothing for signature wrapping to play with.
import { readBase64 } from './base64.ts'
import { reasons } from './reasons.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, namespaces, textOf, walk } from './xml.ts'

const { signature: ds, exclusive } = namespaces
const enveloped = `${ds}enveloped-signature`
const canonicalizations: ReadonlySet<string | undefined> = new Set([exclusive, `${exclusive}WithComments`])
const signatureMethods: ReadonlySet<string | undefined> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
])
const digestMethods: ReadonlySet<string | undefined> = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'])

/** The children of `parent` when they are exactly the signature elements `names` (a `?` marks one that may be absent). */
function partsOf (parent: Element, names: readonly string[]): readonly Element[] | undefined {
  const left = [...childrenOf(parent)]
  const found: Element[] = []
  for (const name of names) {
    const plain = name.replace('?', '')
    if (isElement(left[0], ds, plain)) found.push(left.shift() as Element)
    else if (plain === name) return undefined
  }
  return left.length === 0 ? found : undefined
}

function isSoundTransforms (transforms: Element): boolean {
  const parts = partsOf(transforms, ['Transform', 'Transform'])
  if (parts === undefined) return false
  const [first, second] = parts as [Element, Element]
  const inclusive = childrenOf(second)
  return attributeOf(first, 'Algorithm') === enveloped && childrenOf(first).length === 0 &&
    canonicalizations.has(attributeOf(second, 'Algorithm')) && inclusive.length <= 1 && inclusive.every(child => isElement(child, exclusive, 'InclusiveNamespaces'))
}

function requireSoundSignature (signature: Element, signedId: string | undefined): void {
  const parts = partsOf(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo?'])
  const info = parts === undefined ? undefined : partsOf(parts[0] as Element, ['CanonicalizationMethod', 'SignatureMethod', 'Reference'])
  const reference = info === undefined ? undefined : partsOf(info[2] as Element, ['Transforms', 'DigestMethod', 'DigestValue'])
  if (parts === undefined || info === undefined || reference === undefined) throw reasons.deny('saml.structure')
  const [canonicalization, method, target] = info as [Element, Element, Element]
  const [transforms, digest, digestValue] = reference as [Element, Element, Element]
  if ([parts[1], digestValue].some(value => readBase64(textOf(value) ?? '') === undefined)) throw reasons.deny('saml.structure')
  if (signedId === undefined || signedId === '' || attributeOf(target, 'URI') !== `#${signedId}`) throw reasons.deny('saml.structure')
  if (!canonicalizations.has(attributeOf(canonicalization, 'Algorithm')) || !isSoundTransforms(transforms)) throw reasons.deny('saml.structure')
  if (!signatureMethods.has(attributeOf(method, 'Algorithm')) || !digestMethods.has(attributeOf(digest, 'Algorithm'))) throw reasons.deny('saml.algorithmWeak')
}

/** Whether the element itself carries a signature. */
export function isSigned (element: Element): boolean {
  return childrenNamed(element, ds, 'Signature').length > 0
}

/**
 * Requires that every signature in the document is a child of one of `mayBeSigned`, at most one each, of sound shape, and that no two elements
 * share an ID. Throws a Denial `saml.structure` or `saml.algorithmWeak`.
 */
export function requireSoundSignatures (root: Element, mayBeSigned: readonly Element[]): void {
  const seen = new Set<string>()
  for (const element of walk(root)) {
    for (const name of ['ID', 'Id', 'id']) {
      const id = attributeOf(element, name)
      if (id === undefined) continue
      if (seen.has(id) || !/^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/.test(id)) throw reasons.deny('saml.structure')
      seen.add(id)
    }
    // By local name alone, because a verifier may look for it that way.
    if (element.localName !== 'Signature') continue
    const parent = mayBeSigned.find(candidate => candidate === element.parentNode)
    if (parent === undefined || !isElement(element, ds, 'Signature') || childrenNamed(parent, ds, 'Signature').length > 1) throw reasons.deny('saml.structure')
    requireSoundSignature(element, attributeOf(parent, 'ID'))
  }
}
