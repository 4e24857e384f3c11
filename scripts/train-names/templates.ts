// What people write to and in a CRM, in a clinic, at home, in the news, with holes for what is invented. {name} and its like are people; {town} and {facility} places;
// {address} is an address. All other holes are filled with what is about nobody.

export const templates: readonly string[] = `
Patient {name} was seen today for {condition}.
Pt {name}, {n} y/o, presents with {condition}. {title} {last} notified.
{name} is a {n} year old {job} who lives in {town} with {first} and two cats.
{name} is a {n}-year-old woman with a history of {condition}, referred by Dr. {last}.
Spoke with {first} regarding the {thing}. {first} will call back on {day}.
Called {first} x2, no answer, left voicemail.
{first}'s mother called to say that {first} is not feeling well.
Dear {title} {last},\n\nThank you for your visit on {date}.\n\nKind regards,\n{name}\n{job}\n{org}
Hi {first},\n\njust checking in on the {thing}. Can you send it to {first} and me by {day}?\n\nBest,\n{first}
Hello {first} {last}, your order has shipped to {address}.
Hey {first}, are you coming to {town} in {month}?
Thanks {first}! See you at the {thing}.
Thanks,\n{name}
Regards,\n\n{name}\n{org}\n{address}\n{phone}
Best wishes from {town}, {first} & {first}
From: {name} <{email}>\nTo: {name} <{email}>\nSubject: {thing} for {first}
Attn: {name}\n{org}\n{address}
Ship to: {name}, {address}
Please send the {thing} to {address}, not to {address}.
New since {month}: {address}. The old one was {address}.
our office moved to {address} last {month}
I moved from {town} to {town} in {month} and need a new {job}.
We are located at {address}.
{name} can be found at {address}.
Address: {address}
Billing address:\n{address}\n\nShipping address:\n{address}
Name: {name}\nAddress: {address}\nPhone: {phone}\nEmail: {email}
{name}\n{address}\n{phone}\n{email}
{name}\n{org}\n{address}
{name} | {job} | {org} | {phone}
Where is {town}? I have never been to {country}.
The clinic in {town} is closed on {day}.
She went to school in {town} and moved to {country} when she was {n}.
He was born in {town} on {date} to {name} and {name}.
The {thing} in {town} was attended by {n} people, among them {name}.
We flew from {town} to {town} via {town}.
{town} is a town in {country}.
{town}, {country}: {n} people were hurt when a {thing} hit a {thing}, {name} reports.
Meet me at {facility} at {time}.
Transferred to {facility} for {condition}.
Records requested from {facility} and from Dr. {name}.
She works at {facility} in {town} as a {job}.
{facility} called about the {thing} of {name}.
Discharged to {facility}, {town}.
{name} works for {org}.
{org} was founded by {name} and {name} in {town}.
{org}, a maker of {thing}s, hired {name} as its new {job}.
{name}, {job} of {org}, said the {thing} was ready.
"{word} is what we need," said {name}.
"I never saw it," {last} said. "Ask {first}."
The {job}, {name}, and the {job}, {name}, did not agree.
{last} and {last} were the first to describe the {thing}.
{first}, {first} and {first} went to the {thing} together.
{first}, {first}, {first}, {last} and {last} were invited.
Present: {name}, {name}, {name}\nAbsent: {name}
Attendees: {first} {last}, {first} {last} ({org}), {first}
cc: {name}; {name}
Team: {first}, {first} and {first}
The song was written by {name} and produced by {name}.
A film by {name} with {name} and {name} in the leading parts.
The novel of {last} was better than the film.
I do not know {name}, but {first} does.
On paper I am {name}, at work just {first}.
Her friends know her as {first}.
I go by {first}.
Is {first} there?
Who is {name}?
Where is {first}?
Since when does {first} not answer the phone?
What did {first} tell {first} about {first}?
When will {name} be back?
How is {first} doing after the surgery?
Did {first} get the {thing}?
Can {first} come on {day}?
Will {first} need the {thing}?
Has {name} signed the {thing}?
Ask {first} about it.
Tell {first} that {first} is waiting.
Please call {name} at {phone}.
Please add {name} ({email}) to the {thing}.
Please remind {first} to take {drug}.
Call me, {first}!
No, {first}, that is not what I meant.
{first}: are you there?\n{first}: yes
{first}: can you book a {thing}?\n{first}: sure, for {day}
{name}: "Why not?"\n{name}: "Because."
[{time}] {first}: ok, talk to {first} then
Customer: my name is {name}\nAgent: thank you, {first}
i need to speak to {name} about my {thing}
This is {name} from {org}, I am calling about the {thing}.
my daughter {first} and my son {first} both have {condition}
My husband {first} takes {drug} {n} mg.
My wife, {name}, was admitted to {facility} on {date}.
My neighbor {name} from {address} can confirm it.
Emergency contact: {name} ({rel}), {phone}
Next of kin: {name}, {rel}
Guardian {name}, {rel} of {first}
Referred by {name}, {facility}
Attending: {name}, MD
Surgeon: Dr. {last}; assistant: {name}, PA
Signed, {name}
Electronically signed by {name}, {date} {time}
Dictated by {name}
Seen with {name}, NP.
Owner: {name}\nStage: {word}\nAmount: {n}
Lead: {name} ({org})\nSource: {proper}
Deal with {name} moved to stage {n}.
New contact: {name}, {job}, {org}, {town}
Task for {first}: call {name} back before {day}
Assigned to {first} by {first}
{name} opened the email and clicked the link.
{name} left a comment: "{word} {word}"
{first} replied to {first}
{first} changed the owner from {name} to {name}
Notes by {first} {last} - {date}
Per {first}, the {thing} will be done by {day}.
Per Dr. {last}, continue {drug}.
According to {name}, {first} had {condition} in {month}.
Mr {last} has {condition}; Mrs {last} does not.
Mr. and Mrs. {last} came in with their son {first}.
The {last} family lives in {town}.
The {last}s have moved to {town}.
{first}'s {rel}, {first}, drove {first} home.
{name}'s {thing} is due.
It was {first}'s idea, not {last}'s.
{last}, {first}
{last}, {first} - {date} - {condition}
Pt: {name} DOB: {date}
RE: {name}, claim {n}
Re: {last} v. {last}
Subject: {name} - {thing}
Appointment with {title} {last} on {day} at {time} in {town}
{name}, {address}, was fined {n} dollars.
pick up at {address}, ask for {first}
One {thing} for {address}, please.
Deliver it to {name} at {address} before {time}.
Found the {thing}? It belongs to {address}.
The old house at {address} was sold to {name}.
Our branches are in {town}, {town} and {town}.
Branches: {address}; {address}
Weather in {town}: {n} degrees
Next stop: {town}
Who lives in {town}?
There is a {thing} on {street} near the {thing}.
The accident happened on {street}.
Take {street}, then turn left on {street}.
{street} was named after a {job}.
Travel history: {town}, {country}, last {month}.
Lives in {town}; works in {town}.
Pharmacy: {facility}, {street}
The parade in {town} drew {n} people from {country} and {country}.
I am in {town} until {day}.
I'm from {town} originally, now in {town}.
Born and raised in {town}, {country}.
Directions from {address} to {address}
{n} people from {town} signed it.
{last} and {last} were the first to call.
The {last} {thing} is not about the {last} {thing}.
Is the {last} {thing} closed, or does the {last} team still own it?
The late {last} and the early {last} are hard to tell apart.
I think {name} is a friend of {name}.
We talked about the {last} {thing} and the {last} account.
{last}, {last} and {last} agreed. Not {last}!
featuring {name}, {name} and {name}
written by {name}, drawn by {last}, with help of {last}
{word} by {last}
They came over from {town} last {month}.
My {thing} is at {town} this {day}.
The bus left {town} at {time} and reached {town} at {time}.
{town}: {word} {thing}s, {word} people
{word} {thing} in {town}'s {word} district
{org}, {address}, opens at {time}
Our front desk: {address}.
Back in {town} by {day}, then {town} again
{first} stays with {first} at {address}
Drop it off at {address} or mail it to {address}
{name}\n\n{address}\n{phone}
{org}\n{name}, {job}\n{phone} (desk)\n{address}
> {name}\n> {org}\n> {address}
Place: {facility}\nTime: {time}
place: {facility}
the weather in {town} was bad so {first} stayed in {town}
`.trim().split('\n').map(line => line.replaceAll('\\n', '\n'))

