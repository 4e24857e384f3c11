// "Did you mean …?": the known word that a mistyped one most likely stood for. It never guesses when nothing is near.

/** Edit distance with swapped neighbours counted once (optimal string alignment). */
function editDistance (left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const cost = left[i - 1] === right[j - 1] ? 0 : 1
      let best = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost)
      const isSwap = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (isSwap) best = Math.min(best, (beforeLast[j - 2] as number) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[right.length] as number
}

const fold = (word: string) => word.toLowerCase().replace(/[-_ ]/g, '')
const longestWord = 64

/** The closest of `known`, or undefined: a few letters off, or one word being the beginning of the other. */
export function findClosestWord (word: string, known: readonly string[]): string | undefined {
  const wanted = fold(word)
  if (wanted === '' || wanted.length > longestWord) return undefined
  let best: { readonly word: string, readonly distance: number } | undefined
  for (const candidate of known) {
    const folded = fold(candidate)
    const isBeginning = Math.min(folded.length, wanted.length) >= 3 && (wanted.startsWith(folded) || folded.startsWith(wanted))
    const distance = editDistance(wanted, folded)
    const isNear = distance <= Math.max(1, Math.floor(Math.min(wanted.length, folded.length) / 3))
    if (!isNear && !isBeginning) continue
    if (best === undefined || distance < best.distance) best = { word: candidate, distance }
  }
  return best?.word
}
