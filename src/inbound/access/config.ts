// Who may do what: roles and their routes, what record a route is about, and rules in terms of records.
import { AddressRange, Duration, Optional, RoutePattern, Section, Type, type Static } from '../../shared/schema.ts'

const Name = { pattern: '^[a-z][a-z0-9-]{0,62}$' }

const texts = (description: string) => Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description }))

const RecordKind = () => Type.Union([
  Type.Literal('read'), Type.Literal('list'), Type.Literal('search'), Type.Literal('create'), Type.Literal('update'),
  Type.Literal('delete'), Type.Literal('export'), Type.Literal('download'), Type.Literal('play'),
], { description: 'What is done with the record. Needed for every type but `none` and `refused`.' })

const Day = () => Type.Union([
  Type.Literal('mon'), Type.Literal('tue'), Type.Literal('wed'), Type.Literal('thu'), Type.Literal('fri'), Type.Literal('sat'), Type.Literal('sun'),
], { description: 'A day of the week.' })

/** What a request is recognised by. */
const recognition = () => ({
  route: Type.String({ minLength: 1, description: 'Method and path: `GET /patients/{id}`. A segment in braces is a part of the path with a name; `*` is any one segment, a last `**` any rest. GET covers HEAD.' }),
  when: Optional(Type.Record(Type.String({ pattern: '^(?:query|body|request|graphql)\\.[^\\s]{1,128}$' }), Type.Array(Type.String(), { minItems: 1, description: 'The values it may have; `*` is any.' }), {
    description: 'What else must stand in the request, each with the values that count: `query.module: [Contacts]`.',
  })),
})

const RequestSection = Section(recognition(), { description: 'One kind of request.' })

const RecordSection = Section({
  ...recognition(),
  type: Type.String({ ...Name, description: 'Type of the record, in the words of the clinic: patient, note, recording. `none`: the route concerns no record, for instance styles and scripts. `refused`: a second way to the same pages that no page of the CRM uses; it is refused (400).' }),
  kind: Optional(RecordKind()),
  id: Optional(Type.String({ minLength: 1, description: 'Where the record\'s id stands: path.NAME, query.NAME, body.NAME, request.NAME (query or body), graphql.argument.NAME. Without it: `path.id` when the route has {id}.' })),
  patient: Optional(Type.String({ minLength: 1, description: 'Where the patient\'s id stands. Without it: `path.patient` when the route has {patient}; the record\'s id when the type is patient.' })),
  items: Optional(Section({
    list: Type.String({ minLength: 1, description: 'Where the list stands in the JSON of the answer: `data.rows`; `.` when the answer is the list.' }),
    id: Type.String({ minLength: 1, description: 'Where an item has its id: `id`, `attributes.id`.' }),
    patient: Optional(Type.String({ minLength: 1, description: 'Where an item has its patient\'s id. Without it: the id when the type is patient.' })),
  }, { description: 'For list and search: the ids in the answer, so that each record in it is in the trail too. The answer is held until they are on record.' })),
}, { description: 'One kind of request. The first entry that matches counts.' })

