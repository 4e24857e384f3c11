// Which of the languages that are there a browser gets (RFC 9110 section 12.5.4, RFC 4647 section 3.4). It reads no more of the field than anybody needs.

const longestRead = 200

interface Wish { readonly range: string, readonly weight: number }

function readWishes (field: string): readonly Wish[] {
  return field.slice(0, longestRead).split(',').flatMap(part => {
    const match = /^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/.exec(part)
    return match === null ? [] : [{ range: (match[1] as string).toLowerCase(), weight: Number(match[2] ?? 1) }]
  }).filter(({ weight }) => weight > 0).sort((left, right) => right.weight - left.weight)
}

/** `de-at`, then `de`; then any other German, which is nearer than another language. */
function lookUp (range: string, languages: readonly string[]): string | undefined {
  const subtags = range.split('-')
  for (let length = subtags.length; length > 0; length -= 1) {
    const wanted = subtags.slice(0, length).join('-')
    const found = languages.find(language => language.toLowerCase() === wanted)
    if (found !== undefined) return found
  }
  return languages.find(language => language.toLowerCase().split('-', 1)[0] === subtags[0])
}

/** `languages` as BCP 47 names them; `usual` is one of them. */
export function chooseLanguage (field: string | undefined, languages: readonly string[], usual: string): string {
  for (const { range } of readWishes(field ?? '')) {
    const found = lookUp(range, languages)
    if (found !== undefined) return found
  }
  return usual
}
