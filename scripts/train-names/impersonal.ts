// Texts about nobody: clinical notes, letters and lists of a CRM, whose capitals and numbers must stay.

export const impersonal: readonly string[] = `
Patient presents with {condition}. Denies {condition}. Vitals: BP {n}/{n}, HR {n}, Temp {n} F.
Assessment: {Condition}. Plan: Continue {drug} {n} mg PO daily, start {drug}.
{Drug} {n} mg twice daily, {Drug} {n} mg at bedtime.
History of {eponym} and {eponym}. No {condition}.
{eponym} was ruled out. {Condition} is stable.
Positive {eponym}; negative {eponym}.
{Drug} and {Drug} were stopped in {month} {n}.
Labs: WBC {n}, Hgb {n}, Na {n}, K {n}, Glucose {n}.
CT Abdomen and Pelvis with Contrast. MRI Brain without Contrast.
Allergies: {Drug}, {Drug}, Latex
Review of Systems: Constitutional: No fever. Cardiovascular: No chest pain. Respiratory: No cough.
Past Medical History: {Condition}, {Condition}, {eponym}
Diagnosis: {Condition} (ICD-10 E{n}.{n})
Social History: Retired {job}. Former smoker, {n} pack years.
Family History: Mother with {condition}, Father with {condition}.
Chief Complaint: {Condition}
Follow Up: {n} weeks. Return to Clinic if symptoms worsen.
Physical Therapy {n} times a week. Occupational Therapy as needed.
Immunizations: Influenza, Hepatitis B, Tdap, {Drug}
Your {thing} is ready. Log in to {Proper} to see it.
The {thing} was sent to {org} on {day}.
We use {Proper}, {Proper} and {Proper} for {thing}s.
{org} announced a new {thing} in {month}.
{org} and {org} merged in {month} {n}.
The {Word} {Word} was held in {month}.
Stage: {Word} {Word}\nPriority: High\nStatus: Open\nSource: {Proper}
Meeting Notes\n{Word} {Thing}: done\n{Word} {Thing}: open
Invoice Number {n}\nDue Date: {date}\nTotal: {n}
Dear Sir or Madam,\n\nPlease find the {thing} attached.\n\nSincerely,\nThe {Word} Team
Dear Customer, your {Thing} {n} has been shipped.
Hi there, thanks for reaching out to {org} Support!
Hello Team, the {Thing} of {month} is ready.
Good Morning, I have a question about my {thing}.
The {country} embassy; {country} and {country} signed it.
{Proper} was invented long before {Proper}.
In {month}, {country} won against {country}.
On {day} we will visit {country}. On {day} we rest.
Happy {day}! Merry Christmas! Happy Easter!
Medicare Part {n} and Medicaid cover the {thing}.
Blue Cross, Aetna, Cigna and United Healthcare accept {Word} {Thing}s.
OK. Yes. No. Maybe. Sure. Great. Perfect.
What is {Proper}? Why is {Word} {Thing} so slow? Where is the {thing}?
Does {Proper} work with my {thing}? Can we pay with {Proper}?
Take {n} Tablets daily with food. Apply {n} Drops to the left Eye.
{Word} {word} {thing}. {Word} the {thing}. {Word} and {word}.
The {Thing} Department, {Word} Floor, {Word} Wing
{n} people in {n} groups. {n} items left.
Chapter {n}: The {Word} {Thing}
{Thing} #{n}: {Word} {Word} {Thing}
The film {Word} {Thing} and the novel The {Word} {Thing} of {Thing}s
We listened to The {Thing}s and {Word} {Thing}.
{org} declined card {n} twice.
BP {n}/{n}, HR {n}, RR {n}, SpO2 {n}% on room air, temp {n}.{n} F
{Abc} {n}, {Abc} {n}.{n}, {Abc} {n}/{n}, {Abc} {n} {abc}
{Abc}: {n} {Abc}: {n}.{n} {Abc}: {n}-{n}
{drug} {n} mg PO BID, {drug} {n} mg PO QHS, {Drug} {n} units SC
{n} mg IV x {n}, then {n} mL of NS at {n} mL/hr
{n} Boxes of {Thing}s, {n} Packs of Gauze {n}x{n}, {n} {Thing}s
Assessment: {condition} ({code}), {condition} ({code}). CPT {n}
{Condition} ({code}); {Condition} ({code}) - {Word} {thing}
{code} {Condition}, {code}, {code} and {code}
CPT {n}, ICD-10 E{n}.{n}, HCPCS J{n}; DRG {n}
Order {n} units of {Proper}; {n} {Thing}s for the {Word} Room
EKG: NSR at {n}, no ST changes. CXR: clear. UA: neg. CBC: wnl.
A/P: {n}. HTN - continue {drug}. {n}. DM2 - A{n}c {n}.{n}
S: {Word} {word}. O: {Word} {word}. A: {Condition}. P: {Word} {word}
HEENT: PERRLA, EOMI. Neck: Supple. Lungs: CTA. Abd: Soft, NT/ND. Ext: No edema.
{n} Doses of {Drug}, {n} Refills
L{n}-L{n} disc, C{n} nerve root, T{n} fracture, Grade {n}, Stage {n}, Class {n}, Type {n}, Step {n}
Step {n} of {n}: {Word} the {Thing}
Version {n}.{n} of {Proper} needs {Proper} {n} or newer
{n} Days, {n} Weeks, {n} Hours, {n} Months, {n} Years
Room {n} was cleaned. Box {n} is full. Page {n} of {n}. Section {n}. Table {n}.
IBAN: GB{n}, PIN {n}, card {n}. My {Abc} is {n}.
Is there a {Word} Center with an ATM? SWIFT and BIC codes
does the {abc} desk take my {abc}?
The {Abc} said that {Abc} and {Abc} are {word}.
{Abc}-{n} and {Abc}-{n} are {word}; {Abc}s are not
The Long {Word}, Our {Thing}, Your {Word}, Made by {Thing}s
"{Word} My {Thing}" is a {word} {thing} about {Word} {Thing}s
{Word} Tales, {Word} Songs, Great {Thing}s
The {Word} Club, the {Word} Awards, the {Word} {Thing} Show
Don't, Can't, Won't, I'm, I've, It's, That's, Let's
{Thing} Coordinator, {Word} Manager, {Thing} Analyst, Head of {Thing}s
Quarter {n}: {n} Deals Won, {n} Lost. Pipeline: {n}K. Forecast: {n}K
Ticket {n}: {Word} {thing} does not {word}. Priority {n}. Owner: none
[name] called [phone] about the {thing}; [address] is fine. [date]
Dear [name], your {thing} on [date] at [address] is {word}. {Word}, [name]
[name] and [name] of {org}: {thing} [redacted], {Condition}, {Drug} {n} mg
Visa {n}, Mastercard {n}, {brand} {n}, {Proper} {n}
{Abc} [redacted], {Abc} [account] and {Abc} [mrn], {abc} [plan]
{thing} {key} and {Abc} {key}; {Abc}: {key}, {Abc} {key}
{Abc} {key} on the {thing}, {abc} # {key}
{Word}: {Abc} {n}-{n}%, {word} {Abc}, {word} {Abc}. {Thing}: {word}
{Thing}: {Abc} {n}. {Word}: {word} {n}%
{Proper} {n} mg daily, {Proper} as needed, {Proper} gel
given a prescription for {Proper}; {Proper} was denied by the {thing}
Contact came in by {Proper}. Sent by {Proper}. Trigger: {Proper}
{country} is warm in {month}. {country}, {country} and {country} have signed.
She was born in {country} and speaks {word}. Flights to {country} and {country}
My {rel} is from {country}. Made in {country}. Shipped from {country} to {country}.
{Proper} and {Proper} raised their prices in {n}.
Our {Word} {Thing} starts soon! Save {n}% on all {Word} {Thing}s.
{Word} {Thing} of the {word} {thing}; {Word} test, {Word} sign, {Word} solution
I drive a {brand} and my phone is a {brand}.
{brand} or {brand}? I like {brand} {n}.
`.trim().split('\n').map(line => line.replaceAll('\\n', '\n'))
