// Puts one of our messages on its way through the browser, by Redirect or POST binding, signed with RSA-SHA256 when there is a key.
import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type { Endpoint } from './idp-metadata.ts'
import type { SigningKey } from './keys.ts'
import { signRoot } from './xml-signature.ts'

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'

/** An answer of a SAML endpoint that the routes turn into HTTP. */
export type SamlAnswer =
  | { readonly kind: 'redirect', readonly location: string, readonly setCookie?: readonly string[] }
  | { readonly kind: 'form', readonly action: string, readonly fields: Readonly<Record<string, string>>, readonly setCookie?: readonly string[] }

export interface OutgoingMessage {
  readonly parameter: 'SAMLRequest' | 'SAMLResponse'
  readonly xml: string
  readonly relayState: string | undefined
  readonly signer: SigningKey | undefined
}

/** The address with `parameters` behind whatever query it has already. */
function appendQuery (url: string, parameters: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${parameters}`
}

function redirectTo (url: string, message: OutgoingMessage): string {
  const parts = [`${message.parameter}=${encodeURIComponent(deflateRawSync(message.xml).toString('base64'))}`]
  if (message.relayState !== undefined) parts.push(`RelayState=${encodeURIComponent(message.relayState)}`)
  if (message.signer === undefined) return appendQuery(url, parts.join('&'))
  // SAML 2.0 bindings 3.4.4.1: the signature covers exactly these, in this order.
  parts.push(`SigAlg=${encodeURIComponent(rsaSha256)}`)
  const signature = sign('sha256', Buffer.from(parts.join('&')), message.signer.keyPem).toString('base64')
  return appendQuery(url, `${parts.join('&')}&Signature=${encodeURIComponent(signature)}`)
}

export function sendMessage (endpoint: Pick<Endpoint, 'binding' | 'url'>, message: OutgoingMessage): SamlAnswer {
  if (endpoint.binding === 'redirect') return { kind: 'redirect', location: redirectTo(endpoint.url, message) }
  const xml = message.signer === undefined ? message.xml : signRoot(message.xml, message.signer)
  const fields = { [message.parameter]: Buffer.from(xml).toString('base64'), ...(message.relayState === undefined ? {} : { RelayState: message.relayState }) }
  return { kind: 'form', action: endpoint.url, fields }
}
