// Invented people and what is written about them, from a seed: every value is planted, so a test knows what must be gone. Numbers come from ranges that belong to nobody.

export interface Planted {
  readonly kind: string
  readonly value: string
}

export interface Note {
  readonly text: string
  readonly planted: readonly Planted[]
}

export interface Random {
  below (limit: number): number
  pick<T> (list: readonly T[]): T
  digits (count: number): string
}

/** mulberry32: small, and the same everywhere. */
export function createRandom (seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    pick: list => list[below(list.length)] as never,
    digits: count => Array.from({ length: count }, () => below(10)).join(''),
  }
}

const syllables = ['ka', 'ro', 'mi', 'ven', 'tol', 'dra', 'lu', 'ser', 'quin', 'bel', 'thor', 'ness', 'gri', 'mal', 'o', 'fen', 'zi', 'bra', 'wyn', 'dok']
const firsts = ['Jane', 'Robert', 'Maria', 'Linda', 'Ahmed', 'Priya', 'Wei', 'Sofia', 'Tyrone', 'Siobhan', 'José', 'Ingrid', 'Grace', 'Mark']
const lasts = ['Roe', 'Hernandez', 'Nguyen', 'Kowalski', 'Smith', 'Okafor', 'Schmidt', 'Patel', 'O\'Connor', 'Garcia', 'Brown', 'Young']
const streets = ['Maple', 'Old Mill', 'Lakeview', 'St. Clair', 'Elm', '42nd', 'Cedar Hollow']
const months = ['January', 'Feb', 'March', 'Apr.', 'May', 'June', 'July', 'Aug', 'September', 'Oct', 'November', 'Dec.']

const capital = (text: string) => text[0]?.toUpperCase() + text.slice(1)

/** A name that no list has. */
export function inventName (random: Random): string {
  return capital(Array.from({ length: 2 + random.below(2) }, () => random.pick(syllables)).join(''))
}

export interface Person {
  readonly first: string
  readonly last: string
  readonly email: string
  readonly phone: string
  readonly ssn: string
  readonly mrn: string
  readonly birth: string
  readonly zip: string
  readonly street: string
}

export function createPhone (random: Random): string {
  const [area, end] = [String(200 + random.below(700)), `01${random.digits(2)}`]
  return random.pick([`(${area}) 555-${end}`, `${area}-555-${end}`, `${area}.555.${end}`, `+1 ${area} 555 ${end}`, `1-${area}-555-${end}`, `${area}555${end}`, `555-${end}`])
}

export function createDate (random: Random): string {
  const [year, month, day] = [1940 + random.below(80), 1 + random.below(12), 1 + random.below(28)]
  const two = (value: number) => String(value).padStart(2, '0')
  return random.pick([
    `${year}-${two(month)}-${two(day)}`, `${month}/${day}/${year}`, `${two(month)}/${two(day)}/${two(year % 100)}`, `${months[month - 1]} ${day}, ${year}`,
    `${day} ${months[month - 1]} ${year}`, `${year}-${two(month)}-${two(day)}T10:2${random.below(10)}:00Z`, `${two(day)}.${two(month)}.${year}`, `${months[month - 1]} ${day}th`,
  ])
}

export function createPerson (random: Random, isListed = true): Person {
  const [first, last] = isListed ? [random.pick(firsts), random.pick(lasts)] : [inventName(random), inventName(random)]
  return {
    first,
    last,
    email: `${first}.${last}${random.digits(2)}@${random.pick(['mail.example', 'clinic.test', 'crm.example'])}`.toLowerCase().replace('\'', ''),
    phone: createPhone(random),
    ssn: random.pick([`9${random.digits(2)}-${random.digits(2)}-${random.digits(4)}`, `000-${random.digits(2)}-${random.digits(4)}`, `666 ${random.digits(2)} ${random.digits(4)}`]),
    mrn: random.pick([random.digits(7), `H${random.digits(8)}`, `${random.digits(3)}-${random.digits(4)}`, `MR${random.digits(6)}`]),
    birth: createDate(random),
    zip: `0000${random.digits(1)}`,
    street: `${1 + random.below(9998)} ${random.pick(streets)} ${random.pick(['Street', 'Ave', 'Rd', 'Blvd', 'Lane', 'Drive'])}`,
  }
}

type Template = (person: Person, random: Random) => readonly (string | Planted)[]
const plant = (kind: string, value: string): Planted => ({ kind, value })

