// Mails as mailers lay them out, each with values planted where that layout can hide them, and a part that has none.

export interface Layout {
  readonly name: string
  /** With CRLF, one character a byte. */
  readonly mail: string
  /** Stands in the mail as it came and as it leaves, byte for byte. */
  readonly untouched?: string
  /** What a reader still finds after it. */
  readonly kept?: RegExp
}

const person = 'Zyxwina Qwertzon'
const sentence = `${person}, SSN 987-65-4321, asks for a later appointment. Her phone is 212-555-0177.`
const calm = 'Please bring the signed form to the front desk before the visit.'

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')
const quoted = (text: string, charset: BufferEncoding = 'utf8') => [...Buffer.from(text, charset)].map(byte => (byte >= 33 && byte <= 126 && byte !== 61) || byte === 32 ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('').replace(/.{70}(?=.)/g, '$&=\r\n').replace(/=(\r\n)?([0-9A-F])?=\r\n/g, '=$1$2=\r\n')
const head = (lines: readonly string[] = []) => [
  'Received: from crm.internal (10.1.2.3) by mx; Fri, 27 Nov 2026 05:00:00 +0000',
  `From: "${person} via CRM" <crm@clinic.example>`,
  `To: "Nell Nurse" <nell@clinic.example>, "${person}" <zyxwina.qwertzon@patient.example>`,
  `Reply-To: ${person} <zyxwina.qwertzon@patient.example>`,
  'Date: Fri, 27 Nov 2026 05:00:00 +0000',
  'Message-ID: <zyxwina.qwertzon.p-4711@crm.internal>',
  'References: <zyxwina.1@crm.internal> <zyxwina.2@crm.internal>',
  'X-Patient: Zyxwina',
  'MIME-Version: 1.0',
  ...lines,
].join('\r\n')
const mail = (lines: readonly string[], body: string) => `${head([`Subject: Visit of ${person}`, ...lines])}\r\n\r\n${body}`
const part = (headers: readonly string[], body: string) => `${headers.join('\r\n')}${headers.length > 0 ? '\r\n' : ''}\r\n${body}`
const multi = (boundary: string, parts: readonly string[]) => parts.map(one => `--${boundary}\r\n${one}\r\n`).join('') + `--${boundary}--\r\n`
const multipart = (type: string, parts: readonly string[]) => mail([`Content-Type: multipart/${type}; boundary="b-${type}"`], multi(`b-${type}`, parts))
const plainPart = part(['Content-Type: text/plain; charset=us-ascii'], `${calm}\r\n`)
const attached = (type: string, name: string, body: string, coding = '7bit') =>
  multipart('mixed', [plainPart, part([`Content-Type: ${type}; name="${name}"`, `Content-Transfer-Encoding: ${coding}`, `Content-Disposition: attachment; filename="${name}"`], body)])

const vcard = ['BEGIN:VCARD', 'VERSION:3.0', `FN:${person}`, 'N:Qwertzon;Zyxwina;;;', 'TEL;TYPE=CELL:212-555-0177', 'EMAIL:zyxwina.qwertzon@patient.example', 'NOTE:SSN 987-65-', ' 4321', 'END:VCARD', ''].join('\r\n')
const calendar = [
  'BEGIN:VCALENDAR', 'VERSION:2.0', `PRODID:-//${person}//EN`, 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:p-4711@crm.internal', 'DTSTAMP:20261127T050000Z', 'DTSTART:20261201T090000Z', 'DTEND:20261201T093000Z', `SUMMARY:Visit of ${person}`,
  'DESCRIPTION:SSN 987-65-4321\\, phone 212-555-0177', `ORGANIZER;CN="${person}":mailto:crm@clinic.example`, `ATTENDEE;ROLE=REQ-PARTICIPANT;CN=${person}:mailto:zyxwina.qwertzon@patient.example`, `X-ALT-DESC;FMTTYPE=text/html:<b>${person}</b>`,
  'BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT15M', `DESCRIPTION:${person}`, 'END:VALARM', 'END:VEVENT', 'END:VCALENDAR', '',
].join('\r\n')
const hl7 = ['MSH|^~\\&|CRM|CLINIC|LAB|HOSP|20261127050000||ADT^A01|4711|P|2.5', 'PID|1||p-4711^^^CLINIC^MR||Qwertzon^Zyxwina^^^^^L||19600101|F|||12 Elm St^^Springfield^IL^62701||212-555-0177|||||||987-65-4321', ''].join('\r\n')

export const layouts: readonly Layout[] = [
  { name: '7bit', mail: mail(['Content-Type: text/plain; charset=us-ascii'], `${calm}\r\n${sentence}\r\n`), kept: /asks for a later appointment/ },
  { name: '8bit', mail: mail(['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'], Buffer.from(`The café is open. ${sentence}\r\n`).toString('latin1')), kept: /The café is open/ },
  { name: 'quoted-printable', mail: mail(['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable'], quoted(`The café is open. Zyx\u00adwina Qwertzon. ${sentence}`)), kept: /The café is open/ },
  { name: 'base64', mail: mail(['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'], base64(`The café is open. ${sentence}`)), kept: /The café is open/ },
  { name: 'latin-1', mail: mail(['Content-Type: text/plain; charset=iso-8859-1', 'Content-Transfer-Encoding: quoted-printable'], quoted(`The café is open. ${sentence}`, 'latin1')), kept: /The café is open/ },
  {
    name: 'encoded words',
    mail: `${head([`Subject: =?utf-8?B?${Buffer.from('Zyxw').toString('base64')}?=\r\n =?utf-8?B?${Buffer.from('ina Qwert').toString('base64')}?= =?iso-8859-1?Q?zon_=FCber_987-65-4321?=`, 'Content-Type: text/plain'])}\r\n\r\n${calm}\r\n`,
    untouched: `\r\n\r\n${calm}\r\n`,
    kept: /über/,
  },
  { name: 'alternative', mail: multipart('alternative', [part(['Content-Type: text/plain'], sentence), part(['Content-Type: text/html'], '<html><body><table><tr><td>Zyxwina</td><td>Qwertzon</td></tr></table><p>987-<b>65</b>-4321 asks for a later appointment, 212-555-0177</p></body></html>')]), kept: /later appointment/ },
  {
    name: 'related',
    mail: multipart('related', [part(['Content-Type: text/html; charset=utf-8'], `<p>${sentence}</p><img src="cid:photo-of-zyxwina" alt="Zyxwina">`), part(['Content-Type: image/png', 'Content-ID: <photo-of-zyxwina>', 'Content-Transfer-Encoding: base64'], base64('PNG of Zyxwina'))]),
    kept: /later appointment/,
  },
  { name: 'HTML only', mail: mail(['Content-Type: text/html; charset=utf-8'], `<!-- ${person} --><p title="${person}">Zyx&#119;ina Qwer<i></i>tzon 987-65-4321</p><script>var who = "Zyxwina"</script><a href="https://crm.example/p-4711">later appointment</a> ${sentence}`), kept: /later appointment/ },
  { name: 'CSV', mail: attached('text/csv', 'Zyxwina.csv', 'name,ssn,note\r\n"Qwertzon, Zyxwina",987-65-4321,212-555-0177\r\n'), untouched: `${calm}\r\n` },
  { name: 'vCard', mail: attached('text/vcard', 'Zyxwina Qwertzon.vcf', vcard), untouched: `${calm}\r\n` },
  { name: 'iCalendar', mail: multipart('mixed', [plainPart, part(['Content-Type: text/calendar; method=REQUEST; charset=utf-8', 'Content-Transfer-Encoding: base64'], base64(calendar))]), untouched: `${calm}\r\n`, kept: /DTSTART:20261201T090000Z/ },
  { name: 'HL7', mail: attached('application/hl7-v2+er7', 'p-4711.hl7', hl7), untouched: `${calm}\r\n`, kept: /ADT\^A01/ },
  { name: 'PDF', mail: attached('application/pdf', 'Zyxwina.pdf', base64(`%PDF-1.7 ${sentence}`), 'base64'), untouched: `${calm}\r\n`, kept: /An attachment was removed here/ },
  { name: 'zip', mail: attached('application/zip', "Zyxwina's records.zip", base64(`PK\u0003\u0004 ${sentence}`), 'base64'), untouched: `${calm}\r\n`, kept: /An attachment was removed here/ },
  {
    name: 'message/rfc822',
    mail: multipart('mixed', [plainPart, part(['Content-Type: message/rfc822', 'Content-Disposition: attachment; filename="Zyxwina.eml"'], mail(['Content-Type: multipart/mixed; boundary=inner'], multi('inner', [part(['Content-Type: text/plain'], sentence), part([], calm)])))]),
    untouched: calm,
    kept: /later appointment/,
  },
  {
    name: 'inline photo',
    mail: multipart('mixed', [plainPart, part(['Content-Type: image/jpeg; name*=utf-8\'\'Zyxwina%20Qwertzon.jpg', 'Content-Disposition: inline; filename*0="Zyxwina "; filename*1="Qwertzon.jpg"', 'Content-Transfer-Encoding: base64'], base64(`JPEG ${person}`)), part(['Content-Type: text/plain'], sentence)]),
    untouched: `${calm}\r\n`,
    kept: /later appointment/,
  },
  { name: 'format=flowed', mail: mail(['Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes'], `Dear all, Zyxw \r\nina Qwert \r\nzon asks for a later  \r\nappointment. SSN 987-65 \r\n-4321, phone 212-555 \r\n-0177.\r\n> ${person} wrote this  \r\n> before.\r\n`), kept: /later appointment/ },
]
export const layoutValues = ['zyxwina', 'qwertzon', '987-65-4321', '9876543 21', '212-555-0177', 'p-4711', 'crm.internal', '10.1.2.3', 'elm st']
