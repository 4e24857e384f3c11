// Letters and notes in which names and places stand without a label, to measure what the name model finds. People, towns, streets and sentences are of their own: none is
// taken from what the model learned on (scripts/train-names), and half of the names are invented, so that no list can have them.
import { createPhone, inventName, type Note, type Planted, type Random } from './phi-corpus.ts'

const firsts = 'Margarethe Desmond Oluwaseun Thuy Mirela Casimir Perpetua Lachlan Yesenia Dimitrios Anneke Rosalind Farouk Ingeborg Tremaine Xiomara Bartholomew Zsofia Ottoline Eamon'.split(' ')
const lasts = 'Achterberg Pemberton Oyelaran Vasilescu Lindqvist Castellanos Whitcombe Brzezinski Papadakis Ferreira Nakashima Dalgaard Trevelyan Mbeki Schellenberg Abernathy Ostrowski Delacroix Hakimi Quispe'.split(' ')
const towns = 'Chippenham,Paducah,Tallinn,Bad Homburg,Walla Walla,Ballarat,Poughkeepsie,Aix-les-Bains,Yonkers,Stellenbosch,Sault Ste. Marie,Kecskemét,Ypsilanti,Tewkesbury'.split(',')
const roads = 'Larkspur Hollow Road,Nightingale Close,Kastanienallee,Thornbury Avenue,Quarry Bank Lane,Rue des Tanneurs,Via dei Mille,Foundry Court,Wagon Wheel Trail,Beethovenstraße'.split(',')

type Cast = Readonly<Record<'a' | 'b' | 'first' | 'last' | 'town' | 'address' | 'phone', Planted>>

function createCast (random: Random): Cast {
  const first = () => random.below(2) === 0 ? random.pick(firsts) : inventName(random)
  const last = () => random.below(2) === 0 ? random.pick(lasts) : inventName(random)
  const road = random.pick(roads)
  const number = 1 + random.below(400)
  const isNumberLast = /^(?:Kasta|Rue|Via|Beet)/.test(road)
  return {
    a: { kind: 'name', value: `${first()} ${last()}` },
    b: { kind: 'name', value: `${first()} ${last()}` },
    first: { kind: 'name', value: first() },
    last: { kind: 'name', value: last() },
    town: { kind: 'place', value: random.pick(towns) },
    address: { kind: 'address', value: isNumberLast ? `${road} ${number}` : `${number} ${road}` },
    phone: { kind: 'phone', value: createPhone(random) },
  }
}

type Letter = (cast: Cast) => readonly (string | Planted)[]
const letters: readonly Letter[] = [
  c => ['During intake ', c.first, ' mentioned that the stairs at home are a problem, so we sent a ramp to ', c.address, '.'],
  c => ['Could somebody ring ', c.a, ' back? The pharmacy in ', c.town, ' still waits for our answer.'],
  c => [c.a, ' did not turn up; ', c.b, ' drove over from ', c.town, ' instead.'],
  c => ['After lunch ', c.first, ' and ', c.a, ' went through the consent form again.'],
  c => ['The wheelchair goes to ', c.address, ', ', c.town, ', before the weekend.'],
  c => ['As agreed with ', c.last, ' the dose stays as it is until spring.'],
  c => ['Good afternoon! My sister ', c.first, ' stays in ', c.town, ' and cannot come. Would ', c.a, ' be able to see her by video?'],
  c => ['Reminder for the front desk: ', c.a, ', ', c.phone, ', prefers mornings.'],
  c => ['I have asked ', c.first, ' twice whether ', c.b, ' received the brace. Still nothing.'],
  c => ['Interpreter booked for ', c.a, '. Her son ', c.first, ' will join from ', c.town, '.'],
  c => ['The bill went to ', c.address, ' although ', c.last, ' had told us about the move.'],
  c => ['Yesterday ', c.a, ' wrote a kind review; thank her when she is back from ', c.town, '.'],
]

export function createLetter (random: Random): Note {
  const parts = random.pick(letters)(createCast(random))
  return { text: parts.map(part => typeof part === 'string' ? part : part.value).join(''), planted: parts.filter(part => typeof part !== 'string') }
}

/** Notes and messages of a clinic and a CRM that are about nobody, with as many capitals and numbers as such texts have. */
export const aboutNobody: readonly string[] = [
  'MRI of the L-spine showed L4-L5 disc herniation with moderate central canal stenosis.', 'Started on Ceftriaxone 1 g IV q24h and Azithromycin 500 mg PO daily for pneumonia.',
  'Echo: EF 55-60%, mild MR, trace TR. Stress test negative for ischemia.', 'Glasgow Coma Scale 15. Cranial nerves intact. Strength 5/5 in all extremities.',
  'Colonoscopy in 2019 showed two hyperplastic polyps; repeat in 10 years.', 'Deal stage changed from Qualified to Proposal Sent. Next step: schedule demo with the IT department.',
  'Apgar scores were 8 and 9 at one and five minutes. Moro reflex present.', 'Vitamin D 50,000 IU weekly x 8 weeks, then 2,000 IU daily.',
  'Please complete the PHQ-9 and GAD-7 before your next session.', 'Patient ambulated 150 feet with a rolling walker and contact guard assist.',
  'NKDA. Tetanus up to date. Last A1c 8.4. Foot exam: monofilament intact bilaterally.', 'Rx: Amoxicillin-Clavulanate 875/125 mg, 1 tab PO BID x 10 days, no refills.',
  'Invoice overdue reminder sent via Mailchimp. Contact unsubscribed from the newsletter list.', 'Lumbar puncture: WBC 2, Protein 35, Glucose 60. Opening pressure 18 cm H2O.',
  'Diet: Mediterranean. Exercise: 30 min brisk walking 5 days/week.', 'Follow-up with Cardiology, Nephrology and Endocrinology within two weeks.',
  'Consent obtained. Time out performed. Sterile prep with ChloraPrep. Estimated blood loss 50 mL.', 'Allergies: Penicillin (hives), Sulfa (rash), Codeine (nausea), Shellfish.',
  'The insurance denied prior authorization for Dupixent; appeal letter drafted.', 'Swan-Ganz catheter placed. Norepinephrine 5 mcg/min, Vasopressin 0.03 units/min.',
]
