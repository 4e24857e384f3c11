// Invented people, places and addresses for training, from a seed, as people write them in many countries. None of the names and forms comes from a test.
import type { Sources } from './lists.ts'

export interface Random {
  below (limit: number): number
  pick<T> (list: readonly T[]): T
  chance (share: number): boolean
}

/** xorshift32: small, and the same everywhere. */
export function createRandom (seed: number): Random {
  let state = seed | 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4294967296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, pick: list => list[below(list.length)] as never, chance: share => next() < share }
}

export interface Slots {
  first (): string
  last (): string
  name (): string
  town (): string
  address (): string
  facility (): string
  street (): string
}

const types = 'Street,St,St.,Avenue,Ave,Ave.,Road,Rd,Rd.,Boulevard,Blvd,Lane,Ln,Drive,Dr,Dr.,Court,Ct,Circle,Place,Pl,Square,Terrace,Trail,Parkway,Pkwy,Way,Walk,Row,Crescent,Close,Grove,Mews,Highway,Hill,Gardens,Green,View,Rise,Park,Park Road,Loop,Alley,Pike,Cove,Ridge'.split(',')
const things = 'Oak,Maple,Cedar,Elm,Pine,Church,Mill,Station,High,Victoria,King,Queen,River,Lake,Hill,Park,Spring,Sunset,Meadow,Forest,Main,School,Bridge,Castle,Chapel,Orchard,Garden,Market,Union,College,Franklin,Jefferson,Manor,London,York,Windsor,Albert,George,1st,2nd,3rd,5th,14th,33rd,Eagle,Fox Run,Old Post,North Shore,Rose,Ash,Birch,Willow,Highland,Valley,Prospect,Grand,Center,Pleasant,County Road'.split(',')
const states = 'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY'.split(' ')
const prefixes = 'Rue,Rue de,Rue de la,Rue du,Avenue de,Avenue du,Boulevard de,Chemin de,Place,Place de la,Allée des,Via,Via della,Viale,Corso,Piazza,Largo,Calle,Calle de,Calle de la,Avenida,Avenida de,Paseo,Plaza,Camino,Carrera,Rua,Rua da,Travessa,Estrada,Ul.,ul.,ulica,Ulica,Aleja,Am,An der,Auf dem,Zum,Zur,Im,Alte,Neue,Obere,Untere,Großer,Lange,Grote,Kleine,Jalan,Strada,Str.,Bulevardul,Trg,Cesta,Ulitsa,ul,Prospekt,Náměstí,Laan van,Van'.split(',')
const endings = 'straße,strasse,str.,weg,gasse,platz,allee,ring,damm,ufer,berg,hof,feld,straat,laan,weg,plein,kade,dreef,gracht,steenweg,singel,vej,vænget,gade,allé,bakken,vägen,gatan,gränd,backen,stigen,veien,gata,vegen,katu,tie,polku,kuja,utca,út,tér,ova,ská,ská ulice,ska'.split(',')
const finals = 'utca,u.,út,tér,köz,ulica,cesta,trg,ulice,gata,gatan,katu,tie,vej,Allé,väg,Street,Sokak,Caddesi,Sok.,Cad.,iela,gatve,tänav,gatvė,nagar,Marg,Road,Dori,Straße,Weg,Platz,Plaats,Laan'.split(',')
const units = 'Apt,Apt.,Apartment,Suite,Ste,Unit,Flat,Floor,Room,Rm,Bldg,#,Apt #,Lot,Building,Top,Wohnung,Stock,Piso,Bajo,Esc.,App.,bus'.split(',')
const facilities = 'Hospital,General Hospital,Medical Center,Clinic,Family Clinic,Health Center,Community Hospital,Memorial Hospital,Regional Medical Center,Urgent Care,Pharmacy,Nursing Home,Hospice,Dental,Dental Care,Pediatrics,Surgery Center,High School,Elementary School,Library,Church,Country Club,Airport,Hotel,Middle School,University Hospital,Rehabilitation Center,Physiotherapy,Surgery,Health Centre,Infirmary,Klinik,Krankenhaus'.split(',')

