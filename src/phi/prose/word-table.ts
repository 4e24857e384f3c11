// Words with numbers, looked up by their letters where they stand in a text, in small or capital letters, so that no string is made of a word to ask about it.

const [basis, prime] = [0x811c9dc5 | 0, 0x01000193]

/** The state of a hash (FNV-1a) before the first letter. */
export const emptyHash = basis

/** `code` is of a letter from A to Z, small or capital. */
export function addLetter (hash: number, code: number): number {
  return Math.imul(hash ^ (code | 0x20), prime)
}

export interface WordTable {
  /** Where a word of these letters stands, or -1. `hash` is over the letters of the range. */
  find (text: string, start: number, range: { readonly end: number, readonly hash: number }): number
  /** As `find`, for any text in small letters. */
  findWord (word: string): number
}

function isSame (word: string, text: string, start: number): boolean {
  for (let index = 0; index < word.length; index++) if ((text.charCodeAt(start + index) | 0x20) !== word.charCodeAt(index)) return false
  return true
}

/** `words` in small letters; where one stands in the table is where it stands in the list. */
export function createWordTable (words: readonly string[]): WordTable {
  const size = 2 ** Math.ceil(Math.log2(words.length * 2))
  const hashes = new Int32Array(size)
  const indices = new Int16Array(size).fill(-1)
  const byWord = new Map(words.map((word, index) => [word, index] as const))
  for (const [index, word] of words.entries()) {
    if (!/^[a-z]+$/.test(word)) continue
    let hash = emptyHash
    for (let at = 0; at < word.length; at++) hash = addLetter(hash, word.charCodeAt(at))
    let slot = (hash ^ (hash >>> 15)) & (size - 1)
    while (indices[slot] !== -1) slot = (slot + 1) & (size - 1)
    hashes[slot] = hash
    indices[slot] = index
  }
  return {
    find (text, start, { end, hash }) {
      for (let slot = (hash ^ (hash >>> 15)) & (size - 1); ; slot = (slot + 1) & (size - 1)) {
        const index = indices[slot] as number
        if (index === -1) return -1
        if (hashes[slot] !== hash) continue
        const word = words[index] as string
        if (word.length === end - start && isSame(word, text, start)) return index
      }
    },
    findWord: word => byWord.get(word) ?? -1,
  }
}
