// The starter policies on messages as their systems send them: they are without mistakes, none of a person's values leaves, and what they keep is kept.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openRedactor } from '../../src/operations/redact-messages.ts'
import { createPerson, createRandom, type Person } from '../support/phi-corpus.ts'

const folder = fileURLToPath(new URL('../../config/policies/', import.meta.url))
const form = 'application/x-www-form-urlencoded'

interface Case { readonly type?: string, readonly kept: readonly string[], message (person: Person): unknown }

const cases: Readonly<Record<string, Case>> = {
  hubspot: {
    kept: ['contact.propertyChange', '"email"', '"attemptNumber":0'],
    message: p => [{ eventId: 1234567890, objectId: Number(p.mrn.replace(/\D/g, '')), subscriptionType: 'contact.propertyChange', propertyName: 'email', propertyValue: p.email, changeSource: 'CRM', attemptNumber: 0, sourceId: `userId:${p.first}` }],
  },
  pipedrive: {
    kept: ['updated.person', '"person"', 'open', 'USD'],
    message: p => ({
      event: 'updated.person',
      meta: { action: 'updated', object: 'person', host: `${p.last}.example`.replace('\'', '') },
      current: { name: `${p.first} ${p.last}`, first_name: p.first, last_name: p.last, email: [{ value: p.email, primary: true }], phone: [{ value: p.phone }], status: 'open', currency: 'USD', address: p.street },
      previous: { name: p.last },
    }),
  },
  salesforce: {
    type: 'text/xml; charset=utf-8',
    kept: ['<sf:Status>New</sf:Status>', '<sf:IsConverted>false</sf:IsConverted>', '<sf:PostalCode>000</sf:PostalCode>'],
    message: p => '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">' +
      `<SessionId>${p.ssn}</SessionId><Notification><Id>04l0000000001</Id><sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
      `<sf:Status>New</sf:Status><sf:IsConverted>false</sf:IsConverted><sf:FirstName>${p.first}</sf:FirstName><sf:LastName>${p.last}</sf:LastName><sf:Email>${p.email}</sf:Email><sf:Phone>${p.phone}</sf:Phone>` +
      `<sf:Street>${p.street}</sf:Street><sf:PostalCode>${p.zip}</sf:PostalCode><sf:Description>${p.birth}</sf:Description></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>`,
  },
  zoho: {
    kept: ['Leads', 'insert', 'Not Contacted'],
    message: p => ({ module: 'Leads', operation: 'insert', data: [{ Lead_Status: 'Not Contacted', First_Name: p.first, Last_Name: p.last, Email: p.email, Phone: p.phone, Street: p.street, Description: `${p.first} ${p.ssn}` }] }),
  },
  intercom: {
    kept: ['notification_event', 'conversation.user.replied', 'open'],
    message: p => ({
      type: 'notification_event',
      topic: 'conversation.user.replied',
      data: { type: 'notification_event_data', item: { type: 'conversation', state: 'open', name: p.first, email: p.email, source: { body: `<p>${p.first} ${p.last}</p>` }, conversation_parts: { parts: [{ body: p.ssn }] } } },
    }),
  },
  slack: {
    kept: ['section', 'mrkdwn', 'New lead:', 'is waiting'],
    message: p => ({ text: `New lead: ${p.first} ${p.last}, ${p.phone}`, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `Patient ${p.first} ${p.last}, DOB ${p.birth}, SSN ${p.ssn}, is waiting` } }] }),
  },
  typeform: {
    kept: ['form_response', '"email"', 'true'],
    message: p => ({
      event_type: 'form_response',
      form_response: { hidden: { name: p.first }, answers: [{ type: 'email', email: p.email, field: { type: 'email', ref: p.last } }, { type: 'text', text: `${p.first}, ${p.street}` }, { type: 'boolean', boolean: true }] },
    }),
  },
  'call-tracking': {
    type: form,
    kept: ['direction=inbound', 'duration=95', 'customer_state=IL'],
    message: p => new URLSearchParams({ direction: 'inbound', duration: '95', customer_name: p.first, customer_phone_number: p.phone, customer_state: 'IL', recording: `https://calls.example/${p.mrn}`, note: p.last }).toString(),
  },
  'sms-form': {
    type: form,
    kept: ['NumMedia=0', 'SmsStatus=received', 'call+me'],
    message: p => new URLSearchParams({ From: p.phone, To: '+12125550100', Body: `my name is ${p.first} ${p.last}, call me, ${p.email}`, NumMedia: '0', SmsStatus: 'received', FromZip: p.zip }).toString(),
  },
  fhir: {
    type: 'application/fhir+json',
    kept: ['"Patient"', 'official', '"phone"', '"IL"'],
    message: p => ({
      resourceType: 'Patient',
      text: { div: `<div>${p.first} ${p.last}</div>` },
      identifier: [{ value: p.mrn }],
      name: [{ use: 'official', family: p.last, given: [p.first] }],
      telecom: [{ system: 'phone', value: p.phone }],
      address: [{ line: [p.street], state: 'IL', postalCode: p.zip }],
      contact: [{ name: { text: `${p.first} ${p.last}` } }],
    }),
  },
}

/** As a word of its own: "Mark" is not in "Marketing". */
function isIn (text: string, value: string): boolean {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (!/\p{L}/u.test(text.charAt(at - 1)) && !/\p{L}/u.test(text.charAt(at + value.length))) return true
  }
  return false
}

t.test('each starter policy has a case, and each case a policy', async t => {
  // The policy of mails has cases of its own: journeys/mail-relay.test.ts.
  t.same(readdirSync(folder).filter(name => name !== 'mail.yaml').sort(), Object.keys(cases).map(name => `${name}.yaml`).sort())
})

for (const [name, { type = 'application/json', kept, message }] of Object.entries(cases)) {
  t.test(`${name}: no value of 200 people leaves`, async t => {
    const redactor = await openRedactor({ policyFile: `${folder}${name}.yaml`, tokenKeyFile: undefined })
    const random = createRandom(21)
    for (let round = 0; round < 200; round++) {
      const person = createPerson(random, round % 2 === 0)
      const made = message(person)
      const body = typeof made === 'string' ? made : JSON.stringify(made)
      const redaction = redactor.redact({ type, body: Buffer.from(body) })
      if (redaction.held !== undefined) {
        t.fail(`held: ${redaction.held}`)
        break
      }
      const out = redaction.body.toString('utf8')
      const readable = type === form ? [...new URLSearchParams(out).values()].join('\n') : out
      for (const word of kept) if (!out.includes(word)) t.fail(`${word} is not kept: ${out}`)
      const { first, last, email, phone, ssn, street } = person
      const left = [first, last, email, phone, ssn, street].filter(value => isIn(readable, value))
      if (left.length > 0) t.fail(`${left.join(', ')} of ${body} is left in ${out}`)
      if (type.endsWith('json')) JSON.parse(out)
    }
    t.pass('all gone')
  })
}
