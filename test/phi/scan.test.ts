// The scan before the patterns keeps none from being run that would have found something: every detector finds the same with it as with a scan that lets all of them run.
import t, { type Test } from 'tap'
import { findAddresses } from '../../src/phi/prose/addresses.ts'
import { findDates } from '../../src/phi/prose/dates.ts'
import { fold } from '../../src/phi/prose/fold.ts'
import { findLabelled } from '../../src/phi/prose/labels.ts'
import { findNames } from '../../src/phi/prose/names.ts'
import { findNetworkIdentifiers } from '../../src/phi/prose/net.ts'
import { findNumbers } from '../../src/phi/prose/numbers.ts'
import { scan, scanWide } from '../../src/phi/prose/scan.ts'
import { findSpoken } from '../../src/phi/prose/spoken.ts'
import { createNote, createRandom, evasions, impersonal, type Random } from '../support/phi-corpus.ts'
import { aboutNobody, createLetter } from '../support/phi-letters.ts'

const detectors = { findAddresses, findDates, findLabelled, findNames, findNetworkIdentifiers, findNumbers, findSpoken }
const found = new Map<string, number>()

function isSame (t: Test, text: string): void {
  for (const [name, detector] of Object.entries(detectors)) {
    const narrow = JSON.stringify(detector(scan(text)))
    if (narrow !== '[]') found.set(name, (found.get(name) ?? 0) + 1)
    const wide = JSON.stringify(detector(scanWide(text)))
    if (narrow !== wide) t.equal(narrow, wide, `${name}: ${JSON.stringify(text)}`)
  }
}

const list = (text: string) => text.split('|')
const labels = list('MRN|m.r.n.|medical record|med rec|mr #|mr no|chart|patient id|pt id|hospital no|unit number|accession|encounter|visit id|specimen|case|membership id|subscriber|beneficiary|policyholder|insurance id|' +
  'group #|hicn|mbi|medicare|health plan|plan id|rxbin|rx pcn|claim|account|acct|a/c|iban|routing|aba|sort code|credit card|debit card|invoice|billing id|bank|rx #|rx number|prescription no|lead #|contact #|opportunity #|customer id|loan|order|confirmation|license|licence|lic|dl|' +
  "driver's license|drivers licence|npi|dea|passport|cert|tax id|ein|itin|national id|nhs|vin|plate|registration|tag|serial|s/n|sn|imei|udi|device|implant|pacemaker|lot|mac address|model no|ssn|ss #|social|socsec|" +
  'soc security|social security|zip|zipcode|zip code|postal code|postcode|fax|telefax|facsimile|phone|tel|mobile|cell|callback|ext|pager|whatsapp|dob|d.o.b.|date of birth|birthdate|birthday|born|dod|id|ref|ticket|record|' +
  'username|user id|login|handle|pin|passcode|password|token|key|booking|reservation')
const people = list("patient|Patients|patient's|client's name|member|customer|emergency contact|next of kin|responsible party|referring physician|referred by|signed|signed by|author|assigned to|attn|from|cc|employer|full name|" +
  'first-name|last_name|firstname|username|surname|names|nombre|Nachname|my name|my name\'s|i am|i\'m|im|this is|it\'s|goes by|aka|a.k.a.|on behalf of|spoke with|named')
