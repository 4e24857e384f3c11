// Whether a text of a request names a field that is masked. It errs towards yes: `filter[ssn]`, `ssn__startswith`, `-patient.SSN` and `sortBySsn` all name `ssn`.
import { foldText } from '../../shared/route-pattern.ts'

/** One way to write a name: without signs, in small letters. */
export function foldName (name: string): string {
  return foldText(name).replace(/[^\p{L}\p{N}]/gu, '')
}

/** Longer than any name; what is longer is looked at in pieces. */
const longestRun = 6

/** The words of a text: signs, `_` and capitals inside a word divide. */
function wordsOf (text: string): readonly string[] {
  return text.normalize('NFKC').replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2').split(/[^\p{L}\p{N}]+/u).flatMap(word => word === '' ? [] : [foldName(word)])
}

/** Some words in a row are a name, also in another division: `birth_date`, `birthDate`, `birthdate`. */
export function namesField (text: string, isMasked: (folded: string) => boolean): boolean {
  const words = wordsOf(text)
  for (let start = 0; start < words.length; start += 1) {
    let run = ''
    for (let end = start; end < Math.min(words.length, start + longestRun); end += 1) {
      run += words[end] as string
      if (isMasked(run)) return true
    }
  }
  return false
}

/** The whole name, or a part of a path. */
function isExactName (name: string, isMasked: (folded: string) => boolean): boolean {
  return isMasked(foldName(name)) || name.split(/[./:[\]]/).some(part => isMasked(foldName(part)))
}

const mostLayers = 6
const base64 = /^[A-Za-z0-9+/_-]{8,}={0,2}$/

/** A text as it came and as a server may read it: percent signs decoded again, JSON without its escapes, base64 opened. */
export function layersOf (text: string): readonly string[] {
  const layers = [text]
  for (let at = 0; at < layers.length && layers.length < mostLayers; at += 1) {
    const here = layers[at] as string
    for (const next of [decodePercent(here), decodeJsonEscapes(here), openBase64(here)]) {
      if (next !== undefined && !layers.includes(next)) layers.push(next)
    }
  }
  return layers
}

/** What is no UTF-8 becomes a sign that no name has. */
export function decodePercent (text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, escapes => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString())
}

function decodeJsonEscapes (text: string): string {
  return text.replace(/\\u([0-9A-Fa-f]{4})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))).replace(/\\(.)/g, '$1')
}

function openBase64 (text: string): string | undefined {
  if (!base64.test(text)) return undefined
  const inner = Buffer.from(text, 'base64').toString()
  return /^\s*[[{]/.test(inner) ? inner : undefined
}

/** Whether one of those layers has the name of a masked field in it. */
export function mentionsField (text: string, isMasked: (folded: string) => boolean): boolean {
  return layersOf(text).some(layer => namesField(layer, isMasked))
}

/** Whether one of those layers is the name of a masked field. */
export function isFieldName (text: string, isMasked: (folded: string) => boolean): boolean {
  return layersOf(text).some(layer => isExactName(layer, isMasked))
}
