// Texts of other genres than notes of a clinic: call-centre notes, chats, voicemail as a machine wrote it down, letters of insurers, texting without capitals, faxes without small
// letters, notes in Spanish and German. People, towns and streets are lists of their own; a third of the names is invented.
import { inventName, type Note, type Planted, type Random } from './phi-corpus.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)
const lines = (text: string): readonly string[] => text.trim().split('\n')

const firsts = words(`Deshawn Aaliyah Kaitlyn Brayden Latoya Rashad Monique Bradford Shanice Tomasz Agnieszka Svetlana Dmitri Hiroshi Keiko Nikhil Ananya Fatima Yusuf Chidi Ngozi Thandiwe
 Leilani Kekoa Marisol Xavier Ignacio Consuelo Guillermo Birgit Jürgen Wolfgang Annika Saoirse Niamh Cormac Giulia Matteo Élodie Thibault Beatrix Philippa Trevor Winston Mabel Agatha
 Harriet Clyde Wendell Loretta Darnell Tamika Shaniqua Kyler Jaxon Maddox Brynlee Oakley Everleigh Roberta Dwight`)
const lasts = words(`Washington Jefferson Vandenberg Kozlowski Wojcik Petrov Ivanova Tanaka Yamamoto Subramanian Krishnamurthy Al-Masri Haddad Adeyemi Nwosu Dlamini Kealoha Villanueva Echeverría
 Montoya Zapata Gutiérrez Schneider Hoffmann Weiß Krüger Lindgren O'Sullivan McAllister Fitzgerald MacDougall Rossi Bianchi Lefebvre Beaumont Ashworth Blackwood Hawthorne Pennington
 Whitaker Stubblefield Higginbotham Yarbrough Thibodeaux Boudreaux Guidry Crabtree Culpepper Satterfield Bumgarner Eisenhauer Van der Berg`.replace('Van der Berg', 'Terwilliger'))
const towns = lines(`Chattanooga
Fort Wayne
Kalamazoo
Albuquerque
Bakersfield
Eau Claire
Corpus Christi
Rancho Cucamonga
Schenectady
Murfreesboro
Coeur d'Alene
Wilkes-Barre
Terre Haute
Lake Havasu City`)
const states = words('TN IN MI NM CA WI TX NY ID PA AZ OH FL GA')
const streets = lines(`Birchwood Lane
Sycamore St
Martin Luther King Blvd
Old Ferry Road
Chestnut Ridge Dr
W 83rd Ave
Pleasant Valley Pkwy
Hickory Ct
County Road 12
Magnolia Terrace
Deer Run Trail
Highway 61 N`)
const german = words('Lindenstraße Gartenweg Schillerplatz Bahnhofstraße Mühlgasse')
const spanish = ['Calle Mayor', 'Avenida Juárez', 'Calle de los Olivos', 'Avenida Reforma']
const monthNames = words('January February March April May June July August September October November December')
const spanishMonths = words('enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre')
const germanMonths = words('Januar Februar März April Mai Juni Juli August September Oktober November Dezember')
const spokenDigits = words('zero one two three four five six seven eight nine')

const two = (value: number): string => String(value).padStart(2, '0')
const speak = (digits: string): string => [...digits].map(digit => spokenDigits[Number(digit)]).join(' ')

function phoneDigits (random: Random): string {
  return `${200 + random.below(700)}55501${random.digits(2)}`
}

function formatPhone (random: Random): string {
  const all = phoneDigits(random)
  const [area, office, line] = [all.slice(0, 3), all.slice(3, 6), all.slice(6)]
  return random.pick([`${area}-${office}-${line}`, `(${area})${office}-${line}`, `${area}.${office}.${line}`, `${area} ${office} ${line}`, `${all}`, `+1${all}`, `1 (${area}) ${office}-${line}`, `${area}/${office}-${line}`, `${office}-${line}`])
}