interface NameSlots extends Pick<Slots, 'first' | 'last' | 'name'> {
  /** Frequent entries come more often, as they do in life. */
  frequent (list: readonly string[]): string
  /** Again until what is made is not kept away. */
  until (make: () => string): string
}

function createNames (sources: Sources, random: Random, isSpared: (word: string) => boolean): NameSlots {
  const frequent = (list: readonly string[]) => list[Math.floor(list.length * (random.below(1e6) / 1e6) ** 3)] as string
  const until = (make: () => string): string => {
    for (let tries = 0; tries < 200; tries++) {
      const made = make()
      if (!isSpared(made)) return made
    }
    return make()
  }
  const initial = () => `${random.pick([...'ABCDEFGHJKLMNPRSTVW'])}${random.chance(0.7) ? '.' : ''}`
  const first = () => until(() => random.chance(0.45) ? frequent(sources.firsts) : random.pick(sources.foreignFirsts))
  const simpleLast = () => until(() => random.chance(0.5) ? frequent(sources.lasts) : random.pick(sources.foreignLasts))
  const last = (): string => {
    if (random.chance(0.05)) return `${random.pick(['van', 'van der', 'van den', 'de', 'de la', 'von', 'di', 'da', 'dos', 'del', 'el', 'al', 'Van', 'De', 'Di', 'La', 'St.', 'bin', 'ten'])} ${simpleLast()}`
    if (random.chance(0.03)) return `${random.pick(["O'", 'Mc', 'Mac', "D'", 'Fitz'])}${simpleLast()}`
    return random.chance(0.06) ? `${simpleLast()}${random.pick(['-', ' '])}${simpleLast()}` : simpleLast()
  }
  const name = (): string => {
    const kind = random.below(100)
    if (kind < 55) return `${first()} ${last()}`
    if (kind < 62) return `${first()} ${initial()} ${last()}`
    if (kind < 66) return `${first()} ${first()} ${last()}`
    if (kind < 82) return first()
    if (kind < 92) return last()
    if (kind < 94) return `${initial()} ${last()}`
    if (kind < 96) return `${first()} ${last()}${random.pick([', ', ' '])}${random.pick(['Jr.', 'Sr.', 'III', 'II', 'MD', 'RN', 'PhD'])}`
    if (kind < 98) return `${last()}, ${first()}${random.chance(0.3) ? ` ${initial()}` : ''}`
    return `${first()}-${first()} ${last()}`
  }
  return { first, last, name, frequent, until }
}

