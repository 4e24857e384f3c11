// Parses a SAML message that somebody sent: the strict reading, with a denial that the person can be shown.
import { reasons } from './reasons.ts'
import { parseXml, XmlError } from './xml.ts'

export function parseMessage (xml: string): Element {
  try {
    return parseXml(xml)
  } catch (error) {
    throw error instanceof XmlError ? reasons.deny('saml.xmlUnsafe') : error
  }
}