const pieces = [...list('5thMay|2nd of june|the 3 day ofMarch|Sepember 4|Monday|tues|fridays|12/3/1999|3-4|1999-12|19991231|aged 92|93 y.o.|104 yrs|1.2.3.4|::1|2001:db8::1|aa:bb:cc:dd:ee:ff|x@y.example|j [at] x [dot] example|' +
  'jane at x dot example|https://x.example/a|mailto:j@x.example|hxxp[:]//x.example|www.x.example|clinic.example|555-0100|(212) 555-0100|( 212 ) 555 0100|2125550100|+49 30 1234567|00441632960001|01632 960 001|5551 2345|' +
  '12 34 56 78|9 0 0 5 5 0 1 0 1|900-55-0101|4000 0000 0000 0002|GB29NWBK60161331926819|1HGCM82633A004352|123e4567-e89b-12d3-a456-426614174000|AB-12345|x_1234567|12 Main St|7 old mill road|P.O. Box 12|POBox 9|' +
  'Hauptstraße 7|Lindenweg 12 a|Calle Luna 5|12 Rue de Seine|viale Roma 3|Apt 4|apt.B2|unitC5|suite #200|Springfield, IL|Boston,Massachusetts 02101|IL 62701|New York, 10001|62701-1234|SW1A 1AA|GIR 0AA|K1A 0B1|' +
  "corner of 5th and Main|lives in Boston|outlives in Évry|from Köln|city: Ulm|hometown Bad Homburg|Roe, Jane|JANE ROE|jane smith|O'Connor|Jean-Pierre|Müller's|José|Dr. Zyx|dr zyx|von|K.|MD|Crohn disease|𝒥𝒶𝓃𝑒|é|ß"),
...list('3 de marzo de 1971|4. März 1980|1er août|2 février|12 décembre 1999|Oktober 3|the 5th juillet|9 0 0 5 5 0 1|900:55:0101|900|55|0101|900*55*0101|900~55~0101|lead #1234|deal # 4321|rx no. 12345|prescription # 99812|' +
  'jane @ clinic . example|jane (@) clinic.example|clinic[.]example|clinic(.)example/a|clinic[dot]example|hxxps://x.example|il 62701|tx 75001-1234|400 elm st springfield il 62701|12 n oak dr|7 5th trail 3|' +
  'five five five oh one double oh|cero uno dos tres cuatro cinco seis|null fünf drei|my pin is one two three four|ninety two years old|one hundred years of age|March third nineteen sixty one|' +
  'the twenty first of june|twenty-three hundred|social given as 2071|Parent: (Zyxwina|patient x-ray|zip code?\nVisitor: 12345|member id?\n[10:02] Zyx: 123 456'),
...labels, ...people]
const joints = [' ', ' ', ' ', ', ', ': ', ' is ', '\n', '-', "'", '. ', '=', '', ' # ', '\t', '; ', ' to ', ' in ', '(', ')', '/', '_', '5', 'x', 'é']

const mixed = (random: Random): string => Array.from({ length: 1 + random.below(7) }, () => random.pick(pieces) + random.pick(joints)).join('')

t.test('notes, letters, disguises and texts about nobody', async t => {
  const random = createRandom(21)
  for (let round = 0; round < 1500; round++) for (const { text } of [createNote(random, round % 2 === 0), createLetter(random)]) isSame(t, text)
  for (const disguise of Object.values(evasions)) for (let round = 0; round < 60; round++) isSame(t, fold(disguise(createNote(random).text, random)).text)
  for (const text of [...impersonal, ...aboutNobody]) isSame(t, text)
})

t.test('every label before every kind of value', async t => {
  for (const label of labels) for (const value of ['12345', 'A-1234', '900-55-0101', 'zyx']) for (const joint of [' ', ': ', ' # ', ' no. ', '=']) isSame(t, `see ${label}${joint}${value} here`)
  for (const label of people) for (const joint of [' ', ': ', ' is ', '  is ', '=', ', ']) isSame(t, `${label}${joint}zyxwina`)
})

t.test('pieces of patterns beside each other, and pieces of those', async t => {
  const random = createRandom(22)
  for (let round = 0; round < 12_000; round++) {
    const text = mixed(random)
    const at = random.below(text.length + 1)
    isSame(t, text)
    isSame(t, text.slice(0, at) + text.slice(at + random.below(4)))
  }
  for (const name of Object.keys(detectors)) t.ok((found.get(name) ?? 0) > 1000, `${name} found something in ${found.get(name) ?? 0} texts`)
})
