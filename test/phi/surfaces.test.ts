// The same people in every format, encoded and packed: nothing of them is left where the policy says so, and what may stay is there.
import t from 'tap'
import { createPerson, createRandom, type Person } from '../support/phi-corpus.ts'
import { createGenreNote, genres } from '../support/phi-genres.ts'
import { redactorOf } from '../support/phi-policy.ts'

const redactor = redactorOf([{ path: '**.status', action: 'keep', oneOf: ['new'] }, { path: '**.note', action: 'prose' }, { path: 'note', action: 'prose' }])
const base64 = (text: string) => Buffer.from(text).toString('base64')
const escapeXml = (text: string) => text.replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`)
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
const part = (name: string, body: string, more = '') => `--bb\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`

type Write = (person: Person, note: string) => string
const surfaces: Readonly<Record<string, readonly [string, Write]>> = {
  JSON: ['application/json', (p, note) => JSON.stringify({ status: 'new', people: [p, { ...p }], byPerson: { [p.email]: 1, [p.ssn]: 2, [p.birth]: 3 }, note })],
  'JSON in JSON, and base64': ['application/json', (p, note) => JSON.stringify({ status: 'new', note: JSON.stringify({ p, status: 'new', note: JSON.stringify({ note, p }) }), packed: base64(JSON.stringify(p)) })],
  'base64 twice': ['application/json', (p, note) => JSON.stringify({ status: 'new', note: base64(base64(`${note}\n${p.email}, SSN ${p.ssn}, call ${p.phone}, born ${p.birth}`)) })],
  form: ['application/x-www-form-urlencoded', (p, note) => new URLSearchParams({ status: 'new', ...Object.fromEntries(Object.entries(p).map(([name, value]) => [`c[${name}]`, value as string])), note, [p.email]: 'x' }).toString()],
  'form encoded twice': ['application/x-www-form-urlencoded', (p, note) => new URLSearchParams({ status: 'new', note: encodeURIComponent(`${note} ${p.email} ${p.ssn}`) }).toString()],
  XML: ['text/xml', (p, note) => `<r><status>new</status><!-- ${p.email} --><?pi ${p.ssn}?>${Object.entries(p).map(([name, value]) => `<${name} v="${escapeXml(value as string)}">${escapeXml(value as string)}</${name}>`).join('')}<note><![CDATA[${note}]]></note></r>`],
  CSV: ['text/csv', (p, note) => `status,${Object.keys(p).join(',')},note\nnew,${Object.values(p).map(value => quote(value as string)).join(',')},${quote(note)}\n`],
  multipart: ['multipart/form-data; boundary=bb', (p, note) => `${p.email}\r\n${part('status', 'new')}${part('note', note)}${part('scan', `%PDF ${p.email}`, `; filename="${p.ssn}.pdf"\r\nContent-Type: application/pdf\r\nX-Phone: ${p.phone}`)}${
    part('json', JSON.stringify({ status: 'new', p, note }), '\r\nContent-Type: application/json')}--bb--\r\n${p.ssn}`],
}

/** What came out, with all that is packed in it. */
function unpack (text: string): string {
  let all = text
  for (let round = 0; round < 3; round++) {
    try { all += ` ${decodeURIComponent(all.replaceAll('+', ' '))}` } catch { /* not a form */ }
    for (const [packed] of text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)) all += ` ${Buffer.from(packed, 'base64').toString()}`
    text = all.slice(text.length)
  }
  return all
}

for (const [name, [type, write]] of Object.entries(surfaces)) {
  t.test(name, async t => {
    const random = createRandom(5)
    const left: string[] = []
    let [count, kept] = [0, 0]
    for (let round = 0; round < 220; round++) {
      const note = createGenreNote(random, genres[round % genres.length] as typeof genres[number])
      const person = createPerson(random, round % 2 === 0)
      const out = redactor.redact({ type, body: Buffer.from(write(person, note.text)) })
      if (out.held !== undefined) { left.push(`held: ${out.held}`); continue }
      const text = unpack(out.body.toString())
      if (text.includes('new')) kept += 1
      // A ZIP code that stands alone in a list of values says nothing by itself; names in prose have targets of their own.
      const values = [person.email, person.ssn, person.phone, person.birth, person.street, ...note.planted.filter(({ kind }) => !['name', 'place', 'zip', 'age'].includes(kind)).map(({ value }) => value)]
      count += values.length
      for (const value of values) if (text.includes(value)) left.push(`${value} of ${note.text}`)
    }
    t.ok(count > 1000)
    t.same(left, [], 'nothing is left')
    t.equal(kept, 220, 'what may stay is there')
  })
}
