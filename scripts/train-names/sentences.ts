// Sentences with their labels, from templates and from the example sentences of WordNet, in which people and places are put where a pronoun or another stood.
import { lists } from '../../src/phi/prose/name-tokens.ts'
import { impersonal } from './impersonal.ts'
import type { Sources } from './lists.ts'
import { createSlots, type Random, type Slots } from './slots.ts'
import { fillers, templates } from './templates.ts'

export interface Sentence {
  readonly text: string
  readonly spans: readonly { readonly start: number, readonly end: number, readonly label: number }[]
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const labelOf: Readonly<Record<string, number>> = { name: 1, first: 1, last: 1, town: 2, facility: 2, address: 3, street: 3 }

interface Piece { readonly text: string, readonly label: number }

function join (pieces: readonly Piece[]): Sentence {
  let text = ''
  const spans: { start: number, end: number, label: number }[] = []
  for (const piece of pieces) {
    if (piece.label > 0) spans.push({ start: text.length, end: text.length + piece.text.length, label: piece.label })
    text += piece.text
  }
  return { text, spans }
}

export interface SentenceOptions { readonly sources: Sources, readonly random: Random, isSpared (word: string): boolean }

const somebody = /^(?:[Hh]e|[Ss]he|him|[Tt]hey|them|I|his|the (?:man|woman|boy|girl|child|president|teacher|doctor|old man))$/

/** People in place of a pronoun, a town in place of another. */
function swap (text: string, { sources, random, slots }: { readonly sources: Sources, readonly random: Random, readonly slots: Slots }): Sentence {
  const pieces = text.split(/((?<![A-Za-z'])(?:[Hh]e|[Ss]he|him|[Tt]hey|them|I|his|the (?:man|woman|boy|girl|child|president|teacher|doctor|old man))(?![A-Za-z'])|(?<=(?:in|to|from|at|near) )[A-Z][a-z]+(?: [A-Z][a-z]+)?(?![a-z]))/)
  return join(pieces.filter(part => part !== '').flatMap((part, index): Piece[] => {
    if (/^[A-Z][a-z]+/.test(part) && index > 0 && /(?:in|to|from|at|near) $/.test(pieces[index - 1] ?? '')) {
      const isPlace = ((sources.codes.get(part.split(' ')[0]?.toLowerCase() ?? '') ?? 0) & lists.place) !== 0
      if (isPlace) return [{ text: slots.town(), label: 2 }]
    }
    if (!somebody.test(part) || random.chance(0.3)) return [{ text: part, label: 0 }]
    if (part === 'his') return [{ text: slots.name(), label: 1 }, { text: "'s", label: 0 }]
    return /^they|them$/i.test(part) ? [{ text: slots.first(), label: 1 }, { text: ' and ', label: 0 }, { text: slots.first(), label: 1 }] : [{ text: slots.name(), label: 1 }]
  }))
}

/** What the chain has taken out before the model looks again. */
function masked ({ text, spans }: Sentence, random: Random): Sentence {
  const pieces: Piece[] = []
  let at = 0
  for (const { start, end, label } of spans) {
    const isMasked = random.chance(0.6)
    pieces.push({ text: text.slice(at, start), label: 0 }, { text: isMasked ? (label === 1 ? '[name]' : '[address]') : text.slice(start, end), label: isMasked ? 0 : label })
    at = end
  }
  return join([...pieces, { text: text.slice(at), label: 0 }].filter(piece => piece.text !== ''))
}

function pair (left: Sentence, right: Sentence, random: Random): Sentence {
  const glue = random.pick([' ', ' ', '\n', '\n\n', '. '])
  const shift = left.text.length + glue.length
  return { text: left.text + glue + right.text, spans: [...left.spans, ...right.spans.map(({ start, end, label }) => ({ start: start + shift, end: end + shift, label }))] }
}

export function createSentences ({ sources, random, isSpared }: SentenceOptions) {
  const slots = createSlots(sources, random, isSpared)
  const words = [...sources.codes].filter(([word, code]) => code === lists.word && word.length > 3).map(([word]) => word)
  const digits = (count: number) => Array.from({ length: count }, () => random.below(10)).join('')
  const org = (): string => {
    const core = random.pick([slots.last, slots.last, slots.town, () => capital(random.pick(words)), () => `${capital(random.pick(words))} ${capital(random.pick(words))}`])()
    const end = random.pick(['Inc', 'Inc.', 'LLC', 'Ltd', 'Ltd.', 'Group', 'and Sons', '& Co.', 'GmbH', 'Corp.', 'Corporation', 'Company', 'Partners', 'Bank', 'Insurance', 'Health', 'Systems', 'Associates', 'AG', 'S.A.', 'Labs', 'Industries', 'Foundation', 'Software', ''])
    const kind = random.below(8)
    return kind === 0 ? `${core}, ${slots.last()} and ${slots.last()}` : kind === 1 ? `${core} & ${slots.last()}` : kind === 2 ? `${core}-${slots.last()}` : `${core} ${end}`.trim()
  }
  const others: Readonly<Record<string, () => string>> = {
    org,
    n: () => String(random.below(random.pick([10, 100, 100, 1000, 100000]))),
    code: () => `${random.pick([...'ABCDEFGHIJKLMNRSTZ'])}${10 + random.below(89)}${random.chance(0.6) ? `.${random.below(10)}` : ''}`,
    key: () => Array.from({ length: 6 + random.below(12) }, () => random.pick([...'ABCDEFGHJKLMNPRSTUVWXYZ0123456789'])).join('') + digits(4),
    word: () => random.pick(words),
    thing: () => random.chance(0.5) ? random.pick(words) : random.pick(['appointment', 'invoice', 'report', 'prescription', 'form', 'meeting', 'contract', 'refund', 'car', 'house', 'bill', 'account', 'party', 'test result', 'x-ray', 'referral', 'letter']),
    proper: () => random.pick(sources.proper),
    country: () => random.pick(sources.countries),
    date: () => random.pick([`${1 + random.below(12)}/${1 + random.below(28)}/${1950 + random.below(75)}`, `${1950 + random.below(75)}-0${1 + random.below(9)}-${10 + random.below(18)}`, `${random.pick(fillers['month'] as string[])} ${1 + random.below(28)}, 20${digits(2)}`]),
    time: () => random.pick([`${1 + random.below(12)}:${random.below(6)}${random.below(10)}`, `${1 + random.below(12)} pm`, `${1 + random.below(12)}:30 AM`]),
    phone: () => random.pick([`(${digits(3)}) 555-01${digits(2)}`, `${digits(3)}-555-01${digits(2)}`, `+1 ${digits(3)} 555 01${digits(2)}`, `0${digits(3)} ${digits(6)}`, `${digits(2)} ${digits(2)} ${digits(2)} ${digits(2)}`]),
    email: () => `${random.pick(words)}${digits(2)}@${random.pick(words)}.example`,
  }
  const fill = (slot: string): Piece => {
    const lower = slot[0]?.toLowerCase() + slot.slice(1)
    const label = labelOf[lower] ?? 0
    const text = label > 0 ? slots[lower as 'name']() : others[lower]?.() ?? random.pick(fillers[lower] as readonly string[])
    return { text: slot === lower ? text : capital(text), label }
  }
  const render = (template: string): Sentence => join(template.split(/(\{\w+\})/).filter(part => part !== '').map(part => part.startsWith('{') ? fill(part.slice(1, -1)) : { text: part, label: 0 }))

  const isKnown = (word: string): boolean => ((sources.codes.get(word.toLowerCase()) ?? 0) & (lists.word | lists.proper)) !== 0
  const middles = /(?<=\w[,;]? )[A-Z][a-z]+(?: [A-Z][a-z]+)*/g
  /** Examples whose capitals are those of months, peoples and things. */
  const plain = [...sources.examples, ...sources.glosses].filter(text => text.length < 200 && [...text.matchAll(middles)].every(([found]) => found.split(' ').every(word => isKnown(word) && ((sources.codes.get(word.toLowerCase()) ?? 0) & lists.first) === 0)))
  const people = sources.examples.filter(text => text.length < 160 && /\b(?:[Hh]e|[Ss]he|him|his|[Ii]|[Tt]hey|them)\b|\b(?:in|to|from|at|near) [A-Z]/.test(text))
  const again = ({ text, spans }: Sentence, change: (text: string) => string): Sentence => {
    const changed = change(text)
    return changed.length === text.length ? { text: changed, spans } : { text, spans }
  }
  const one = (): Sentence => {
    const kind = random.below(100)
    if (kind < 36) return render(random.pick(templates))
    if (kind < 50) return render(random.pick(impersonal))
    if (kind < 76) return swap(random.chance(0.6) ? capital(random.pick(people)) + random.pick(['.', '', '!', '?']) : random.pick(people), { sources, random, slots })
    return { text: random.chance(0.7) ? capital(random.pick(plain)) + random.pick(['.', '']) : random.pick(plain), spans: [] }
  }
  return {
    next (): Sentence {
      const made = random.chance(0.3) ? pair(one(), one(), random) : one()
      const base = random.chance(0.15) ? masked(made, random) : made
      const kind = random.below(100)
      if (kind < 10) return again(base, text => text.toLowerCase())
      if (kind < 13) return again(base, text => text.toUpperCase())
      if (kind < 15) return again(base, text => text.replace(/\p{Lu}{2,}/gu, word => capital(word.toLowerCase())).replace(/(?<![\p{L}'])\p{Ll}/gu, letter => letter.toUpperCase()))
      return base
    },
  }
}
