// Codes of FHIR R4 AuditEvent and of IHE Basic Audit Log Patterns (BALP 1.1), in one table.

export const systems = {
  eventType: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  entityType: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  objectRole: 'http://terminology.hl7.org/CodeSystem/object-role',
  sourceType: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  interaction: 'http://hl7.org/fhir/restful-interaction',
  lifecycle: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle',
  dicom: 'http://dicom.nema.org/resources/ontology/DCM',
  balpEntity: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
} as const

export interface Coding { readonly system: string, readonly code: string, readonly display?: string }

export const coding = (system: keyof typeof systems, code: string, display?: string): Coding => ({ system: systems[system], code, ...(display === undefined ? {} : { display }) })

export const source = coding('dicom', '110153', 'Source Role ID')
export const destination = coding('dicom', '110152', 'Destination Role ID')

export interface Interaction {
  readonly subtype: Coding
  /** AuditEvent.action: create, read, update, delete, execute. */
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E'
  /** `Read` of `IHE.BasicAudit.Read` and `IHE.BasicAudit.PatientRead`. */
  readonly profile: string | undefined
  /** What the person is to the data: receives it, or is its author. */
  readonly user: Coding
  /** In a read the data goes to the client; otherwise the request is what flows. */
  readonly client: Coding
  readonly server: Coding
}

const recipient = coding('participation', 'IRCP', 'information recipient')
const author = coding('participation', 'AUT', 'author (originator)')

const reading = { client: destination, server: source, user: recipient }
const writing = { client: source, server: destination, user: author }
const asking = { client: source, server: destination, user: recipient }

const read: Interaction = { subtype: coding('interaction', 'read'), action: 'R', profile: 'Read', ...reading }
const search: Interaction = { subtype: coding('interaction', 'search'), action: 'E', profile: 'Query', ...asking }
const other: Interaction = { subtype: coding('interaction', 'operation'), action: 'E', profile: undefined, ...asking }

/** By `what.kind`. */
export const interactions: Readonly<Record<string, Interaction>> = {
  read,
  download: read,
  play: read,
  export: read,
  list: search,
  search,
  create: { subtype: coding('interaction', 'create'), action: 'C', profile: 'Create', ...writing },
  update: { subtype: coding('interaction', 'update'), action: 'U', profile: 'Update', ...writing },
  delete: { subtype: coding('interaction', 'delete'), action: 'D', profile: 'Delete', ...writing },
}

export const otherInteraction = other

export interface Activity { readonly type: Coding, readonly subtype?: Coding, readonly action: Interaction['action'] }

const signIn: Activity = { type: coding('dicom', '110114', 'User Authentication'), subtype: coding('dicom', '110122', 'Login'), action: 'E' }
const activity: Activity = { type: coding('dicom', '110100', 'Application Activity'), action: 'E' }
const alert: Activity = { type: coding('dicom', '110113', 'Security Alert'), action: 'E' }

/** Events that are no request, by kind. */
export const activities: Readonly<Record<string, Activity>> = {
  'session.began': signIn,
  'session.refused': signIn,
  'session.ended': { ...signIn, subtype: coding('dicom', '110123', 'Logout') },
  'operation.run': { type: coding('dicom', '110101', 'Audit Log Used'), action: 'R' },
  'gateway.started': { ...activity, subtype: coding('dicom', '110120', 'Application Start') },
  'gateway.stopped': { ...activity, subtype: coding('dicom', '110121', 'Application Stop') },
  'configuration.loaded': { ...alert, subtype: coding('dicom', '110129', 'Security Configuration') },
  'configuration.refused': { ...alert, subtype: coding('dicom', '110129', 'Security Configuration') },
  'connection.refused': { ...alert, subtype: coding('dicom', '110126', 'Node Authentication') },
}

export const otherActivity = activity
