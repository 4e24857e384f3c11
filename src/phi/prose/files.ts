// Finds names of files and paths to them: people call a scan after whom it shows. A name that is made of common words stays.
import type { Span } from './span.ts'

const ending = 'pdf|docx?|xlsx?|pptx?|odt|rtf|txt|csv|json|xml|hl7|dcm|jpe?g|png|gif|tiff?|bmp|heic|webp|mp3|mp4|m4a|wav|mov|avi|zip|eml|msg|vcf|ics'
const name = new RegExp(`(?<![\\p{L}\\p{N}])(?:[A-Za-z]:[\\\\/]|[~.]{0,2}[\\\\/]{1,2})?(?:[\\p{L}\\p{N}_.~%+-]{1,64}[\\\\/]){0,12}[\\p{L}\\p{N}_.~%+()-]{1,128}\\.(?:${ending})(?![\\p{L}\\p{N}])`, 'giu')
const hasEnding = new RegExp(`\\.(?:${ending})(?![A-Za-z0-9])`, 'i')
const plainNumber = /^\d{1,3}$|^(?:19|20)\d\d$|^v\d{1,2}$/i

/** `isCommon`: whether a word is in a dictionary and nobody's name; small letters. */
export function findFiles (text: string, isCommon: (word: string) => boolean): readonly Span[] {
  if (!hasEnding.test(text)) return []
  const spans: Span[] = []
  name.lastIndex = 0
  for (let match = name.exec(text); match !== null; match = name.exec(text)) {
    const stem = match[0].slice(0, match[0].lastIndexOf('.')).replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    const words = stem.match(/[\p{L}\p{N}]+/gu) ?? []
    if (!words.every(word => plainNumber.test(word) || isCommon(word.toLowerCase()))) spans.push({ start: match.index, end: name.lastIndex, kind: 'other' })
  }
  return spans
}
