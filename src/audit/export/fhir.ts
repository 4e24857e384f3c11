// FHIR R4 AuditEvents in a Bundle. A request that went well claims the IHE BALP profile of its kind; the gateway is the source that observed it, neither client nor
// server. What a profile does not allow, a failure or an unknown record, claims none. See https://profiles.ihe.net/ITI/BALP/.
import { hash } from 'node:crypto'
import type { AuditEvent } from '../event.ts'
import type { Found } from '../questions/answer.ts'
import { outcomeOf } from '../questions/query.ts'
import { wholeEvent } from '../questions/row.ts'
import {
  activities, coding, destination, interactions, otherActivity, otherInteraction, source, type Coding, type Interaction,
} from './fhir-codes.ts'
import type { ExportContext, ExportFormat } from './format.ts'

type Agent = Readonly<Record<string, unknown>>

/** A name-based UUID (RFC 9562, version 8) of the record's place: an export made again gives the same ids. */
function uuidOf ({ writer, epoch, seq }: Pick<Found, 'writer' | 'epoch' | 'seq'>): string {
  const hex = hash('sha256', JSON.stringify(['sallyport fhir', writer, epoch, seq]), 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const codeable = (value: Coding) => ({ coding: [value] })
const named = (system: string, value: string, display?: string) => ({ identifier: { system, value }, ...(display === undefined ? {} : { display }) })

/** AuditEvent.outcome: 0 went well, 4 minor failure (refused, or the CRM said no), 8 serious (broke). */
function outcomeCode (event: AuditEvent): '0' | '4' | '8' {
  const outcome = outcomeOf(event)
  if (outcome === 'failed' || outcome === 'abandoned') return '8'
  return outcome === 'refused' || (event.outcome?.status ?? 0) >= 400 ? '4' : '0'
}

function describeUser (who: NonNullable<AuditEvent['who']>, type: Coding, context: ExportContext): Agent {
  return {
    type: codeable(type),
    ...(who.roles.length === 0 ? {} : { role: who.roles.map(role => ({ text: role })) }),
    who: named(who.idp ?? `urn:sallyport:${context.gateway}:person`, who.id, who.name),
    ...(who.name === undefined ? {} : { name: who.name }),
    requestor: true,
  }
}

function describeClient (from: AuditEvent['from'], type: Coding): Agent {
  const address = from?.address ?? 'unknown'
  return { type: codeable(type), who: { display: address }, requestor: false, network: { address, type: '2' } }
}

function describeServer (host: string, type: Coding): Agent {
  return { type: codeable(type), who: { display: host }, requestor: false, network: { address: host, type: '1' } }
}

function describeEntities (event: AuditEvent, interaction: Interaction, context: ExportContext) {
  const record = event.what?.record
  const isQuery = interaction.profile === 'Query'
  const query = `${event.what?.path ?? event.what?.route ?? ''}${event.what?.query === undefined ? '' : `?${event.what.query}`}`
  return [
    { type: coding('balpEntity', 'XrequestId'), what: { identifier: { value: event.id } } },
    ...(isQuery ? [{ type: coding('entityType', '2', 'System Object'), role: coding('objectRole', '24', 'Query'), query: Buffer.from(query).toString('base64') }] : []),
    ...(!isQuery && record?.id !== undefined
      ? [{
          what: named(`urn:sallyport:${context.gateway}:${encodeURIComponent(record.type)}`, record.id, `${record.type} ${record.id}`),
          type: coding('entityType', '2', 'System Object'),
          role: coding('objectRole', '4', 'Domain Resource'),
          ...(record.fields === undefined ? {} : { detail: record.fields.map(field => ({ type: 'field', valueString: field })) }),
        }]
      : []),
    ...describePatient(record?.patient, context),
  ]
}

function describePatient (patient: string | undefined, { gateway }: ExportContext) {
  if (patient === undefined) return []
  return [{
    what: { type: 'Patient', ...named(`urn:sallyport:${gateway}:patient`, patient) },
    type: coding('entityType', '1', 'Person'),
    role: coding('objectRole', '1', 'Patient'),
  }]
}

/** The profile that the event is an instance of; undefined when it is none. */
function profileOf (event: AuditEvent, interaction: Interaction): string | undefined {
  const { profile } = interaction
  const record = event.what?.record
  const isWhole = profile === 'Query' || record?.id !== undefined
  if (profile === undefined || event.kind !== 'request.completed' || outcomeCode(event) !== '0' || !isWhole || event.from === undefined) return undefined
  return `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${record?.patient === undefined ? '' : 'Patient'}${profile}`
}

function describeRequest (event: AuditEvent, context: ExportContext) {
  const interaction = interactions[event.what?.kind ?? ''] ?? otherInteraction
  const profile = profileOf(event, interaction)
  return {
    ...(profile === undefined ? {} : { meta: { profile: [profile] } }),
    type: coding('eventType', 'rest', 'Restful Operation'),
    subtype: [interaction.subtype],
    action: interaction.action,
    agent: [
      ...(event.who === undefined ? [] : [describeUser(event.who, interaction.user, context)]),
      describeClient(event.from, interaction.client),
      describeServer(event.what?.host ?? context.host, interaction.server),
    ],
    entity: describeEntities(event, interaction, context),
  }
}

/** BALP's disclosure at the source, when it is known whom it is about and who got it. */
function describeMessage (event: AuditEvent, context: ExportContext) {
  const { disclosure } = event
  const isDisclosure = event.kind === 'message.released' && disclosure !== undefined && event.what?.record?.patient !== undefined
  const recipient = disclosure?.recipient ?? 'unknown'
  const observer = describeServer(context.gateway, source)
  return {
    ...(isDisclosure ? { meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source'] } } : {}),
    type: coding('dicom', '110106', 'Export'),
    subtype: [coding('lifecycle', 'disclose', 'Disclose Record Lifecycle Event')],
    action: 'R',
    ...(disclosure === undefined ? {} : { purposeOfEvent: [{ text: disclosure.purpose }] }),
    agent: [
      { ...observer, who: observerOf(context) },
      { type: codeable(destination), who: { display: recipient }, requestor: false, network: { address: disclosure?.address ?? recipient, type: '5' } },
    ],
    entity: [
      { what: { display: disclosure?.description ?? 'message' }, type: coding('entityType', '2', 'System Object'), role: coding('objectRole', '3', 'Report') },
      ...describePatient(event.what?.record?.patient, context),
    ],
  }
}

function describeActivity (event: AuditEvent, context: ExportContext) {
  const { type, subtype, action } = activities[event.kind] ?? otherActivity
  const isQuestion = event.kind === 'operation.run'
  const agents = event.who === undefined ? [] : [describeUser(event.who, coding('participation', 'IRCP', 'information recipient'), context)]
  const entity = isQuestion ? describePatient(event.what?.record?.patient, context) : []
  return {
    type,
    ...(subtype === undefined ? {} : { subtype: [subtype] }),
    action,
    agent: [...agents, ...(event.from === undefined ? [] : [describeClient(event.from, source)]), describeServer(context.host, destination)],
    ...(entity.length === 0 ? {} : { entity }),
  }
}

const observerOf = ({ gateway }: ExportContext) => named('urn:sallyport:gateway', gateway, `Sallyport gateway ${gateway}`)

function describe (event: AuditEvent, context: ExportContext) {
  if (event.kind.startsWith('message.')) return describeMessage(event, context)
  return event.kind.startsWith('request.') || event.kind === 'connection.opened' || event.kind === 'connection.closed' ? describeRequest(event, context) : describeActivity(event, context)
}

/** The AuditEvent of one record. */
export function toAuditEvent (found: Found, context: ExportContext) {
  const event = wholeEvent(found)
  const { meta, type, subtype, action, ...rest } = { meta: undefined, subtype: undefined, ...describe(event, context) }
  const reason = event.outcome?.reason ?? event.decision?.reason ?? event.outcome?.status?.toString()
  const status = outcomeCode(event)
  return {
    resourceType: 'AuditEvent',
    id: uuidOf(found),
    ...(meta === undefined ? {} : { meta }),
    type,
    ...(subtype === undefined ? {} : { subtype }),
    action,
    recorded: new Date(event.time).toISOString(),
    outcome: status,
    ...(status === '0' || reason === undefined ? {} : { outcomeDesc: reason }),
    ...rest,
    source: { site: context.host, observer: observerOf(context), type: [coding('sourceType', '6', 'Security Server')] },
  }
}

export function createFhir (context: ExportContext): ExportFormat {
  let separator = ''
  return {
    file: 'records.fhir.json',
    begin: () => `{"resourceType":"Bundle","type":"collection","timestamp":"${new Date(context.time).toISOString()}","entry":[`,
    add (found) {
      const text = `${separator}\n${JSON.stringify({ fullUrl: `urn:uuid:${uuidOf(found)}`, resource: toAuditEvent(found, context) })}`
      separator = ','
      return text
    },
    end: () => '\n]}\n',
  }
}
