// The story of one patient in plain words: the summary first, then day by day and person by person. It decides nothing; the counting is done.
import type { AuditEvent, Deed, PatientStory, PersonOfDay } from '../operations/ask-trail.ts'
import type { TimeZone } from '../shared/time-zone.ts'
import { formatTimeOfDay } from './format-table.ts'
import { plain } from './output.ts'

type Verb = readonly [past: string, infinitive: string]

const verbs: Readonly<Record<Deed['access'], Verb>> = {
  create: ['added', 'add'],
  read: ['read', 'read'],
  update: ['changed', 'change'],
  delete: ['deleted', 'delete'],
  execute: ['ran', 'run'],
  search: ['searched', 'search'],
  list: ['listed', 'list'],
  export: ['exported', 'export'],
  download: ['downloaded', 'download'],
  play: ['played', 'play'],
  'sign-in': ['signed in to', 'sign in to'],
  'sign-out': ['signed out of', 'sign out of'],
  gateway: ['opened', 'open'],
  unknown: ['used', 'use'],
}

const times = (count: number) => count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
const number = (count: number, one: string, many: string) => count === 1 ? `1 ${one}` : `${count} ${many}`

function nameOf (who: AuditEvent['who']): string {
  if (who === undefined) return 'Somebody who was not signed in'
  return who.name === undefined || who.name === who.id ? who.id : `${who.name} <${who.id}>`
}

function describePerson (who: AuditEvent['who']): string {
  return `${nameOf(who)}${who === undefined || who.roles.length === 0 ? '' : ` (${who.roles.join(', ')})`}`
}

function describeObject ({ what }: Deed, patient: string): string {
  const record = what?.record
  if (record?.id === undefined) return record === undefined ? `${what?.method ?? ''} ${what?.route ?? what?.path ?? 'something'}`.trim() : `records of kind ${record.type}`
  return record.type === 'patient' && record.id === patient ? 'the patient\'s own record' : `${record.type} ${record.id}`
}

function describeFields ({ what }: Deed): string {
  const fields = what?.record?.fields ?? []
  return fields.length === 0 ? '' : ` (${fields.join(', ')})`
}

function describeAccess (deed: Deed, patient: string): string {
  const [past, infinitive] = verbs[deed.access]
  const object = `${describeObject(deed, patient)}${describeFields(deed)}`
  const because = deed.reason === undefined ? '' : `: ${deed.reason}`
  switch (deed.result) {
    case 'done': return `${past} ${object}`
    case 'answered': return `tried to ${infinitive} ${object}; the CRM answered ${String(deed.status)}`
    case 'refused': return `WAS REFUSED to ${infinitive} ${object}${because}`
    case 'failed': return `tried to ${infinitive} ${object}; it failed${because}`
    case 'broken': return `began to ${infinitive} ${object}; it broke off${because}, and counts as disclosed`
    default: return `began to ${infinitive} ${object}; no end is on record, so it counts as disclosed`
  }
}

function describeMessage ({ kind, disclosure, reason }: Deed): string {
  const to = disclosure === undefined ? '' : ` to ${disclosure.recipient}${disclosure.address === undefined ? '' : ` (${disclosure.address})`}`
  const what = disclosure === undefined ? 'a message' : disclosure.description
  const because = reason === undefined ? '' : `: ${reason}`
  if (kind === 'message.released') return `sent ${what}${to}${disclosure === undefined ? '' : `, for ${disclosure.purpose}`}`
  if (kind === 'message.accepted') return `handed in ${what}${to}`
  if (kind === 'message.delivered') return `delivered ${what}${to}`
  if (kind === 'message.failed') return `could not deliver ${what}${to}${because}`
  return `${kind === 'message.quarantined' ? 'HELD BACK' : 'WAS REFUSED to send'} ${what}${to}${because}`
}

function describeDeed (deed: Deed, patient: string): string {
  if (deed.is === 'question') return `asked the trail about this patient (${deed.asked?.operation ?? ''})${deed.asked?.reason === '' ? '' : `: "${deed.asked?.reason ?? ''}"`}`
  return deed.is === 'message' ? describeMessage(deed) : describeAccess(deed, patient)
}