const list = (text: string): readonly string[] => text.trim().split(/\s*,\s*/)
export const fillers: Readonly<Record<string, readonly string[]>> = {
  condition: list(`hypertension, type 2 diabetes, asthma, chest pain, low back pain, migraine, anxiety, depression, a fractured wrist, pneumonia, COPD, atrial fibrillation, a urinary tract infection,
 seasonal allergies, knee pain, shortness of breath, abdominal pain, hypothyroidism, eczema, sleep apnea, gout, anemia, heart failure, otitis media, acute bronchitis, osteoarthritis, sciatica, vertigo`),
  drug: list(`metformin, lisinopril, atorvastatin, amlodipine, metoprolol, omeprazole, losartan, albuterol, gabapentin, hydrochlorothiazide, sertraline, simvastatin, montelukast, escitalopram, rosuvastatin,
 bupropion, furosemide, trazodone, fluticasone, tramadol, duloxetine, prednisone, tamsulosin, pantoprazole, meloxicam, citalopram, insulin, warfarin, clopidogrel, amoxicillin, azithromycin, ibuprofen,
 Tylenol, Advil, Lipitor, Zoloft, Prozac, Xanax, Eliquis, Xarelto, Humira, Ozempic, Jardiance, Lantus, Humalog, Synthroid, Plavix, Nexium, Ventolin, Symbicort, Keflex, Augmentin, Lasix, Norvasc, Lyrica,
 Cymbalta, Wellbutrin, Lexapro, Adderall, Ritalin, Ambien, Percocet, Coumadin, Januvia, Trulicity, Entresto, Keppra, Depakote, Seroquel, Abilify, Risperdal, Zofran, Benadryl, Claritin, Zyrtec, Flonase`),
  eponym: list(`Crohn disease, Crohn's disease, Parkinson's disease, Parkinson disease, Alzheimer's disease, Alzheimer dementia, Hashimoto thyroiditis, Hashimoto's, Graves disease, Addison's disease,
 Cushing syndrome, Down syndrome, Marfan syndrome, Turner syndrome, Huntington's disease, Hodgkin lymphoma, Hodgkin's lymphoma, Bell's palsy, Raynaud phenomenon, Babinski sign, Romberg test, Murphy sign,
 McBurney point tenderness, Homan's sign, Kernig sign, Lachman test, Phalen test, Tinel's sign, Apgar score, Glasgow Coma Scale, Wells criteria, Child-Pugh score, Barrett's esophagus, Mallory-Weiss tear,
 Wolff-Parkinson-White syndrome, Guillain-Barré syndrome, Stevens-Johnson syndrome, Sjögren syndrome, Kawasaki disease, Lyme disease, Meniere disease, Paget disease, Wilson disease, Ewing sarcoma,
 Kaposi sarcoma, Baker cyst, Colles fracture, Foley catheter, Hickman line, Holter monitor, Doppler ultrasound, Pap smear, Gram stain, Epstein-Barr virus, Tourette syndrome, Asperger syndrome, Heimlich maneuver`),
  abc: list(`VIN, IMEI, SSN, MRN, NPI, DEA, MBI, ABA, ID, DOB, WBC, RBC, Hgb, Hct, Plt, Na, K, Cl, BUN, Cr, eGFR, AST, ALT, TSH, LDL, HDL, HbA1c, PSA, INR, PTT, CRP, ESR, BNP, FEV1, EF, BMI, GCS, PHQ-9, GAD-7, MMSE, ABI, HIV, HCV, HBV, HPV, RSV, MRSA, UTI, URI,
 GERD, CAD, CHF, COPD, CKD, DVT, PE, MI, TIA, CVA, OSA, PTSD, ADHD, OCD, PT, OT, NPO, PRN, BID, TID, QID, STAT, IV, IM, SC, PO, ICU, ER, ED, OR, PACU, NICU, CRM, ERP, API, SLA, KPI, ROI, CSV, PDF, FAQ, VIP, CEO,
 ATM, PIN, IBAN, BIC, SWIFT, VAT, USB, GPS, SMS, VPN, HR, IT, QA, UK, US, USA, EU, UN, NATO, FBI, CIA, NASA, HIPAA, FDA, CDC, WHO, NHS, HMO, PPO, EOB, COB, HSA, FSA, Rx, Dx, Tx, Hx, Sx, Fx, Pt`),
  job: list('nurse, teacher, engineer, director, president, physician, lawyer, driver, consultant, account manager, chief executive, carpenter, student, writer, singer, coordinator, therapist, accountant, owner, chairman'),
  rel: list('mother, father, spouse, wife, husband, daughter, son, sister, brother, aunt, uncle, cousin, friend, neighbor, grandmother, partner'),
  title: list('Mr., Mrs., Ms., Dr., Mr, Mrs, Ms, Dr, Miss, Prof., Professor, Sir, Rev.'),
  month: list('January, February, March, April, May, June, July, August, September, October, November, December'),
  day: list('Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday, tomorrow, monday, friday'),
  brand: list('Toyota, Honda, Ford, Tesla, iPhone, Samsung, Google, Apple, Microsoft, Amazon, Facebook, Sony, Nike, Adidas, Visa, Mastercard, Netflix, Spotify, Salesforce, HubSpot, Zoho, Slack, Zoom, BMW, Ikea'),
}