function formatDate (random: Random): string {
  const [year, month, day] = [1930 + random.below(95), 1 + random.below(12), 1 + random.below(28)]
  const name = monthNames[month - 1] as string
  return random.pick([`${month}/${day}/${two(year % 100)}`, `${two(month)}/${two(day)}/${year}`, `${month}-${day}-${year}`, `${name} ${day}, ${year}`, `${name.slice(0, 3)} ${day} ${year}`, `${day}-${name.slice(0, 3)}-${year}`, `${year}/${two(month)}/${two(day)}`,
    `${name} ${day}${day === 1 || day === 21 ? 'st' : day === 2 || day === 22 ? 'nd' : day === 3 || day === 23 ? 'rd' : 'th'}`, `the ${day === 1 || day === 21 ? `${day}st` : `${day === 2 || day === 22 ? `${day}nd` : day === 3 || day === 23 ? `${day}rd` : `${day}th`}`} of ${name}`, `${two(month)}.${two(day)}.${year}`])
}

const person = (random: Random) => {
  const isInvented = random.below(3) === 0
  const [first, last] = isInvented ? [inventName(random), inventName(random)] : [random.pick(firsts), random.pick(lasts)]
  return { first, last }
}

type Maker = (random: Random) => string

const makers: Readonly<Record<string, readonly [string, Maker]>> = {
  name: ['name', random => { const { first, last } = person(random); return `${first} ${last}` }],
  reversed: ['name', random => { const { first, last } = person(random); return `${last}, ${first}` }],
  middle: ['name', random => { const { first, last } = person(random); return `${first} ${random.pick(words('A B D J K M R T'))}. ${last}` }],
  first: ['name', random => person(random).first],
  last: ['name', random => person(random).last],
  phone: ['phone', formatPhone],
  fax: ['fax', formatPhone],
  spokenPhone: ['phone', random => speak(phoneDigits(random))],
  spokenShort: ['phone', random => speak(`55501${random.digits(2)}`)],
  spacedPhone: ['phone', random => [...phoneDigits(random)].join(' ')],
  spokenSsn: ['ssn', random => speak(`9${random.digits(8)}`)],
  ssn: ['ssn', random => random.pick([`9${random.digits(2)}-${random.digits(2)}-${random.digits(4)}`, `000${random.digits(6)}`, `666 ${random.digits(2)} ${random.digits(4)}`])],
  last4: ['ssn', random => random.digits(4)],
  email: ['email', random => { const { first, last } = person(random); return `${first}${random.pick(['.', '_', ''])}${last}${random.below(90)}@${random.pick(['mail.example', 'home.test', 'corp.example'])}`.toLowerCase().replace(/[^\x20-\x7e]|'/g, 'x') }],
  spokenEmail: ['email', random => { const { first, last } = person(random); return `${first} dot ${last} at mail dot example`.replace(/[^\x20-\x7e]|'|-/g, 'x') }],
  date: ['date', formatDate],
  spanishDate: ['date', random => `${1 + random.below(28)} de ${random.pick(spanishMonths)} de ${1930 + random.below(95)}`],
  germanDate: ['date', random => random.pick([`${1 + random.below(28)}. ${random.pick(germanMonths)} ${1930 + random.below(95)}`, `${two(1 + random.below(28))}.${two(1 + random.below(12))}.${1930 + random.below(95)}`])],
  spokenDate: ['date', random => `${random.pick(monthNames)} ${random.pick(words('first second third fifth ninth twelfth fifteenth twentieth'))} nineteen ${random.pick(['fifty', 'sixty', 'seventy'])} ${random.pick(words('one two four eight'))}`],
  street: ['address', random => `${1 + random.below(9900)} ${random.pick(streets)}`],
  germanStreet: ['address', random => `${random.pick(german)} ${1 + random.below(180)}`],
  spanishStreet: ['address', random => `${random.pick(spanish)} ${1 + random.below(400)}`],
  town: ['place', random => random.pick(towns)],
  zip: ['zip', random => `0000${random.below(10)}`],
  mrn: ['mrn', random => random.pick([random.digits(7), `A${random.digits(7)}`, `${random.digits(2)}-${random.digits(5)}`, random.digits(10)])],
  member: ['plan', random => random.pick([`W${random.digits(9)}`, `XEA${random.digits(9)}`, `${random.digits(8)}01`, `H${random.digits(4)}-${random.digits(5)}`])],
  claim: ['plan', random => random.pick([random.digits(11), `CLM-${random.digits(7)}`, `E${random.digits(8)}`])],
  account: ['account', random => random.pick([random.digits(6), random.digits(9), `AC-${random.digits(6)}`])],
  card: ['account', random => `9000 0000 ${random.digits(4)} ${random.digits(4)}`],
  npi: ['licence', random => `1${random.digits(9)}`],
  licence: ['licence', random => random.pick([`D${random.digits(7)}`, `${random.digits(8)}`])],
  serial: ['device', random => `SN${random.digits(7)}`],
  url: ['url', random => `https://${random.pick(['pay', 'portal', 'my'])}.clinic.example/${random.pick(['r', 'i', 'u'])}/${random.digits(6)}`],
  ip: ['ip', random => `198.51.100.${random.below(256)}`],
  age: ['age', random => String(90 + random.below(14))],
}

/** Slots that stay: states, numbers and codes that identify nobody. */
const plain: Readonly<Record<string, Maker>> = { state: random => random.pick(states), n: random => String(1 + random.below(9)), usd: random => `$${40 + random.below(900)}.${random.digits(2)}`, tooth: random => `#${1 + random.below(32)}` }

export interface Genre {
  readonly name: string
  readonly templates: readonly string[]
  write? (text: string): string
}

export const genres: readonly Genre[] = [
  {
    name: 'call centre',
    templates: lines(`
clr {name} req cb re: appt, best # {phone}. lm x{n} on vm. adv pt to arrive 15 min early.
Inbound - {name} (dtr of {name}) called, DOB verified {date}. Wants to move appt from {date} to next available. Callback {phone} after 3p.
Mbr {name}, ID {member}, upset re: bill of {usd}. Transferred to billing. Ref# {account}.
OB call to {first} at {phone}: no answer, mailbox full. Will try again on {date}.
Caller states she is wife of pt {name}. HIPAA auth on file. Confirmed address {street}, {town} {state} {zip}.
sp w/ {name} @ {phone}, he'd like Dr. {last} only. Lives in {town}, needs a ride.
Warm xfer from {name} in scheduling; pt {reversed}; MRN {mrn}; insurance changed, new member ID {member}.
{name} hung up before verification. Number on caller ID: {phone}. Last four of social given as {last4}.
Left message with {first} (mother). Pharmacy on {street} faxed refill req from {fax}.`),
  },
  {
    name: 'dentist',
    templates: lines(`
{name} presented for prophy and BWX. MOD composite on {tooth}, shade A2. Next recall {date}.
RCT {tooth} started, referred to endodontist Dr. {name} in {town}, ph {phone}.
Pt {first} c/o sensitivity {tooth}. Crown seated {date}. Lab case from {last} Dental Lab.
Consent for extraction of {tooth} signed by {name} (father). Chart # {mrn}.
Hygienist {first} noted 5mm pockets in UR. Emailed x-rays to {email}.
{reversed} no-showed again; {first} at the front desk left a message at {phone}.
Ortho consult: {name}, born {date}, school in {town}. Class II div 1, overjet 6 mm.`),
  },
  {
    name: 'billing dispute',
    templates: lines(`
To whom it may concern: My name is {name} and I was billed {usd} for a visit on {date} that never happened. My account number is {account}. Please call me at {phone}.
I dispute the charge of {usd} on card {card}. I moved to {street}, {town}, {state} {zip} last year and never received a statement. {name}
Statement date {date}. Guarantor: {name}. Account: {account}. Balance: {usd}. Pay at {url} or mail to {street}, {town}, {state} {zip}.
My husband {name} paid this in cash; ask {first} at your {town} office. Check the email I sent from {email}.
Your collection agency keeps calling {phone}. I already told {first} that claim {claim} was denied because my member id {member} was typed wrong.
I have copied my attorney, {name}, Esq., and the Attorney General. Sincerely, {middle}`),
  },
  {
    name: 'chat',
    templates: lines(`
[10:32] Visitor: hi, this is {first} {last}, trying to log in\\n[10:33] Agent {first}: Happy to help! What is your date of birth?\\n[10:33] Visitor: {date}\\n[10:34] Visitor: and my email is {email}
{first}: Hello, how can I help?\\nGuest: I need my records sent to Dr {last} in {town}\\n{first}: Sure, what's the fax?\\nGuest: {fax}
Visitor (IP {ip}): can u tell me when my appt is? name is {name}\\nBot: Please enter your member ID.\\nVisitor: {member}
Agent: May I have your phone number?\\nVisitor: {phone}\\nAgent: Thank you, {first}. And the zip code?\\nVisitor: {zip}
{name} joined the chat\\n{name}: my son {first} has a fever, do we come in?\\nNurse {last}: How old is he?`),
  },
  {
    name: 'voicemail',
    templates: lines(`
Hi this is {name} calling for Dr. {last} my number is {spokenPhone} again that's {spokenPhone} thank you bye
Hello um this message is for {first} this is {first} from {town} Pharmacy calling about a refill please call back at {spokenShort}
Yes hi my name is {name} date of birth {spokenDate} I need to cancel my appointment call me at {spacedPhone}
Good morning my mother {name} fell last night she lives at {street} in {town} please call me my cell is {phone}
My social is {spokenSsn} and my email is {spokenEmail} okay thanks bye`),
  },
  {
    name: 'insurance letter',
    templates: lines(`
{date}\\n\\n{name}\\n{street}\\n{town}, {state} {zip}\\n\\nRE: Claim {claim}\\nSubscriber: {name}\\nMember ID: {member}\\n\\nDear {first} {last}:\\n\\nWe have completed our review of the services rendered on {date} by {name}, MD (NPI {npi}).
Explanation of Benefits for {reversed}. Patient account number {account}. Provider: {name}, DDS. Amount you may owe: {usd}.
Dear Ms. {last}: Your request for prior authorization {claim} was approved through {date}. Questions? Call Member Services at {phone}. Sincerely, {name}, Appeals Coordinator
This letter confirms that {name} ({date}) was covered under group number {account} from {date} to {date}. A copy was sent to {street}, {town}, {state} {zip}.
Appeal filed by {middle} on behalf of minor child {first}. Device serial number {serial}. Driver's license {licence}. Mail stop: P.O. Box {account}, {town}, {state} {zip}.`),
  },
  {
    name: 'texting',
    write: text => text.toLowerCase(),
    templates: lines(`
hey its {name} can i move my appt to {date}
this is {first} {last} running 10 min late sry
can dr {last} call me {phone} thx
pls send the forms to {email} or text my husband {first} {phone}
my address changed its {street} {town} {state} {zip} now
dob {date} member id {member} name {name}
im in {town} till sunday, can {first} pick up my meds
is {name} still my therapist or did she leave`),
  },
  {
    name: 'fax',
    write: text => text.toUpperCase(),
    templates: lines(`
TO: {name} FAX: {fax} FROM: {name} PHONE: {phone} RE: {reversed} DOB: {date} PAGES: {n}
PATIENT: {reversed} MRN: {mrn} DOB: {date} SEX: F ADDRESS: {street} {town} {state} {zip}
DEAR DR. {last}, THANK YOU FOR REFERRING {name} FOR EVALUATION OF CHEST PAIN. SEEN ON {date}. STRESS TEST NORMAL.
RX FOR {name}: AMOXICILLIN 500 MG TID X 10 DAYS. PRESCRIBER {name}, NPI {npi}. PHARMACY IN {town}, TEL {phone}.
PLEASE SEND RECORDS OF {name} (SSN {ssn}) TO {street}, {town}, {state} {zip}. SIGNED, {name}
MR. {last} IS {age} YEARS OLD AND LIVES WITH HIS DAUGHTER {first} IN {town}.`),
  },
  {
    name: 'Spanish',
    templates: lines(`
Paciente: {name}, nacida el {spanishDate}, vive en {spanishStreet}, teléfono {phone}.
Llamó la señora {last} para cambiar la cita de su hijo {first} del {spanishDate}. Correo: {email}.
Hola, soy {name} y necesito una receta. Mi número es {phone}, gracias.
El Sr. {name} fue atendido por la Dra. {last} el {spanishDate} por hipertensión. N.º de seguro social {ssn}.
Mi esposo se llama {name} y nuestro domicilio es {spanishStreet}, {town}.`),
  },
  {
    name: 'German',
    templates: lines(`
Patientin {name}, geb. {germanDate}, wohnhaft {germanStreet}, Tel. {phone}.
Sehr geehrte Frau {last},\\n\\nIhr Termin am {germanDate} wurde bestätigt. Mit freundlichen Grüßen\\n{name}
Herr {name} rief an: Versichertennummer {member}, bitte Rückruf unter {phone}.
Überweisung von Dr. {last}, {germanStreet}. Blutdruck 130/85, Diagnose I10.
Ich heiße {name} und möchte den Termin von {first} verschieben. E-Mail: {email}`),
  },
  {
    name: 'mail thread',
    templates: lines(`
On {date} at 4:10 PM {name} <{email}> wrote:\\n> Can {first} join us?\\n>\\n> {first}\\n\\nYes. Best, {first}
From: {name}\\nSent: {date} 9:14 AM\\nTo: Front Desk\\nSubject: RE: {reversed}\\n\\nSee {url}, the file is scan_{first}_{last}.pdf.
Thanks {first}! I looped in {name} and {name} from radiology. Talk on {date}.\\n\\n{middle}\\nDirector of Patient Access | {street}, {town}, {state} {zip} | {phone}
Forwarding this for {name}, who is at our {town} location until {date}. Cheers, {first}`),
  },
]

export function createGenreNote (random: Random, { templates, write }: Genre): Note {
  const planted: Planted[] = []
  const put = write ?? ((text: string) => text)
  const text = random.pick(templates).replaceAll('\\n', '\n').replace(/\{(\w+)\}/g, (_whole, slot: string) => {
    const [kind, make] = makers[slot] ?? ['', plain[slot] as Maker]
    const value = make(random)
    if (kind !== '') planted.push({ kind, value: put(value) })
    return value
  })
  return { text: put(text), planted }
}

/** Texts of the same genres that are about nobody. */
export const genresAboutNobody: readonly string[] = lines(`
clr asked re: office hours, adv M-F 8-5. no further action.
IVR drop at menu 2, queue time 6:40, no callback requested.
BWX and PA taken, #19 MOD amalgam with recurrent decay, #30 watch. Perio 3-2-3, BOP 12%.
Prophy, fluoride varnish, OHI given. Recall 6 mo. Shade A3.5, Vita classical.
RCT #14: WL 20 mm, MAF 35/04, NaOCl 5.25%, AH Plus sealer, gutta percha.
CDT D2392, D0274 and D1110 billed; deductible applies, 80% after.
Denial code CO-97: the benefit for this service is included in the payment for another service.
EOB: allowed $182.40, paid $145.92, patient responsibility $36.48.
Agent: Happy to help! Is there anything else I can do for you today?
Bot: Please choose 1 for billing, 2 for appointments, 3 for refills.
hey can i get a refill on my metformin 500 mg 2x a day
running 10 min late sry, parking is crazy today
do u have anything next week in the morning, like around 9 30
my throat has been sore for 3 days and i have a fever of 101.2
PLEASE SEE ATTACHED LAB REPORT. WBC 7.2, HGB 13.9, PLT 244, CREATININE 0.9.
CHEST X-RAY: NO ACUTE CARDIOPULMONARY PROCESS. HEART SIZE NORMAL.
CONFIDENTIALITY NOTICE: THIS FAX MAY CONTAIN PRIVILEGED INFORMATION. IF RECEIVED IN ERROR, DESTROY ALL COPIES.
TAKE ONE TABLET BY MOUTH EVERY 8 HOURS AS NEEDED FOR PAIN. NO REFILLS.
El paciente refiere dolor de cabeza desde hace tres días, sin fiebre. Presión 130/80.
Tomar una tableta cada ocho horas con alimentos. Volver en dos semanas.
Blutdruck 130/85, Puls 72. Keine Allergien bekannt. Kontrolle in 3 Monaten.
Bitte nüchtern kommen und die Versichertenkarte mitbringen.
Your claim is being processed. Allow 30 days from receipt of all required documents.
Under the terms of the plan, acupuncture is limited to 20 visits per benefit period.
Prior authorization criteria: failure of two formulary agents, BMI over 30, age 18 or older.
Press one for English, two for Spanish, or stay on the line for the next available agent.
On a scale of one to ten the pain is a four or five, down from eight last week.
Take two in the morning and one at night, then one a day for seven days.
Deal moved from Contacted to Qualified, amount 4,800, close probability 60%.
Ratios were 1:2:3, mix 4 5 6 of each; settings 1 2 3 4 5 6 7 were tested.
The form intake_form_v2.pdf and consent-form.docx are in the shared folder.
Open report.csv in the portal and check the summary tab.
Zoom link and dial-in are in the invite; the webinar starts at 2 PM Eastern.
Tooth whitening special: 20% off all month, new members only.
Gait steady, Romberg negative, DTRs 2+ and symmetric, Babinski downgoing.
PT eval: ROM shoulder flexion 140, abduction 120, strength 4/5, pain 3/10.
Sertraline 50 mg, buspirone 10 mg BID, hydroxyzine 25 mg PRN. PHQ-9 14, GAD-7 11.
Ultrasound: gallbladder wall 2 mm, CBD 4 mm, no stones. Murphy sign negative.
Order 12 boxes of nitrile gloves, size L, and 4 cases of paper towels.
The server returned error 503 twice; retry after 30 seconds worked.
Mbr transferred to pharmacy desk, formulary question, no PHI discussed.
Outbound campaign: 212 dials, 41 contacts, 9 appointments set.
Scaling quadrant UR and LR complete, tolerated well with local anesthetic 1.7 mL lidocaine 2%.
Placed temporary crown, cemented with TempBond, occlusion adjusted.
Pano reveals impacted third molars; refer to OMFS for evaluation.
Balance of $45.00 written off per office manager approval. Adjustment code 12.
Please provide the itemized statement and the UB-04 for this encounter.
Agent: Your refill has been sent. Visitor: ok great thank you so much
whats ur fax number again? also do u take aetna
my knee is swollen and its hard to walk, should i come in or wait
PATIENT EDUCATION MATERIALS PROVIDED. DISCHARGE INSTRUCTIONS REVIEWED. CONDITION STABLE.
FINDINGS: MILD DEGENERATIVE CHANGE AT L4-L5. NO FRACTURE. IMPRESSION: NO ACUTE ABNORMALITY.
Se recomienda dieta baja en sal y ejercicio moderado tres veces por semana.
Die Wunde ist reizlos, Fäden wurden entfernt. Nächste Kontrolle in zwei Wochen.
Coverage terminates at the end of the month in which the dependent turns 26.
Your out-of-pocket maximum resets on the first day of the plan year.
Hi, you have reached the office after hours. If this is an emergency, hang up and dial 911.
Ceftriaxone 250 mg IM x1, azithromycin 1 g PO x1, partner treatment discussed.
Spirometry: FEV1 68% predicted, FVC 82%, ratio 0.66, reversible after albuterol.
Wound vac changed, 3x4x1 cm, granulating, no odor. Mepilex applied.
Foley removed, voided 300 mL. Ambulating in hall with walker x2.
MiniMental 27/30. Clock draw normal. Trails B 92 seconds.
Skin: 4 mm nevus on the left forearm, ABCDE negative, dermoscopy benign.
Newsletter opened by 34% of recipients, click rate 5.1%, bounce 0.8%.
Workflow "New Lead Follow-up" enrolled 18 records and sent 36 emails.
Payment plan: 6 installments of $75.50 starting next month.
G2P1 at 32w4d, FHR 140s, fundal height 31 cm, GBS pending.
Depo-Provera given in right deltoid, next due in 12 weeks.
Ear lavage bilateral, TMs clear afterwards, hearing improved.
Vision 20/30 OD, 20/25 OS, IOP 15/16 by Goldmann. Plan: artificial tears.`)
