// What a receiver could read otherwise than it was judged: characters sets that lie, names and namespaces of XML, names of members. It is held or taken out.
import t from 'tap'
import { redactorOf, redactWith } from '../support/phi-policy.ts'

const redactor = redactorOf([{ path: '**.Status', action: 'keep', oneOf: ['new'] }, { path: '**.note', action: 'prose' }, { path: '**.Note', action: 'prose' }])
const xml = (body: string, type = 'application/xml') => redactWith(redactor, type, body)
const json = (body: string | Buffer, type = 'application/json') => redactWith(redactor, type, body)

t.test('bytes that are UTF-8 and say that they are something else', async t => {
  t.equal(json('{"note":"９００-５５-０１０１"}', 'application/json; charset=iso-8859-1'), 'held: charset')
  t.equal(redactWith(redactor, 'text/csv; charset=latin1', 'note\n９００-５５-０１０１\n'), 'held: charset')
  t.equal(json('{"note":"900-55-0101"}', 'application/json; charset=iso-8859-1'), '{"note":"[ssn]"}', 'ASCII is the same in both')
  const latin = redactor.redact({ type: 'application/json; charset=iso-8859-1', body: Buffer.from('{"Status":"new","note":"caf\u00e9 900-55-0101"}', 'latin1') })
  t.equal(latin.held === undefined && latin.body.toString('latin1'), '{"Status":"new","note":"caf\u00e9 [ssn]"}')
  t.equal(json(Buffer.from('{"Status":"new"}', 'utf16le')), 'held: notJson')
  t.equal(json(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"Status":"new"}', 'utf16le')])), 'held: notUtf8')
  t.equal(json(Buffer.from([0x7b, 0x22, 0xc0, 0xae, 0x22, 0x3a, 0x31, 0x7d])), 'held: notUtf8', 'an overlong form')
})

t.test('XML that says another character set than it has', async t => {
  const declared = (encoding: string, text: string) => `<?xml version="1.0" encoding="${encoding}"?><Note>${text}</Note>`
  for (const encoding of ['UTF-7', 'UTF-16', 'IBM037', 'Shift_JIS', 'x-user-defined']) t.equal(xml(declared(encoding, '+AEoAYQBuAGU-')), 'held: charset', encoding)
  for (const encoding of ['ISO-8859-1', 'windows-1252', 'us-ascii']) t.equal(xml(declared(encoding, '９００-５５-０１０１')), 'held: charset', encoding)
  for (const encoding of ['UTF-8', 'utf-8', 'ISO-8859-1', 'US-ASCII', 'windows-1252']) t.equal(xml(declared(encoding, '900-55-0101')), declared(encoding, '[ssn]'), encoding)
  t.equal(xml(declared('UTF-8', 'caf\u00e9 900-55-0101')), declared('UTF-8', 'caf\u00e9 [ssn]'))
  const packed = redactWith(redactor, 'application/json', JSON.stringify({ note: declared('utf-16', '900-55-0101') }))
  t.equal((JSON.parse(packed) as { note: string }).note, declared('utf-16', '[ssn]'), 'within a text the characters are known already')
})

t.test('prefixes and namespaces of XML say nothing about a person', async t => {
  for (const body of ['<JaneRoe:Status xmlns:JaneRoe="urn:x">new</JaneRoe:Status>', '<Status xmlns:jane_roe="urn:x">new</Status>', '<Status Jane.Roe:a="1">new</Status>']) t.equal(xml(body), 'held: elementName', body)
  for (const uri of ['urn:JaneRoe', 'http://x.example/jane/roe', 'urn:patient:Kowalczyk']) t.notMatch(xml(`<Status xmlns="${uri}">new</Status>`), /jane|roe|kowalczyk/i, uri)
  const known = ['http://soap.sforce.com/2005/09/outbound', 'urn:sobject.enterprise.soap.sforce.com', 'http://www.w3.org/2001/XMLSchema-instance', 'http://hl7.org/fhir', 'urn:hl7-org:v3', 'http://schemas.xmlsoap.org/soap/envelope/',
    'http://www.w3.org/2003/05/soap-envelope', 'http://schemas.microsoft.com/crm/2011/contracts', 'urn:oasis:names:tc:ebxml-msg:service']
  for (const uri of known) {
    for (const prefix of ['soapenv', 'sf', 'ns1', 'xsi', 'hl7', 'env', 'tns', 'urn']) {
      const body = `<${prefix}:Status xmlns:${prefix}="${uri}">new</${prefix}:Status>`
      t.equal(xml(body), body)
    }
  }
})

t.test('names of members that are people', async t => {
  const names = ['Zorvax Quillmon', 'Kowalczyk', 'JaneRoe', 'patient_jane_roe', 'Roe, Jane', 'O\'Brien', 'Jürgen', 'call 555-0100', 'x@y.example', '2001-02-03', 'c29tZXRoaW5nIGlzIGhlcmU=']
  for (const name of names) t.match(json(JSON.stringify({ byPatient: { [name]: { Status: 'new' } } })), /^\{"byPatient":\{"redacted-1":\{"Status":"new"\}\}\}$/, name)
  const fields = ['First Name', 'Lead Status', 'hs_object_id', 'lifecyclestage', 'utm_source', 'firstname', 'createdAt', 'vid', 'portal-id', '$schema', '@type', 'is_deleted', 'LeadSource', 'Account Owner', 'dealstage', 'resourceType',
    'telecom', 'postalCode', 'birthDate', 'valueCodeableConcept', 'generalPractitioner', 'managingOrganization', 'hs_lead_status', 'gclid', 'fbclid', 'webhookId', 'Date of Birth', 'Phone Number', 'Zip Code', 'ISO Code', 'marketingOptIn']
  const body = JSON.stringify(Object.fromEntries(fields.map(name => [name, ''])))
  t.equal(json(body), body, 'names of fields stay')
  t.equal(json('{"__proto__":{"Status":"new","x":"Jane"},"constructor":"Jane"}'), '{"__proto__":{"Status":"new","x":"[redacted]"},"constructor":"[redacted]"}')
  t.equal(json('{"Status":"new","Status":"Jane Roe"}'), '{"Status":"new","Status":"[redacted]"}')
})
