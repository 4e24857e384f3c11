// Opens what is packed into a text: JSON, a form, XML, base64. Each opener gives the text inside and how it is packed again, or undefined when the text is not of its form.
import { encodeFormText } from './form.ts'

export type InnerFormat = 'json' | 'form' | 'xml' | 'text'

export interface Layer {
  readonly format: InnerFormat
  readonly inner: string
  pack (text: string): string
}

const same = (text: string): string => text
const base64 = /^(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^[A-Za-z0-9_-]{16,}$/
const formBody = /^[\w.~+%[\]-]{1,64}=[^\s&=]*(?:&[\w.~+%[\]-]{1,64}=[^\s&=]*)+$/
// eslint-disable-next-line no-control-regex -- binary is told by its control characters
const binary = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

/** The text inside of base64, `binary` when there is something else in it, undefined when it is no base64. */
function openBase64 (text: string): { readonly inner: string } | 'binary' | undefined {
  const compact = text.replace(/[\r\n]+/g, '')
  if (!base64.test(compact)) return undefined
  const isUrlForm = /[_-]/.test(compact)
  const bytes = Buffer.from(compact, isUrlForm ? 'base64url' : 'base64')
  if (bytes.toString(isUrlForm ? 'base64url' : 'base64').replace(/=+$/, '') !== compact.replace(/=+$/, '')) return undefined
  const inner = bytes.toString('utf8')
  if (!binary.test(inner) && Buffer.from(inner, 'utf8').equals(bytes)) return { inner }
  // A word can be base64 by accident; keys and files are longer and mixed.
  return /\d/.test(compact) && /[a-z]/.test(compact) && /[A-Z]/.test(compact) ? 'binary' : undefined
}

/** `binary`: something is in it that cannot be read. */
export function openLayer (text: string): Layer | 'binary' | undefined {
  const first = /\S/.exec(text)?.[0]
  if (first === '{' || first === '[' || (first === '"' && /^\s*"\s*[{["]/.test(text.slice(0, 100).replaceAll('\\', '')))) return { format: 'json', inner: text, pack: same }
  if (/^\s*<\?xml[\s?]/.test(text)) return { format: 'xml', inner: text, pack: same }
  if (formBody.test(text)) return { format: 'form', inner: text, pack: same }
  if (/^(?:%[0-9A-Fa-f]{2}|[\w.~+-]){1,}$/.test(text) && /%(?:7B|5B|3C)/i.test(text)) {
    try {
      return { format: 'text', inner: decodeURIComponent(text.replaceAll('+', ' ')), pack: encodeFormText }
    } catch {
      return 'binary'
    }
  }
  const packed = openBase64(text)
  if (packed === undefined || packed === 'binary') return packed
  const isUrlForm = /[_-]/.test(text)
  const isPadded = text.endsWith('=') || Buffer.byteLength(packed.inner) % 3 === 0 || !isUrlForm
  return { format: 'text', inner: packed.inner, pack: inner => Buffer.from(inner, 'utf8').toString(isUrlForm || !isPadded ? 'base64url' : 'base64') }
}