/** `isSpared` keeps a part of all names away from training, to measure with. */
export function createSlots (sources: Sources, random: Random, isSpared: (word: string) => boolean): Slots {
  const { first, last, name, frequent, until } = createNames(sources, random, isSpared)
  const digits = (count: number) => Array.from({ length: count }, () => random.below(10)).join('')
  const town = () => until(() => random.chance(0.5) ? (random.pick(sources.americanTowns)[0]) : random.chance(0.5) ? frequent(sources.towns) : random.pick(sources.towns))
  const base = () => random.pick([last, first, town, town, () => random.pick(things), () => random.pick(things)])()
  const street = (): string => {
    const kind = random.below(10)
    if (kind < 5) return `${random.chance(0.15) ? `${random.pick(['N', 'S.', 'E', 'W', 'North', 'South', 'SE', 'Old', 'Upper', 'Great'])} ` : ''}${base()} ${random.pick(types)}`
    if (kind < 7) return `${random.pick(prefixes)} ${base()}${random.chance(0.2) ? ` ${base()}` : ''}`
    if (kind < 9) return `${random.chance(0.15) ? `${base()} ` : ''}${base().replace(/[ .]/g, '')}${random.pick(endings)}`
    return random.chance(0.7) ? `${base()} ${random.pick(finals)}` : base()
  }
  const number = () => random.chance(0.7) ? String(1 + random.below(random.chance(0.5) ? 200 : 9999)) : random.pick([`${1 + random.below(99)}${random.pick(['a', 'b', 'A', 'B', 'C'])}`, `${digits(2)} ${1 + random.below(999)}`, `${digits(2)}`, `${1 + random.below(300)}-${1 + random.below(9)}`])
  const code = () => random.pick([() => digits(5), () => digits(5), () => digits(5), () => `${digits(5)}-${digits(4)}`, () => digits(4), () => `${digits(3)} ${digits(2)}`, () => digits(6), () => `${random.pick(['SW', 'N', 'EC', 'M', 'LS', 'BS'])}${1 + random.below(19)} ${random.below(10)}${random.pick(['AB', 'XY', 'QT', 'LN'])}`])()
  const firstLine = (): string => {
    const kind = random.below(20)
    if (kind === 0) return `${random.pick(['P.O. Box', 'PO Box', 'Box', 'Postfach', 'P O Box'])} ${1 + random.below(9999)}`
    if (kind === 1) return `${random.pick(['PSC', 'CMR', 'Unit', 'USNS', 'USS', 'USCGC'])} ${random.pick([`${digits(4)}, Box ${digits(4)}`, `${digits(3)} Box ${digits(3)}`, last()])}`
    if (kind === 2) return `${random.pick(['corner of', 'the corner of', 'intersection of', 'the junction of'])} ${street()} and ${street()}`
    if (kind < 13) return `${number()}${random.chance(0.06) ? ',' : ''} ${street()}`
    if (kind < 18) return `${street()}${random.chance(0.1) ? ',' : ''} ${number()}${random.chance(0.1) ? '.' : ''}`
    return `${number()} ${street()} ${number()}`
  }
  const region = () => random.pick([() => random.pick(states), () => random.pick(states), () => '', () => random.pick([...'ABCDEFGHLMNPRSTVW']) + random.pick([...'ABCDEFGHLMNPRSTVW']), () => `${random.pick([...'ABCNPQSTVW'])}${random.pick([...'LSXAE'])}${random.pick([...'DGKTW'])}`])()
  const address = (): string => {
    const glue = random.pick([', ', ', ', ', ', ' ', '\n', '\n', ',\n', '\n ', '\n> ', '\n\n', ' - ', '\n,'])
    const lines = [firstLine()]
    if (random.chance(0.35)) lines.push(`${random.pick(units)} ${random.chance(0.85) ? 1 + random.below(999) : random.pick([...'ABCDEF'])}`.replace('# ', '#'))
    const place = random.chance(0.15) ? town().toUpperCase() : town()
    const area = region()
    const line = random.below(10)
    if (line < 3) lines.push(`${place}, ${area === '' ? code() : `${area} ${code()}`}`)
    else if (line < 4) lines.push(`${code()} ${place}`)
    else if (line < 6) lines.push(`${place} ${area} ${code()}`.replace('  ', ' '))
    else if (line < 7) lines.push(place, `${area} ${code()}`.trim())
    else if (line < 8) lines.push(place, `${random.pick(sources.countries)} ${code()}`)
    else if (line < 9) lines.push(place, random.chance(0.4) ? random.pick(sources.countries) : code())
    const count = random.chance(0.2) ? 1 : lines.length
    return lines.slice(0, count).join(glue)
  }
  const facility = () => `${random.chance(0.15) ? `${random.pick(['St.', 'Saint', 'Mount', 'Our Lady of'])} ` : ''}${random.pick([town, last, first, () => random.pick(things)])()}${random.chance(0.1) ? "'s" : ''} ${random.pick(facilities)}`
  return { first, last, name, town, address, facility, street }
}
