// Invented patients. No such person exists: the names say so, the social security numbers are from ranges that are never issued
// (000, 666, 9xx), the telephone numbers are 555-01xx, and the domains end in .example.
import type { Note, Patient } from './records.ts'

type Row = readonly [name: string, born: string, ssn: string, insurer: string, conditions: readonly string[], allergies: string, status: Patient['status'], nextVisit: string]

const rows: readonly Row[] = [
  ['Fern Exampleton', '1984-03-12', '000-41-7203', 'Placeholder Mutual', ['Seasonal asthma'], 'Penicillin', 'active', '2026-12-03'],
  ['Otto Sampleworth', '1957-11-30', '666-12-9044', 'Sample Shield', ['Type 2 diabetes', 'Hypertension'], 'None known', 'active', '2026-12-01'],
  ['Iris Placeholder', '1991-07-05', '900-55-1181', 'Placeholder Mutual', ['Migraine'], 'Latex', 'recall', ''],
  ['Basil Fictional', '1972-01-22', '000-87-4410', 'Made-Up Health', ['Lower back pain'], 'None known', 'active', '2026-12-09'],
  ['Juniper Madeup', '2003-09-17', '666-38-2075', 'Sample Shield', ['Iron deficiency'], 'Ibuprofen', 'active', '2026-11-27'],
  ['Walter Notareal', '1949-05-02', '987-65-4321', 'Senior Specimen Plan', ['Atrial fibrillation'], 'Sulfa drugs', 'active', '2026-11-25'],
  ['Clover Dummyson', '1966-12-11', '000-19-6632', 'Made-Up Health', ['Hypothyroidism'], 'None known', 'recall', ''],
  ['Rowan Mockingham', '1998-04-28', '666-70-5518', 'Placeholder Mutual', ['Sports injury, left knee'], 'None known', 'active', '2026-12-15'],
  ['Hazel Inventa', '1979-08-19', '912-04-3367', 'Sample Shield', ['Generalised anxiety'], 'Codeine', 'active', '2026-11-30'],
  ['Linus Specimen', '2011-02-08', '000-62-8890', 'Family Fixture Plan', ['Growth check'], 'Peanuts', 'active', '2027-01-12'],
  ['Poppy Testerly', '1988-10-01', '666-24-1709', 'Family Fixture Plan', ['Pregnancy, second trimester'], 'None known', 'active', '2026-11-26'],
  ['Edgar Pretend', '1961-06-23', '955-31-0042', 'Senior Specimen Plan', ['Recovered from pneumonia'], 'Aspirin', 'discharged', ''],
]

const noteTexts: readonly (readonly string[])[] = [
  ['Reports sleeping better since the inhaler was changed. Peak flow up from last visit. Follow up in six weeks.', 'Wheezing after exercise, worse in spring. Prescribed a trial of a new inhaler.'],
  ['Home readings in range on most mornings. Foot check without findings.', 'Discussed diet diary. Asked for a referral to the nutrition group.'],
  ['Keeps a headache diary; three episodes this month. Wants to talk about prevention.'],
  ['Exercises go well, pain now 3 of 10. Continue with physiotherapy.'],
]

const slug = (name: string) => name.toLowerCase().replace(/[^a-z]+/g, '.')
const two = (value: number) => String(value).padStart(2, '0')

function notesOf (index: number): Note[] {
  const texts = noteTexts[index % noteTexts.length] ?? []
  return texts.map((text, place) => ({ at: `2026-${two(11 - place * 2)}-${two(3 + index)}T${two(9 + place)}:20:00.000Z`, by: place === 0 ? 'nurse@harbor.example' : 'physician@harbor.example', text }))
}

/** A fresh copy of the seeded patients. */
export function seedPatients (): Patient[] {
  return rows.map(([name, born, ssn, insurer, conditions, allergies, status, nextVisit], index) => ({
    id: `p-${1001 + index}`,
    mrn: `HC-${204_100 + index * 17}`,
    name,
    born,
    ssn,
    phone: `(202) 555-01${two(10 + index)}`,
    email: `${slug(name)}@patients.example`,
    address: `${12 + index * 7} Nowhere Lane, Imaginary Harbor`,
    insurer,
    memberNumber: `INV-${70_400 + index * 31}`,
    physician: index % 2 === 0 ? 'Dr. A. Stand-In' : 'Dr. B. Understudy',
    allergies,
    conditions,
    status,
    nextVisit,
    notes: notesOf(index),
  }))
}
