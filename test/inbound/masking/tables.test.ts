// CSV and XML: by column and by element.
import t from 'tap'
import { maskingOf, maskWith, type Rules } from '../../support/mask-with.ts'

const rules: Rules = [
  { records: ['patient'], fields: ['**.ssn'], action: 'last4', as: 'ssn' },
  { records: ['patient'], fields: ['**.diagnosis'], action: 'hide' },
]
const see = async (body: string, type: string) => (await maskWith(maskingOf(rules), body, { type })).body

t.test('columns of CSV, also under a heading in words', async t => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['id,ssn,diagnosis\r\n1,900-12-3456,F32.1\r\n2,,"F33,\n""0"""\r\n', 'id,ssn,diagnosis\r\n1,***3456,\r\n2,[ssn],\r\n'],
    ['id;Patient SSN;name\n1;"900-12-3456";Ann\n', 'id;Patient SSN;name\n1;***3456;Ann\n'],
    ['\ufeffssn\tnote\n900-12-3456\tx\n', '\ufeffssn\tnote\n***3456\tx\n'],
    ['id,name\n1,Ann\n', 'id,name\n1,Ann\n'],
  ]
  for (const [body, seen] of cases) t.equal(await see(body, 'text/csv'), seen)
})

t.test('CSV without a header, or with longer rows than it, is refused', async t => {
  for (const body of ['1,900-12-3456,F32.1\n', 'Patients\n1,900-12-3456\n', 'id,ssn\n1,900-12-3456,900-12-3457\n', 'id,ssn\n1,"900-12-3456\n']) t.equal(await see(body, 'text/csv'), 'masking.unreadable', body)
})

t.test('CSV in which a column could be another is refused; a heading further down counts', async t => {
  const refused = [
    'id,name,ssn\n1,multi\nline,900-12-3456\n', 'id,name,ssn\n1,Ann,900-12-3456\n2\n', 'name,note,ssn\n"x\\",",900-12-3456,"F32\n', 'name,ssn\n"a\\""b",900-12-3456\n', 'sep=,\nssn,name\n900-12-3456,Ann\n',
  ]
  for (const body of refused) t.equal(await see(body, 'text/csv'), 'masking.unreadable', body)
  t.equal(await see('Patients\nssn\n900-12-3456\n', 'text/csv'), 'Patients\nssn\n***3456\n')
  t.equal(await see('title,of,it\n\nid,SSN,name\n1,900-12-3456,Ann\n', 'text/csv'), 'title,of,it\n\nid,SSN,name\n1,***3456,Ann\n')
})

t.test('elements and attributes of XML', async t => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['<?xml version="1.0"?><p ssn="900-12-3456" id="1"><n:ssn xmlns:n="urn:x">900<!-- -->-12-3456</n:ssn><diagnosis><code>F32</code></diagnosis></p>', '<?xml version="1.0"?><p ssn="***3456" id="1"><n:ssn xmlns:n="urn:x">***3456</n:ssn></p>'],
    ['<p><ssn><![CDATA[900-12-3456]]></ssn><name>A &amp; B</name></p>', '<p><ssn>***3456</ssn><name>A &amp; B</name></p>'],
  ]
  for (const [body, seen] of cases) t.equal(await see(body, 'application/xml'), seen)
  for (const body of ['<p><ssn>900-12-3456</p>', '<!DOCTYPE p [<!ENTITY s "900-12-3456">]><p>&s;</p>', '<p>&s;</p>', 'ssn 900-12-3456']) t.equal(await see(body, 'text/xml'), 'masking.unreadable', body)
})

t.test('a page in XML is refused', async t => {
  t.equal(await see('<html xmlns="http://www.w3.org/1999/xhtml"><p class="ssn">900-12-3456</p></html>', 'application/xhtml+xml'), 'masking.unreadable')
})
