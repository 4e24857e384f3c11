// The CRM's records, in memory: leads, patients with notes, call recordings and attachments. It never keeps anything after the process ends.
import { randomBytes } from 'node:crypto'
import { seedLeads } from './seed-leads.ts'
import { seedPatients } from './seed-patients.ts'
import { seedRecordings } from './seed-recordings.ts'

export interface Note { readonly at: string, readonly by: string, readonly text: string }

export interface Patient {
  readonly id: string
  /** Medical record number. */
  readonly mrn: string
  name: string
  /** `YYYY-MM-DD`. */
  born: string
  readonly ssn: string
  phone: string
  email: string
  address: string
  insurer: string
  memberNumber: string
  physician: string
  allergies: string
  readonly conditions: readonly string[]
  status: 'active' | 'recall' | 'discharged'
  nextVisit: string
  readonly notes: Note[]
}

export interface Lead {
  readonly id: string
  readonly name: string
  readonly phone: string
  readonly email: string
  readonly interest: string
  readonly source: string
  stage: 'new' | 'contacted' | 'booked' | 'lost'
  readonly owner: string
  readonly createdAt: string
}

export interface Recording {
  readonly id: string
  readonly patientId: string | undefined
  readonly caller: string
  readonly direction: 'incoming' | 'outgoing'
  readonly takenBy: string
  readonly at: string
  readonly seconds: number
  readonly summary: string
}

export interface Attachment {
  readonly id: string
  readonly patientId: string | undefined
  readonly name: string
  readonly type: string
  readonly bytes: number
  readonly sha256: string
  readonly by: string
  readonly at: string
}

/** Something that happened, for the activity feed. */
export interface Activity { readonly at: string, readonly text: string }

export type PatientChange = Partial<Pick<Patient, 'name' | 'born' | 'phone' | 'email' | 'address' | 'insurer' | 'memberNumber' | 'physician' | 'allergies' | 'status' | 'nextVisit'>>
export type NewLead = Pick<Lead, 'name' | 'phone' | 'email' | 'interest' | 'source'>
export interface Found { readonly kind: 'patient' | 'lead' | 'recording', readonly id: string, readonly title: string, readonly detail: string }

export type Records = ReturnType<typeof createRecords>

const now = () => new Date().toISOString()

function search (records: { readonly patients: readonly Patient[], readonly leads: readonly Lead[], readonly recordings: readonly Recording[] }, text: string): readonly Found[] {
  const part = text.trim().toLowerCase()
  if (part === '') return []
  const has = (...fields: readonly string[]) => fields.some(field => field.toLowerCase().includes(part))
  return [
    ...records.patients.filter(one => has(one.name, one.mrn, one.phone, one.email, one.born))
      .map(one => ({ kind: 'patient' as const, id: one.id, title: one.name, detail: `${one.mrn} · born ${one.born}` })),
    ...records.leads.filter(one => has(one.name, one.phone, one.email, one.interest))
      .map(one => ({ kind: 'lead' as const, id: one.id, title: one.name, detail: one.interest })),
    ...records.recordings.filter(one => has(one.caller, one.summary))
      .map(one => ({ kind: 'recording' as const, id: one.id, title: one.caller, detail: one.summary })),
  ]
}

/** What happened lately, and who wants to hear of the next thing. */
function createActivityFeed () {
  const latest: Activity[] = []
  const listeners = new Set<(activity: Activity) => void>()
  return {
    latest,
    tell (text: string) {
      const activity = { at: now(), text }
      latest.unshift(activity)
      latest.length = Math.min(latest.length, 50)
      for (const listener of listeners) listener(activity)
    },
    listen (listener: (activity: Activity) => void): () => void {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
  }
}

/** Opens the seeded records. Each call is a fresh set. */
export function createRecords () {
  const patients: Patient[] = seedPatients()
  const leads: Lead[] = seedLeads()
  const recordings: readonly Recording[] = seedRecordings()
  const attachments: Attachment[] = []
  const feed = createActivityFeed()
  const { tell } = feed
  return {
    patients: () => patients as readonly Patient[],
    patient: (id: string) => patients.find(patient => patient.id === id),
    leads: () => leads as readonly Lead[],
    recordings: () => recordings,
    recording: (id: string) => recordings.find(recording => recording.id === id),
    attachments: () => attachments as readonly Attachment[],
    attachment: (id: string) => attachments.find(attachment => attachment.id === id),
    activities: () => feed.latest as readonly Activity[],
    /** Calls `listener` for everything that happens from now on; returns how to stop. */
    onActivity: feed.listen,
    changePatient (patient: Patient, change: PatientChange, by: string): void {
      Object.assign(patient, change)
      tell(`${by} changed the record ${patient.mrn}`)
    },
    addNote (patient: Patient, text: string, by: string): void {
      patient.notes.unshift({ at: now(), by, text })
      tell(`${by} wrote a note in ${patient.mrn}`)
    },
    addLead (lead: NewLead, owner: string): Lead {
      const added: Lead = { ...lead, id: `l-${2001 + leads.length}-${randomBytes(2).toString('hex')}`, stage: 'new', owner, createdAt: now() }
      leads.unshift(added)
      tell(`${owner} added the lead ${added.id}`)
      return added
    },
    moveLead (lead: Lead, stage: Lead['stage'], by: string): void {
      lead.stage = stage
      tell(`${by} moved the lead ${lead.id} to ${stage}`)
    },
    removeLead (id: string, by: string): boolean {
      const index = leads.findIndex(lead => lead.id === id)
      if (index < 0) return false
      leads.splice(index, 1)
      tell(`${by} removed the lead ${id}`)
      return true
    },
    addAttachment (attachment: Attachment): void {
      attachments.unshift(attachment)
      tell(`${attachment.by} uploaded ${attachment.id}`)
    },
    removeAttachment (id: string, by: string): boolean {
      const index = attachments.findIndex(attachment => attachment.id === id)
      if (index < 0) return false
      attachments.splice(index, 1)
      tell(`${by} removed ${id}`)
      return true
    },
    /** Patients, leads and recordings with `text` in a name, number, telephone or subject. */
    search: (text: string) => search({ patients, leads, recordings }, text),
  }
}
