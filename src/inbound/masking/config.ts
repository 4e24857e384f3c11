// Which fields of which records a role does not see: by the record that a request is about, never by its URL.
import { kindWords } from '../../phi/start.ts'
import { Optional, RoutePattern, Section, Size, Type, type Static } from '../../shared/schema.ts'

function Words<const W extends readonly string[]> (words: W, options: { description: string, default?: W[number] }) {
  return Type.Unsafe<W[number]>({ ...options, anyOf: words.map(word => ({ const: word, type: 'string' })) })
}

const maskActions = ['hide', 'mask', 'last4', 'generalise', 'token', 'show'] as const
const kinds = ['read', 'list', 'search', 'create', 'update', 'delete', 'export', 'download', 'play'] as const

const texts = (description: string) => Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const RuleSection = Section({
  mode: Optional(Words(['enforce', 'report'], { description: 'report: nothing is masked or refused by the rule; what it would have masked is on record (`wouldMask`, `wouldRefuse`). Without it: enforce.' })),
  roles: Optional(texts('Roles that it is about. Without it: every role.')),
  records: texts('Types of records, as access.records has them.'),
  kinds: Optional(Type.Array(Words(kinds, { description: 'What is done with the record.' }), { minItems: 1, description: 'What is done with them. Without it: everything.' })),
  fields: texts('Where the fields stand: names with dots, `[]` for the items of a list, `*` for any one name, `**` for any rest: `**.ssn`. A name with a dot or blank stands in double quotes.'),
  selectors: Optional(texts('Where the fields stand in pages of the CRM, as CSS selectors: `td.ssn`, `input[name=ssn]`. Without them a page about such a record is refused.')),
  action: Words(maskActions, { description: 'What is left of the value. hide: nothing. mask: a word in brackets. last4: the last four characters. generalise: see `to`. token: a code that is the same for the same value. show: everything, as an exception from a wider rule below.' }),
  names: Optional(texts('Further names that the CRM has for these fields in searches, sort orders and changes: `cf_851`.')),
  as: Optional(Words(kindWords, { description: 'What it is: it stands in the mask, as [ssn].' })),
  to: Optional(Words(['year', 'zip3', 'age90'], { description: 'With generalise: what is left.' })),
}, { description: 'One rule. Of one role, the first that fits a field decides.' })

const place = (description: string) => Type.Array(Type.String({ pattern: '^(?:query|body)\\.[^\\s]{1,128}$' }), { default: [], description })

const SearchSection = Section({
  records: texts('Types of records that are searched.'),
  text: place('Where a request has words that the CRM looks for in several fields at once: `query.q`, `body.search`.'),
  over: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'The fields that the CRM looks through for them, by their last name: `name`, `ssn`. When one of them is masked for the person, such a search is refused.' }),
  columns: place('Where a request only says which fields it wants to have: `query.select`. Names of masked fields do no harm there.'),
}, { description: 'How one kind of record is searched.' })

export const MaskingConfig = Section({
  rules: Type.Array(RuleSection, { default: [], description: 'Fields that roles do not see. Somebody with several roles sees a field when one of the roles that allow the request may see it. See docs/masking.md.' }),
  searches: Type.Array(SearchSection, { default: [], description: 'How records with masked fields are searched. A search or a sort order by a field that the person does not see is refused, because its hits say what is in the field.' }),
  writes: Words(['refuse', 'remove'], { default: 'refuse', description: 'A change that names a field which the person does not see; what they were shown instead would overwrite the real value. refuse: the change is refused. remove: the field is taken out of the request, the rest goes on.' }),
  opaque: Type.Array(RoutePattern(), { default: [], description: 'Routes whose answers pass as they are, although their records have masked fields: pictures, files, live connections. Each is a hole in the rules; write it down where you keep such decisions.' }),
  errors: Words(['replace', 'mask'], { default: 'replace', description: 'Error answers of the CRM where fields are masked. replace: a page of the gateway with the same status, because a text like "there is already somebody with this number" says what is hidden. mask: as other answers.' }),
  maxAnswerSize: Size({ default: '16MiB', description: 'Longest answer that is masked, also when it is unpacked. A longer one is refused. It is held in memory until it is masked whole.' }),
}, { default: {}, description: 'Which fields of which records a role does not see.' })
export type MaskingConfig = Static<typeof MaskingConfig>
export type MaskRuleConfig = MaskingConfig['rules'][number]
export type MaskAction = typeof maskActions[number]
