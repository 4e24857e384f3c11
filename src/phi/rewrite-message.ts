// Reads a whole message by its media type and lets a visitor rewrite it. It knows which reader a type has, and nothing of policies.
import { rewriteCsv } from './csv.ts'
import { rewriteForm } from './form.ts'
import { Hold } from './hold.ts'
import { rewriteJson } from './json.ts'
import { readMediaType, type MediaType } from './media-type.ts'
import { rewriteMultipart } from './multipart.ts'
import type { Spot, Visitor } from './visitor.ts'
import { declaredEncoding } from './xml-markup.ts'
import { rewriteXml } from './xml.ts'

export interface Message {
  /** The media type with its parameters, as in Content-Type. */
  readonly type: string
  readonly body: Uint8Array
  /** With message/rfc822. */
  readonly mail?: MailPeople | undefined
}

/** Who a mail is between. */
export interface MailPeople {
  /** Who may be named in its header; everybody else goes. */
  readonly addresses: readonly string[]
  /** Stands as the sender when nobody else may. */
  readonly sender: string
}

/** Character sets whose first 128 characters are those of ASCII. */
const asciiSets = /^(?:utf-?8|(?:us-)?ascii|iso-8859-(?:1|15)|latin1|windows-1252)$/i
const isAscii = /^[\0-\x7f]*$/

/** What the XML says of its own characters must be what it was read as. */
function requireDeclared (text: string, { charset }: MediaType): void {
  const declared = declaredEncoding(text)
  if (declared === undefined) return
  const isSame = charset === 'utf-8' ? /^utf-?8$/i.test(declared) : /^(?:iso-8859-1|latin1)$/i.test(declared)
  if (!isSame && !(asciiSets.test(declared) && isAscii.test(text))) throw new Hold('charset')
}

function rewrite (text: string, media: MediaType, { visitor, root }: { readonly visitor: Visitor, readonly root: Spot }): string {
  switch (media.format) {
    case 'json': return rewriteJson(text, visitor, root)
    case 'jsonLines': return text.split('\n').map(line => line.trim() === '' ? line : rewriteJson(line, visitor, root)).join('\n')
    case 'form': return rewriteForm(text, visitor, root)
    case 'xml':
      requireDeclared(text, media)
      return rewriteXml(text, visitor, root)
    case 'csv': return rewriteCsv(text, visitor, root)
    case 'text':
    case 'multipart': throw new Hold('unknownType')
  }
}

function readPart (visitor: Visitor) {
  return (type: string, body: string, place: Spot): string | null => {
    const media = readMediaType(type)
    const isReadable = media !== undefined && media.format !== 'multipart'
    // A file that cannot be read is data of an unknown kind, whatever the rule for its field says.
    if (!isReadable || media.charset === undefined) {
      if (!visitor.enter(place)) return null
      visitor.removed(place)
      return '[redacted]'
    }
    const text = media.decode(Buffer.from(body, 'latin1'))
    if (media.format === 'text') {
      const answer = visitor.leaf(place, text, 'string')
      return answer === null ? null : media.encode(answer ?? text).toString('latin1')
    }
    if (!visitor.enter(place)) return null
    return media.encode(rewrite(text, media, { visitor, root: place })).toString('latin1')
  }
}

/** Reads a message and rewrites what the visitor changes. Throws a Hold for what cannot be read in one way. */
export function rewriteMessage ({ body }: Message, media: MediaType, { visitor, root }: { readonly visitor: Visitor, readonly root: Spot }): Buffer {
  if (media.format === 'multipart') {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
    return Buffer.from(rewriteMultipart(text, media.boundary, { visitor, root, readPart: readPart(visitor) }), 'latin1')
  }
  const text = media.decode(body)
  const answer = media.format === 'text' ? visitor.leaf(root, text, 'string') : undefined
  if (media.format === 'text') return answer === undefined ? Buffer.from(body) : media.encode(answer ?? '')
  const out = rewrite(text, media, { visitor, root })
  return out === text ? Buffer.from(body) : media.encode(out)
}
