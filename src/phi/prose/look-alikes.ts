// Letters of other scripts that look like Latin ones, and letters that look like digits (a part of UTS 39): told apart only where a word would be of two scripts, so that a word of
// Cyrillic or Greek stays what it is. Lengths never change.

const pairs = 'АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXаaсcеeѕsіiјjоoрpуyхxԁdԛqԝwһhӏlѵvгrпnкkмmтtвb' +
  'ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXαaβbεeηnιiκkνvοoρpτtυuχxγyωw' +
  'ɑaɡgɩiıiօoոnսuհhցgɪi'
const lookAlike = new Map<string, string>()
for (let index = 0; index < pairs.length; index += 2) lookAlike.set(pairs[index] as string, pairs[index + 1] as string)

const foreign = /[\u0250-\u02af\u0131\u0370-\u03ff\u0400-\u052f\u0530-\u058f]/
const word = /[\p{L}\p{N}]+/gu
const digitLike: Readonly<Record<string, string>> = { O: '0', o: '0', I: '1', l: '1', '|': '1' }

function foldWord (found: string): string {
  if (!foreign.test(found)) return found
  const letters = [...found]
  const isMixed = /[A-Za-z0-9]/.test(found)
  // A word all of whose letters have a Latin twin could be either; it is looked at as Latin.
  return isMixed || letters.every(letter => lookAlike.has(letter)) ? letters.map(letter => lookAlike.get(letter) ?? letter).join('') : found
}

export function foldLookAlikes (text: string): string {
  const latin = foreign.test(text) ? text.replace(word, foldWord) : text
  if (!/\d[OoIl|]|[OoIl|]\d/.test(latin)) return latin
  return latin.replace(/(?<![A-Za-z0-9])[0-9OoIl|]{2,}(?![A-Za-z0-9])/g, run => (run.match(/\d/g)?.length ?? 0) * 2 >= run.length ? run.replace(/[OoIl|]/g, letter => digitLike[letter] ?? letter) : run)
}
