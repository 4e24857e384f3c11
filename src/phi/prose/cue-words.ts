// The words that detectors look for, with what each is to them, in one table: each word of a text is looked up once, and a pattern none of whose words is there is not run at all.
import { ambiguousNames, commonWords, firstNames, medicalNouns, surnames } from './name-lists.ts'
import { createWordTable } from './word-table.ts'

/** What a word is in a name or beside one, as bits. */
export const roles = {
  title: 1,
  cue: 2,
  verb: 4,
  bridge: 8,
  particle: 16,
  suffix: 32,
  common: 64,
  first: 128,
  surname: 256,
  ambiguous: 512,
  medical: 1024,
  shortTitle: 2048,
  degree: 4096,
  /** Not of the word but of how it is written. */
  capital: 8192,
  /** With a hyphen in it. */
  double: 16384,
} as const

/** Words without one of which a pattern cannot match, as bits. A word is a run of letters from A to Z here, whatever stands around it. */
export const cues = {
  /** The last word of a label before a name. */
  person: 1,
  is: 2,
  this: 4,
  speech: 8,
  month: 16,
  weekday: 32,
  place: 64,
  preposition: 128,
  record: 256,
  abbreviation: 512,
  streetType: 1024,
  state: 2048,
  streetFirst: 4096,
  flat: 8192,
  box: 16384,
  corner: 32768,
  at: 65536,
  dot: 131072,
  www: 262144,
  gir: 524288,
  number: 1048576,
} as const

type Bits = Readonly<Record<string, number>>
const split = (text: string): readonly string[] => text.trim().split(/\s+/)
const table = new Map<string, { roles: number, cues: number }>()

function put (words: Iterable<string>, key: 'roles' | 'cues', bit: number): void {
  for (const word of words) {
    const entry = table.get(word) ?? { roles: 0, cues: 0 }
    entry[key] |= bit
    table.set(word, entry)
  }
}

export const titles: ReadonlySet<string> = new Set(split('mr mrs ms miss mx dr prof professor doctor sir madam madame nurse rev reverend fr sgt lt capt col herr frau señor señora sra monsieur mme'))

const ofNames: Readonly<Record<Exclude<keyof typeof roles, 'capital' | 'double'>, Iterable<string>>> = {
  title: titles,
  cue: split(`patient pt client caller mother father mom dad wife husband spouse son daughter brother sister aunt uncle cousin grandmother grandfather grandma grandpa guardian
    caregiver friend partner neighbor neighbour fiancé fiancee colleague daughter's son's dear hi hello hey attn attention sincerely regards thanks cheers love best yours
    named called physician therapist counselor surgeon pcp provider contact lead`),
  verb: split(`spoke talked met emailed texted called seen signed examined evaluated referred ordered prescribed reviewed treated interviewed accompanied notified informed contacted
    asked told advised saw visited thanks thank meet discussed dictated electronically written accompanied brought`),
  bridge: split('with to by from for'),
  particle: split('de da di do dos das del della der den van von la le el al bin ibn ben st mac mc o y e zu zur ter ten'),
  suffix: split('jr sr ii iii iv md do rn np pa phd dds esq dpm lcsw lpn'),
  common: commonWords,
  first: firstNames,
  surname: surnames,
  ambiguous: ambiguousNames,
  medical: medicalNouns,
  shortTitle: split('mr mrs ms dr prof'),
  degree: split('md rn np phd dds lcsw lpn esq'),
}

/** Of words with letters beyond ASCII the run of letters that is theirs alone: août, März, février, décembre. */
const months = split(`jan january feb february mar march apr april may jun june jul july aug august sep sept september sepember oct october nov november dec december
  enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre januar februar mai juni juli oktober dezember
  janvier mars avril juin juillet septembre octobre novembre ao rz vrier cembre`)
const flats = split('apt apartment suite ste unit')
const alphabet = [...'abcdefghijklmnopqrstuvwxyz']
const people = split(`patient client member customer contact caller lead guardian parent spouse kin subscriber insured party provider physician doctor pcp nurse surgeon therapist
  attending referring by author sender recipient owner agent to attn attention from cc bcc mother father employer signed`)
const beforeName = split('full first last middle maiden given family preferred legal display billing user sur')

/** The words of the patterns in labels, names, dates, addresses and net. Tests see that no pattern finds more when it is run on every text. */
const ofPatterns: Readonly<Record<keyof typeof cues, Iterable<string>>> = {
  person: [...people.flatMap(word => [word, `${word}s`]), ...['', ...beforeName].flatMap(word => [`${word}name`, `${word}names`]), ...split('nombre vorname nachname')],
  is: ['is', 's'],
  this: ['this', 'it'],
  speech: split('name am m im goes known aka k behalf speaking spoke named'),
  month: ['', 'st', 'nd', 'rd', 'th', 'of', 'de', 'day'].flatMap(glued => months.map(month => glued + month)),
  weekday: split('mon tues wednes thurs fri satur sun').flatMap(day => [`${day}day`, `${day}days`]),
  place: split('city town county hometown birthplace location'),
  preposition: split('in at to of near'),
  record: split(`mrn medical med mr chart patient pt hospital unit accession encounter visit specimen case member membership subscriber beneficiary policy policyholder insurance group hicn
    mbi medicare medicaid health plan rx rxbin rxpcn rxgrp rxno rxnumber prescription lead deal contact opportunity claim account acct iban routing aba sort credit debit card invoice billing bank customer loan order confirmation license licence
    lic dl driver drivers npi dea passport certificate cert tax ein tin itin national nhs vin plate registration tag serial sn imei udi device implant pacemaker lot mac model ssn ss soc
    social socsec socialsec socsecurity socialsecurity zip zipcode postal postcode fax telefax facsimile phone tel telephone mobile cell call callback ext extension pager whatsapp dob
    dod date birth birthdate birthday born id identifier ref reference ticket record username user login handle pin passcode password token key booking reservation`),
  abbreviation: split('m a s d'),
  streetType: split(`street st avenue ave av road rd boulevard blvd lane ln drive dr court ct circle cir place pl plaza plz square sq terrace ter trail trl trace parkway pkwy pike
    highway hwy route rte way walk path row alley aly loop run ridge rdg crescent cres close grove mews crossing xing point pt hollow bend cove heights hts landing extension turnpike
    tpke expressway stra strasse str weg platz gasse allee rue avenida calle via`),
  state: split(`al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy pr gu vi
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
    michigan minnesota mississippi missouri montana nebraska nevada new north ohio oklahoma oregon pennsylvania rhode south tennessee texas utah vermont virginia washington west wisconsin
    wyoming`),
  streetFirst: split('calle avenida rue via viale rua plaza place plazc placa place boulevard piazza'),
  flat: flats.flatMap(word => ['', ...alphabet].map(letter => word + letter)),
  box: split('box obox pobox'),
  corner: split('corner intersection junction'),
  at: ['at'],
  dot: ['dot'],
  www: ['www'],
  gir: ['gir'],
  // The last is of "fünf".
  number: split(`zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy
    eighty ninety hundred cero uno dos tres cuatro cinco seis siete ocho nueve null eins zwei zwo drei vier sechs sieben acht neun nf`),
}

for (const [name, words] of Object.entries(ofNames)) put(words, 'roles', (roles as Bits)[name] as number)
for (const [name, words] of Object.entries(ofPatterns)) put(words, 'cues', (cues as Bits)[name] as number)

export const wordTable = createWordTable([...table.keys()])
export const rolesOf = Int32Array.from(table.values(), entry => entry.roles)
export const cuesOf = Int32Array.from(table.values(), entry => entry.cues)
