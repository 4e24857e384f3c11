// Reads what a browser posts or carries to a SAML address: fields and SAML messages, each in one way only.
import { inflateRawSync } from 'node:zlib'
import { readBase64 } from './base64.ts'
import { reasons, type SamlCode } from './reasons.ts'

/** A SAML message as XML text may be so long, whatever way it came. */
const maxMessageBytes = 256 * 1024
const maxFormLength = 2 * maxMessageBytes

function decodePart (text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    throw reasons.deny('saml.formInvalid')
  }
}

/** Fields of an `application/x-www-form-urlencoded` body. A name that comes twice, in any spelling, is refused. */
export function readForm (body: string): ReadonlyMap<string, string> {
  if (body.length > maxFormLength) throw reasons.deny('saml.tooLarge')
  const fields = new Map<string, string>()
  for (const pair of body.split('&').filter(part => part !== '')) {
    const cut = pair.indexOf('=')
    const name = decodePart(cut === -1 ? pair : pair.slice(0, cut))
    if (fields.has(name)) throw reasons.deny('saml.formInvalid')
    fields.set(name, cut === -1 ? '' : decodePart(pair.slice(cut + 1)))
  }
  return fields
}

function decodeText (bytes: Buffer, code: SamlCode): string {
  if (bytes.length > maxMessageBytes) throw reasons.deny('saml.tooLarge')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw reasons.deny(code)
  }
}

/** The XML of a message that came by POST binding. */
export function decodePosted (value: string): string {
  const bytes = readBase64(value)
  if (bytes === undefined) throw reasons.deny('saml.formInvalid')
  return decodeText(bytes, 'saml.formInvalid')
}

/** The XML of a message that came by Redirect binding (deflated). Inflating stops at the bound. */
export function decodeRedirected (value: string): string {
  const bytes = readBase64(value)
  if (bytes === undefined) throw reasons.deny('saml.logoutInvalid')
  let inflated: Buffer
  try {
    inflated = inflateRawSync(bytes, { maxOutputLength: maxMessageBytes })
  } catch (error) {
    throw reasons.deny(error instanceof RangeError ? 'saml.tooLarge' : 'saml.logoutInvalid')
  }
  return decodeText(inflated, 'saml.logoutInvalid')
}
