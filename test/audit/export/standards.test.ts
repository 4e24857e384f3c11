// FHIR bundles against the R4 definitions, and OCSF against what its schema requires.
import { Ajv } from 'ajv'
import { Fhir } from 'fhir/fhir.js'
import t from 'tap'
import { createFhir, toAuditEvent } from '../../../src/audit/export/fhir.ts'
import { toOcsf } from '../../../src/audit/export/ocsf.ts'
import type { AuditEvent } from '../../../src/audit/audit.ts'
import { eventKinds } from '../../../src/audit/event.ts'
import { admit, complete, nurse, patientEvents } from '../../support/patient-trail.ts'
import { foundOf } from '../../support/fixed-found.ts'

const context = { gateway: 'test-gateway', version: '0.1.0', host: 'crm.example', time: 0, from: undefined, to: 1, by: 'somebody', reason: 'test', filters: {} }
const admitted = new Map(patientEvents.filter(event => event.kind === 'request.admitted').map(event => [event.id, event]))
const bare = eventKinds.map((kind): AuditEvent => ({ kind, time: 1_700_000_000_123, id: 'bare' }))
const all = [...patientEvents, ...bare].map(event => foundOf(event, event.kind === 'request.admitted' ? undefined : admitted.get(event.id)))
const balp = (name: string) => [`https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${name}`]
const summary = { found: 0, read: 0, damaged: 0, damage: [], shredded: 0, heads: [] }

t.test('every kind of event gives a valid R4 AuditEvent', async t => {
  const format = createFhir(context)
  const text = format.begin() + all.map(found => format.add(found)).join('') + format.end(summary)
  const bundle = JSON.parse(text) as { entry: Array<{ resource: { recorded: unknown } }> }
  t.equal(bundle.entry.length, all.length)
  const { valid, messages } = new Fhir().validate(bundle, { errorOnUnexpected: true })
  t.same(messages.filter(message => message.severity === 'error'), [])
  t.ok(valid)
  const broken = structuredClone(bundle)
  delete broken.entry[0]?.resource.recorded
  t.notOk(new Fhir().validate(broken, { errorOnUnexpected: true }).valid, 'the validator does look')
})

t.test('what went well claims its BALP profile and has what that demands', async t => {
  const cases = { read: 'PatientRead', update: 'PatientUpdate', create: 'PatientCreate', delete: 'PatientDelete', search: 'PatientQuery' } as const
  for (const [kind, name] of Object.entries(cases)) {
    const begun = admit('x', 0, { who: nurse, what: { kind: kind as keyof typeof cases } })
    const event = toAuditEvent(foundOf(complete('x', 1), begun), context) as unknown as Record<string, never> & { agent: Array<{ type: { coding: Array<{ code: string }> }, network?: unknown }>, entity: Array<{ type: { code: string }, what?: unknown, query?: unknown }> }
    t.same((event['meta'] as unknown as { profile: string[] }).profile, balp(name))
    const client = kind === 'read' ? '110152' : '110153'
    t.ok(event.agent.find(agent => agent.type.coding[0]?.code === client)?.network, `${kind}: the client and its network`)
    t.equal(event.agent.filter(agent => ['110152', '110153'].includes(agent.type.coding[0]?.code ?? '')).length, 2, 'client and server, the gateway is neither')
    t.equal(event.entity.filter(entity => entity.type.code === '1').length, 1, 'one patient')
    t.equal(event.entity.filter(entity => entity.type.code === '2' && (kind === 'search' ? entity.query : entity.what) !== undefined).length, 1)
    t.match(event, { outcome: '0', source: { observer: { identifier: { value: 'test-gateway' } } } })
  }
})

t.test('what did not go well, or has no record, claims none', async t => {
  const begun = admit('x', 0, { who: nurse })
  const none = [foundOf(complete('x', 1, { status: 404 }), begun), foundOf(begun), foundOf({ kind: 'request.denied', time: 0, id: 'y' }), foundOf(complete('x', 1))]
  for (const found of none) t.equal((toAuditEvent(found, context) as { meta?: unknown }).meta, undefined)
  t.match(toAuditEvent(foundOf(complete('x', 1, { status: 404 }), begun), context), { outcome: '4', outcomeDesc: '404' })
})

// Required attributes of OCSF 1.5.0: base_event, application, web_resource_access_activity, metadata, product, http_request, web_resource (at least one of name, uid),
// https://schema.ocsf.io/1.5.0/classes/web_resource_access_activity
const whole = { type: 'integer', minimum: 0 }
const base = {
  type: 'object',
  required: ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'],
  properties: {
    activity_id: whole,
    category_uid: whole,
    class_uid: whole,
    time: whole,
    type_uid: whole,
    severity_id: { enum: [0, 1, 2, 3, 4, 5, 6, 99] },
    status_id: { enum: [0, 1, 2, 99] },
    metadata: {
      type: 'object',
      required: ['product', 'version'],
      properties: { version: { const: '1.5.0' }, product: { type: 'object', required: ['name', 'vendor_name'] } },
    },
  },
}
const access = {
  allOf: [base, {
    type: 'object',
    required: ['http_request', 'web_resources'],
    properties: {
      class_uid: { const: 6004 },
      category_uid: { const: 6 },
      activity_id: { enum: [0, 1, 2, 3, 4, 99] },
      http_request: { type: 'object', properties: { url: { type: 'object' }, http_method: { type: 'string' } } },
      http_response: { type: 'object', required: ['code'], properties: { code: whole } },
      web_resources: { type: 'array', minItems: 1, items: { type: 'object', anyOf: [{ required: ['name'] }, { required: ['uid'] }] } },
      src_endpoint: { type: 'object', properties: { ip: { type: 'string' } } },
    },
  }],
}

t.test('OCSF: requests are 6004, the rest base events, and each has what is required', async t => {
  const ajv = new Ajv({ strict: false })
  const [isBase, isAccess] = [ajv.compile(base), ajv.compile(access)]
  for (const found of all) {
    const event = toOcsf(found, context)
    const isWeb = /^(?:request|connection)\./.test(found.event.kind)
    t.ok(isWeb ? isAccess(event) : isBase(event), `${found.event.kind}: ${JSON.stringify(isWeb ? isAccess.errors : isBase.errors)}`)
    t.equal(event.type_uid, event.class_uid * 100 + event.activity_id)
    t.equal(event.class_uid, isWeb ? 6004 : 0)
  }
  t.match(toOcsf(foundOf({ kind: 'request.denied', time: 0, id: 'x' }), context), { activity_id: 2, status_id: 2 })
})