/** Names stand behind something that says that they are names, as they mostly do in a CRM. */
const templates: readonly Template[] = [
  p => ['Patient ', plant('name', `${p.first} ${p.last}`), ', DOB ', plant('date', p.birth), ', MRN ', plant('mrn', p.mrn), '. BP 120/80, HR 72, Metformin 500 mg twice daily.'],
  p => ['Called Mrs. ', plant('name', p.last), ' back at ', plant('phone', p.phone), ' about her A1c of 7.2%. She prefers e-mail: ', plant('email', p.email), '.'],
  p => ['Dear ', plant('name', p.first), ',\n\nyour appointment is on ', plant('date', p.birth), '. Questions? Visit ', plant('url', 'https://portal.clinic.example/p?id=77'), '\n\nRegards,\nThe front desk'],
  p => ['Name: ', plant('name', `${p.first} ${p.last}`), '\nAddress: ', plant('address', p.street), ', ', plant('address', 'Springfield'), ', IL ', plant('zip', p.zip), '\nSSN: ', plant('ssn', p.ssn)],
  p => ['SSN ', plant('ssn', p.ssn), ' on file, member ID ', plant('plan', `XQ${p.mrn.replace(/\D/g, '').padStart(6, '7')}`), '. ICD-10 E11.9, CPT 99213.'],
  p => ['my name is ', plant('name', `${p.first} ${p.last}`), ' and my number is ', plant('phone', p.phone), ', can somebody call me'],
  (_, random) => ['Login from ', plant('ip', `203.0.113.${random.below(256)}`), ' for account #', plant('account', random.digits(9)), ', plate no. ', plant('vehicle', `ABC ${random.digits(4)}`), '.'],
  p => ['Seen by Dr. ', plant('name', `${p.first} ${p.last}`), ' for follow up of hypertension. Next visit ', plant('date', p.birth), '.'],
  (p, random) => ['Patient is ', plant('age', String(90 + random.below(15))), ' years old, lives at ', plant('address', p.street), '. Fax records to ', plant('fax', p.phone), '.'],
]

export function createNote (random: Random, isListed = true): Note {
  const parts = random.pick(templates)(createPerson(random, isListed), random)
  return { text: parts.map(part => typeof part === 'string' ? part : part.value).join(''), planted: parts.filter(part => typeof part !== 'string') }
}

/** Clinical texts about nobody. */
export const impersonal: readonly string[] = [
  'BP 120/80, HR 72, RR 16, SpO2 98% on room air, temp 98.6 F.', 'Metformin 500 mg PO BID, lisinopril 10 mg daily, insulin glargine 20 units at bedtime.',
  'Assessment: type 2 diabetes mellitus (E11.9), essential hypertension (I10). CPT 99213.', 'Labs: WBC 11.2, Hgb 13.5, platelets 250000, Na 138, K 4.1, creatinine 0.9.',
  'Positive Babinski sign; no Homan sign. Parkinson disease is stable, Crohn disease in remission.', 'Follow up in 3 months. Call the office with any questions.',
  'The meeting notes were updated and the deal moved to stage 3 of 5.', 'Chest pain for 2 days, worse with exertion, 7/10, radiating to the left arm.',
  'Order 66 boxes of gloves, size M, and 12 packs of gauze 4x4.', 'No known drug allergies. Immunizations up to date as of 2021.',
]

/** The same text as somebody would write it who wants it to pass. */
export const evasions: Readonly<Record<string, (text: string, random: Random) => string>> = {
  fullwidth: text => text.replace(/[0-9A-Za-z@]/g, letter => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  zeroWidth: text => [...text].join('\u200b'),
  softHyphen: (text, random) => [...text].map(letter => random.below(3) === 0 ? `${letter}\u00ad` : letter).join(''),
  homoglyphs: text => text.replace(/[aeopcxA-EHKMOPTX]/g, letter => ({ a: 'а', e: 'е', o: 'о', p: 'р', c: 'с', x: 'х', A: 'А', B: 'В', C: 'С', E: 'Е', H: 'Н', K: 'К', M: 'М', O: 'О', P: 'Р', T: 'Т', X: 'Х' })[letter] ?? letter),
  arabicDigits: text => text.replace(/\d/g, digit => String.fromCharCode(0x660 + Number(digit))),
  dashes: text => text.replaceAll('-', '\u2011').replaceAll(' ', '\u00a0'),
  marks: text => text.replace(/\d/g, '$&\u0336'),
  entities: text => text.replace(/[@0-9]/g, letter => `&#${letter.charCodeAt(0)};`),
  percent: text => text.replace(/[@0-9.-]/g, letter => `%${letter.charCodeAt(0).toString(16)}`),
}

/** Letters and digits of a text, as a person reads them. */
export function readable (text: string): string {
  return text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}

/** Parts of a planted value that still stand in what came out; single letters and what stood around it do not count. */
export function leftOf ({ value }: Planted, note: Note, out: string): readonly string[] {
  const tokens = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []
  const around = new Set(tokens(note.planted.reduce((text, planted) => text.replace(planted.value, ' '), note.text)))
  const there = new Set(tokens(out))
  return tokens(value).filter(token => there.has(token) && !around.has(token))
}
