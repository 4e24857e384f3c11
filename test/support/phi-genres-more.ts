// A second set of genres, written after the detectors were tuned on the first: what is found in it was not aimed at.
import type { Genre } from './phi-genres.ts'

const lines = (text: string): readonly string[] => text.trim().split('\n')

export const moreGenres: readonly Genre[] = [
  {
    name: 'pharmacy',
    templates: lines(`
Rx# {account} ready for {name}, DOB {date}. Copay {usd}. Text {phone} to opt out.
{reversed} called re: transfer from {town}. Dr {last} (NPI {npi}) approved 90 day supply.
Pt's wife {first} picked up {date}; signed as {name}. Loyalty card {account}.
Prior auth faxed to {fax}. Member {member}, BIN 004336, group RX{n}{n}{n}.
Delivery to {street}, {town} {state} {zip}; leave with neighbor {first}.`),
  },
  {
    name: 'school nurse',
    templates: lines(`
{first} {last} came in at 10:15 with a headache. Mom ({name}, {phone}) notified. Teacher: Ms. {last}.
Inhaler for {name} expires {date}. Bus route via {street}.
Concussion protocol: {name}, grade {n}, hit by ball. Dad {first} picked up at 11.
Spoke w/ grandmother {name} in {town}; she has custody papers, case no. {account}.`),
  },
  {
    name: 'CRM log',
    templates: lines(`
{first} {last} changed owner of {name} from {first} to {first}
New form submission: Full name: {name} | Email: {email} | Phone: {phone} | City: {town} | Message: please call me, {first}
Lead #{account} assigned to {name}. Source: Google Ads. IP: {ip}
Call with {name} ({town}) - 12 min. Next step: send intake packet to {email} by {date}.
Email bounced: {email}. Reason: mailbox full. Contact: {reversed}
Meeting booked: {name} x {name}, {date} 2:00 PM, Zoom https://us.zoom.example/j/{account}`),
  },
  {
    name: 'legal intake',
    templates: lines(`
Client {name} (SSN {ssn}, DL {licence}) was injured on {date} at {street} in {town}.
Opposing counsel {name}, Esq., {street}, {town}, {state} {zip}, {phone}.
Our client, Mr. {last}, treated with Dr. {name} from {date} until {date}. Claim no. {claim}.
Witness statement of {middle}: I live at {street}. My phone is {phone}.`),
  },
  {
    name: 'therapy',
    templates: lines(`
{first} reports conflict with partner {first} over moving to {town}. Sleep 5 hrs. PHQ-9 {n}.
Session 4 with {name}. Discussed her late father {first} and the house on {street}.
Client shared that boss {name} fired him {date}. SI denied. Safety plan updated.
Collateral call to sister {first} ({phone}), ROI signed {date}.`),
  },
  {
    name: 'review reply',
    templates: lines(`
Thank you for your kind words, {first}! Dr. {last} and {first} at our {town} office loved seeing you.
We're sorry to hear this, {name}. Please email {email} or call {phone} and ask for {first}.
{name} rated us 5 stars: "{first} was so gentle with my daughter {first}!"`),
  },
]
