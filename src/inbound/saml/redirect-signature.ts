// Verifies the detached signature of the Redirect binding over the query exactly as it came (SAML 2.0 bindings 3.4.4.1). Names are compared as
// written: a name in another spelling (`%53AMLRequest`) is an unknown name, and unknown names are refused.
import { constants, verify, type KeyObject } from 'node:crypto'
import { readBase64 } from './base64.ts'
import { reasons } from './reasons.ts'

const maxQueryLength = 64 * 1024
const known: ReadonlySet<string> = new Set(['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'])
const deflate = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE'
const algorithms: ReadonlyMap<string, { readonly hash: string, readonly padding: number }> = new Map([
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', { hash: 'sha256', padding: constants.RSA_PKCS1_PADDING }],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha384', { hash: 'sha384', padding: constants.RSA_PKCS1_PADDING }],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', { hash: 'sha512', padding: constants.RSA_PKCS1_PADDING }],
])

export interface RedirectMessage {
  readonly parameter: 'SAMLRequest' | 'SAMLResponse'
  /** Base64 of the deflated message. */
  readonly value: string
  readonly relayState: string | undefined
}

function decode (raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined
  try {
    return decodeURIComponent(raw.replace(/\+/g, '%20'))
  } catch {
    throw reasons.deny('saml.logoutInvalid')
  }
}

/** The raw values by name. */
function readTokens (query: string): ReadonlyMap<string, string> {
  if (query.length > maxQueryLength) throw reasons.deny('saml.tooLarge')
  const tokens = new Map<string, string>()
  for (const token of query.split('&').filter(part => part !== '')) {
    const cut = token.indexOf('=')
    const name = cut === -1 ? token : token.slice(0, cut)
    if (!known.has(name) || tokens.has(name)) throw reasons.deny('saml.logoutInvalid')
    tokens.set(name, cut === -1 ? '' : token.slice(cut + 1))
  }
  return tokens
}

/** The one message of the query (without its `?`), its signature verified. Throws a Denial. */
export function verifyRedirect (query: string, keys: readonly KeyObject[]): RedirectMessage {
  const tokens = readTokens(query)
  const parameter = tokens.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse'
  const raw = tokens.get(parameter)
  if (raw === undefined || (tokens.has('SAMLRequest') && tokens.has('SAMLResponse'))) throw reasons.deny('saml.logoutInvalid')
  if ((decode(tokens.get('SAMLEncoding')) ?? deflate) !== deflate) throw reasons.deny('saml.logoutInvalid')
  const rawRelayState = tokens.get('RelayState')
  const algorithm = algorithms.get(decode(tokens.get('SigAlg')) ?? '')
  const signature = readBase64(decode(tokens.get('Signature')) ?? '')
  if (algorithm === undefined || signature === undefined) throw reasons.deny('saml.logoutUnsigned')
  const signed = [`${parameter}=${raw}`, ...(rawRelayState === undefined ? [] : [`RelayState=${rawRelayState}`]), `SigAlg=${tokens.get('SigAlg')}`].join('&')
  if (!keys.some(key => verify(algorithm.hash, Buffer.from(signed), { key, padding: algorithm.padding }, signature))) throw reasons.deny('saml.logoutUnsigned')
  return { parameter, value: decode(raw) as string, relayState: decode(rawRelayState) }
}