/** What was done several times on end is one line. */
function formatDeeds (deeds: readonly Deed[], { patient, zone }: { readonly patient: string, readonly zone: TimeZone }): readonly string[] {
  const lines: Array<{ text: string, first: number, last: number, count: number }> = []
  for (const deed of deeds) {
    const text = describeDeed(deed, patient)
    const before = lines.at(-1)
    if (before?.text === text) {
      before.last = deed.time
      before.count += deed.count
    } else lines.push({ text, first: deed.time, last: deed.time, count: deed.count })
  }
  return lines.map(({ text, first, last, count }) => {
    const [begin, end] = [formatTimeOfDay(first, zone), formatTimeOfDay(last, zone)]
    return `    ${(begin === end ? begin : `${begin}-${end}`).padEnd(11)}  ${text}${count === 1 ? '' : `, ${times(count)}`}`
  })
}

function formatPerson ({ who, addresses, deeds }: PersonOfDay, context: { readonly patient: string, readonly zone: TimeZone }): readonly string[] {
  const from = addresses.length === 0 ? '' : `, from ${addresses.join(' and ')}`
  // What the gateway sends has no person.
  const name = who === undefined && deeds.every(deed => deed.is === 'message') ? 'The CRM, outbound' : describePerson(who)
  return [`  ${name}${from}`, ...formatDeeds(deeds, context)]
}

function formatSummary ({ totals, people }: PatientStory, isClassified: boolean): readonly string[] {
  const { accesses, days, refused, failed, open, sent, heldBack, questions } = totals
  const seen = people.filter(({ byAccess }) => Object.keys(byAccess).length > 0).length
  return [
    accesses === 0
      ? isClassified
        ? '  Nobody got to this patient\'s data.'
        : '  Nobody is on record with this patient. The configuration names no records (access.records), so requests are on record without their patient: docs/access.md says how to name them.'
      : `  ${number(seen, 'person', 'people')} got to this patient's data, ${times(accesses)}, on ${number(days, 'day', 'days')}.`,
    ...(refused === 0 ? [] : [`  ${number(refused, 'try was', 'tries were')} refused.`]),
    ...(failed === 0 ? [] : [`  ${number(failed, 'try', 'tries')} came to nothing: the CRM said no or did not answer.`]),
    ...(open === 0 ? [] : [`  ${number(open, 'access has', 'accesses have')} no end on record and ${open === 1 ? 'counts' : 'count'} as disclosed.`]),
    ...(sent === 0 ? [] : [`  ${number(sent, 'message', 'messages')} about this patient went out.`]),
    ...(heldBack === 0 ? [] : [`  ${number(heldBack, 'message was', 'messages were')} held back.`]),
    ...(questions === 0 ? [] : [`  The trail was asked about this patient ${times(questions)} before.`]),
  ]
}

function formatPeople ({ people }: PatientStory, zone: TimeZone): readonly string[] {
  return people.map(({ who, byAccess, refused, last }) => {
    const parts = Object.entries(byAccess).map(([kind, count]) => `${verbs[kind as Deed['access']][0]} ${times(count)}`)
    const all = [...parts, ...(refused === 0 ? [] : [`refused ${times(refused)}`])]
    return `    ${describePerson(who)}: ${all.length === 0 ? 'tried, without success' : all.join(', ')}; last on ${zone.dayOf(last)}`
  })
}

function formatDay (day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  return new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(Date.UTC(year, month - 1, date))
}

/** `range` says in words what was asked for. */
export interface StoryContext {
  readonly zone: TimeZone
  /** What was asked for, in words. */
  readonly range: string
  /** Whether the trail knows of patients at all. */
  readonly isClassified: boolean
}

export function formatStory (story: PatientStory, { zone, range, isClassified }: StoryContext): readonly string[] {
  const { patient, days } = story
  const lines = [`Patient ${patient}, ${range}. Times are ${zone.name}.`, '', ...formatSummary(story, isClassified), ...formatPeople(story, zone)]
  for (const { day, people } of days) lines.push('', formatDay(day), ...people.flatMap(person => formatPerson(person, { patient, zone })))
  return lines.map(plain)
}
