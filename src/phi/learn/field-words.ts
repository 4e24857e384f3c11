// The words that names of fields are made of, and what a field that is called so most likely holds. A name made of these words alone is a field's and nobody's own.
import type { Kind } from '../identifier-kinds.ts'

const hints: readonly (readonly [Kind, RegExp])[] = [
  ['fax', /\bfax\b/],
  ['phone', /\b(?:phone|mobile|cell|tel|telephone|msisdn|whatsapp|caller|callback)\b/],
  ['email', /\be ?mail\b|\bmailto\b/],
  ['ssn', /\b(?:ssn|social security|tin|itin)\b/],
  ['ip', /\bip\b|\bremote addr/],
  ['url', /\b(?:url|uri|link|href|website|web|domain|referrer|referer)\b/],
  ['photo', /\b(?:photo|picture|image|avatar|thumbnail)\b/],
  ['biometric', /\b(?:fingerprint|voice print|iris|face)\b/],
  ['mrn', /\b(?:mrn|medical record|chart|patient (?:id|no|number)|encounter|accession)\b/],
  ['plan', /\b(?:member|subscriber|beneficiary|insurance|policy|plan|payer|mbi|medicare|medicaid|group (?:id|no|number))\b/],
  ['account', /\b(?:account|acct|iban|routing|card|invoice|billing id)\b/],
  ['licence', /\b(?:licen[cs]e|npi|dea|passport|certificate)\b/],
  ['vehicle', /\b(?:vin|plate|vehicle)\b/],
  ['device', /\b(?:device|serial|imei|udi|mac)\b/],
  ['zip', /\b(?:zip|zipcode|postal|postcode|postal code)\b/],
  ['address', /\b(?:addres|address|street|city|town|county|line|suite|location|latitude|longitude|lat|lng|lon|geo)\b/],
  ['date', /\b(?:date|dob|birth|birthday|birthdate|born|at|on|time|timestamp|created|updated|modified|start|end|due|expire|expires)\b/],
  ['age', /\bage\b/],
  ['name', /\b(?:name|firstname|lastname|fullname|surname|given|family|patient|contact|owner|author|sender|recipient|doctor|physician|provider|nurse|caregiver|guardian|nickname|maiden)\b/],
]

const vocabulary = new Set(`
a accepted access account accountid accounts acct action actions active activity actor add addr address addresses age agent alert all allergies allergy amount an and answer answers api app application appointment
appointments area array as asset assigned at attachment attachments attempt attributes audio author avatar balance batch bcc before beneficiary billing birth birthdate birthday blocks body boolean born box browser build
bundle business button by bytes call callback caller calls campaign cancelled card care caregiver carrier case category cc cell cellphone certificate change changed changes channel chart checked city claim class clicked client close
closed code codes color columns comment comments communication company complete completed condition confidence conditions confirmed contact contactid contacts contained content context conversation conversion cost count
country county coverage create created createdat createdate createdby creator currency current custom customer customerid customers data date dates day days dea deal deals default deleted delivery department deposit
description detail details device diagnosis diastolic direction disabled discharge display doctor document documents dob domain done dose dosage draft due duration edit element elements email emails enabled
encounter end ended entity entry enum error event eventid events eventtype expires extension external extra facility failed family fax field fields file filename files fill final first firstname flag flags folder for form format forms
found from full fullname function gender geo given group groups guardian hash has head header headers health height hidden history home hook hospital hour hours house href html http id identifier identifiers ids image images in
index info input insurance integration internal invoice ip is issue item items job json key keys kind label labels language last lastname lat latitude lead leads length level licence license line lines link links list lng location locale
log login lon longitude mail mailbox maiden manager map marketing match max medicaid medical medicare medication medications member members memo message messages meta metadata method middle middlename min minutes
mobile mobilephone mode model modified module month mrn name names needs new next nickname no node not note notes notification notifications npi null number numbers object objectid objects occurred of office old on open operation
option options or order orders organization origin other owner ownerid owners page paid param params parent part parts password patient patientid patients path payer payload payment percent person persons phone phones photo photos
physician picture pipeline place plan plate platform policy portal portalid position postal postcode practice prescription previous price primary priority private probability procedure product products profile progress
properties property propertyname propertyvalue provider public pulse quantity query question questions rate rating raw read reason received recipient record records ref reference referral referred referrer region registered related
relationship remote reminder reply report request required resource resourcetype response responses result results retry role room route row rows rule schedule scheduled scheme score search secondary seconds section secret
segment sender sent sequence serial service session severity sex shift shipping short sid signature signed site size sms social source ssn stage stages start started state status step stop store street string style subject submission
submitted submit subscriber subscription subscriptiontype subtotal success suffix suite summary surname symptom symptoms system systolic tag tags target task tasks tax team tel telecom telephone temp temperature template tenant test text
thread ticket tickets time timestamp timezone title to token topic total town track tracking transaction transcript trigger type types udi unit units unread update updated updatedat updates updateday uri url urls usage use user
userid username users utc uuid valid value values variables vehicle version view vin visit visits visitor vital vitals weight web webhook website week weeks width with work workflow year zip zipcode zone
`.trim().split(/\s+/))

/** The words of a name: `firstName`, `first_name` and `First Name` are the same two. */
export function wordsOf (name: string): readonly string[] {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z]+/).filter(word => word !== '')
}

/** A few digits may stand in it: `line2`, `address_1`. */
export function isFieldName (name: string): boolean {
  const words = wordsOf(name)
  return words.length > 0 && !/\d{3}/.test(name) && words.every(word => vocabulary.has(word))
}

/** What a field most likely holds by its name and the name above it; undefined when they say nothing. */
export function kindOfName (name: string, above: string): Kind | undefined {
  const read = (text: string) => wordsOf(text).map(word => word.length > 3 ? word.replace(/s$/, '') : word).join(' ')
  for (const text of [read(name), `${read(above)} ${read(name)}`]) {
    const found = hints.find(([, words]) => words.test(text))
    if (found !== undefined) return found[0]
  }
  return undefined
}

/** Numbers that count or measure, by the name of their field. */
export function isAmountName (name: string): boolean {
  return /\b(?:amount|total|subtotal|price|cost|count|quantity|score|rating|duration|seconds|minutes|attempt|attempts|percent|probability|size|length|width|height|weight|position|index|priority|retry|bytes|unread)\b/.test(wordsOf(name).join(' '))
}