const Conditions = (description: string) => Optional(Section({
  from: Optional(Type.Array(AddressRange(), { minItems: 1, description: 'Client addresses.' })),
  hours: Optional(Type.String({ pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]$', description: 'Time of day in `access.timeZone`: `07:00-19:00`; the end does not belong to it. `22:00-06:00` goes over midnight.' })),
  days: Optional(Type.Array(Day(), { minItems: 1, description: 'Days of the week in `access.timeZone`.' })),
  maxSignInAge: Optional(Duration({ description: 'How long ago the person proved who they are, at most.' })),
  signIn: texts('Kinds of sign-in (AuthnContextClassRef), for instance with a second factor.'),
}, { description }))

const RuleSection = Section({
  mode: Optional(Type.Union([Type.Literal('enforce'), Type.Literal('report')], { description: 'report: the rule decides nothing; what it would have decided is on record (`wouldRefuse`, `wouldAllow`). Without it: enforce.' })),
  effect: Type.Union([Type.Literal('allow'), Type.Literal('deny')], { description: 'What it says when it applies.' }),
  roles: texts('Roles it is about. Without it: every role.'),
  people: texts('Ids of people it is about. Without it: everybody with the role.'),
  records: texts('Types of records it is about. Without it: every type.'),
  kinds: Optional(Type.Array(RecordKind(), { minItems: 1, description: 'What is done with them. Without it: everything.' })),
  when: Conditions('It applies only when all of this is so.'),
  unless: Conditions('It does not apply when all of this is so.'),
}, { description: 'One rule.' })

export const AccessConfig = Section({
  roles: Type.Record(Type.String(Name), Section({
    groups: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Groups at the IdP whose members have the role.' }),
    people: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Ids of people who have the role.' }),
    allow: Type.Array(RoutePattern(), { minItems: 1, description: 'Routes that the role may use. `* /**` is everything.' }),
    deny: Type.Array(RoutePattern(), { default: [], description: 'Routes that the role may not use, even when another role allows them.' }),
  }, { description: 'One role.' }), { minProperties: 1, description: 'Roles by name. A person without a role is refused.' }),
  profile: Optional(Type.String({ minLength: 1, description: 'What is known of the CRM: the name of a profile that Sallyport has (suitecrm, espocrm, dolibarr, twenty, request-tracker, demo), or the path of a file of your own, as ./our-crm.yaml. See docs/profiles.md.' })),
  records: Type.Array(RecordSection, { default: [], description: 'Which request is about which record; before those of the profile. Trail and rules speak of records. See docs/access.md.' }),
  signOut: Type.Array(RequestSection, { default: [], description: 'The CRM\'s own sign-out, beside that of the profile: when the CRM has answered it, the session here ends too.' }),
  unclassified: Type.Union([Type.Literal('allow'), Type.Literal('refuse')], { default: 'allow', description: 'What happens to a request that no entry of `records` or of the profile classifies. Either way it is on record; `sallyport coverage` lists such routes.' }),
  rules: Type.Array(RuleSection, { default: [], description: 'Who may do what with which records, after the routes of the roles. The first rule that applies decides; once there is one, what none allows is refused.' }),
  timeZone: Type.String({ default: 'UTC', minLength: 1, description: 'Zone of `hours` and `days`: Europe/Berlin, America/Chicago.' }),
  methods: Type.Array(Type.String({ pattern: '^(?!(?:TRACE|CONNECT)$)[A-Z]{3,20}$' }), {
    default: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    description: 'HTTP methods that pass; others are answered 405. Add PROPFIND, REPORT and the like for a CRM with CalDAV. TRACE and CONNECT never pass.',
  }),
}, { description: 'Who may do what. What no role allows is refused.' })
export type AccessConfig = Static<typeof AccessConfig>

/** A profile's file: what is known of one CRM. It says nothing about who may. */
export const ProfileConfig = Section({
  product: Type.String({ minLength: 1, description: 'Name of the CRM.' }),
  version: Type.String({ minLength: 1, description: 'The version that it was read in.' }),
  identity: Section({
    way: Type.Union([Type.Literal('header'), Type.Literal('remote-user'), Type.Literal('basic'), Type.Literal('none')], {
      description: 'What the CRM believes of who is in front of it: a request header, REMOTE_USER of its web server, a name and password with each request, or nothing, so that people sign in there too.',
    }),
    header: Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]*$', description: 'The header, for `way: header`.' })),
    how: Type.String({ minLength: 1, description: 'What is to be set up in the CRM.' }),
  }, { description: 'How the CRM learns who somebody is.' }),
  records: Type.Array(RecordSection, { minItems: 1, description: 'As access.records.' }),
  background: Type.Array(RequestSection, { default: [], description: 'What the CRM\'s pages ask for by themselves: it moves no idle clock.' }),
  signOut: Type.Array(RequestSection, { default: [], description: 'As access.signOut.' }),
}, { description: 'What is known of one CRM.' })
export type ProfileConfig = Static<typeof ProfileConfig>
export type RecordConfig = AccessConfig['records'][number]
export type RuleConfig = AccessConfig['rules'][number]
export type RequestConfig = AccessConfig['signOut'][number]
export type RecordKind = NonNullable<RecordConfig['kind']>
