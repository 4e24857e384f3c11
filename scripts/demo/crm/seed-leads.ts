// Invented leads: people who asked and are not patients yet.
import type { Lead } from './records.ts'

type Row = readonly [name: string, interest: string, source: string, stage: Lead['stage']]

const rows: readonly Row[] = [
  ['Sky Prospect', 'Annual physical', 'Web form', 'new'],
  ['Marlow Hypothetical', 'Physiotherapy after surgery', 'Referral', 'new'],
  ['Tansy Imagined', 'Prenatal care', 'Telephone', 'new'],
  ['Cedar Whatif', 'Allergy testing', 'Web form', 'contacted'],
  ['Briar Suppose', 'Flu vaccination for a team of 12', 'E-mail', 'contacted'],
  ['Linden Perhaps', 'Second opinion, knee', 'Referral', 'contacted'],
  ['Sorrel Nobody', 'Travel vaccination', 'Walk-in', 'booked'],
  ['Aspen Maybeson', 'Nutrition group', 'Web form', 'booked'],
  ['Reed Couldbe', 'Sleep study', 'Telephone', 'booked'],
  ['Myrtle Unreal', 'Dermatology', 'Web form', 'lost'],
]

const two = (value: number) => String(value).padStart(2, '0')

/** A fresh copy of the seeded leads, newest first. */
export function seedLeads (): Lead[] {
  return rows.map(([name, interest, source, stage], index) => ({
    id: `l-${2001 + index}`,
    name,
    phone: `(202) 555-01${two(50 + index)}`,
    email: `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@leads.example`,
    interest,
    source,
    stage,
    owner: 'front-desk@harbor.example',
    createdAt: `2026-11-${two(20 - index)}T${two(8 + index)}:1${index % 6}:00.000Z`,
  }))
}
