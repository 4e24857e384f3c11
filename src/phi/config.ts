// A redaction policy as an administrator writes it: what may leave to one destination, leaf by leaf. What it does not name does not leave.
import { Optional, Section, Type, type Static } from '../shared/schema.ts'
import { kindWords } from './identifier-kinds.ts'

export { kindWords }

function Words<const W extends readonly string[]> (words: W, options: { description: string, default?: W[number] }) {
  return Type.Unsafe<W[number]>({ ...options, anyOf: words.map(word => ({ const: word, type: 'string' })) })
}

export const actionWords = ['keep', 'drop', 'mask', 'last4', 'generalise', 'token', 'prose', 'hold', 'release'] as const
export const unknownWords = ['mask', 'drop', 'prose', 'hold'] as const
export const profileWords = ['safe-harbor', 'minimum-necessary'] as const
export const formatWords = ['integer', 'decimal', 'boolean', 'uuid', 'year', 'currency', 'language', 'country', 'state', 'version'] as const

const FieldRule = Section({
  path: Type.String({ minLength: 1, description: 'The leaf: names with dots, [] for the items of a list, * for any one name, ** for any rest. A name with a dot stands in double quotes.', examples: ['contact.emails[].value'] }),
  action: Words(actionWords, { description: 'What happens to the value.' }),
  kind: Optional(Words(kindWords, { description: 'Which identifier it is; it stands in the mask and in the manifest. Needed for token, last4 and release.' })),
  oneOf: Optional(Type.Array(Type.String(), { minItems: 1, description: 'With keep: the only values that pass. Numbers and true/false stand in quotes.' })),
  format: Optional(Words(formatWords, { description: 'With keep: the form that a value must have to pass.' })),
  minimum: Optional(Type.Number({ description: 'With keep: the least number that passes.' })),
  maximum: Optional(Type.Number({ description: 'With keep: the greatest number that passes.' })),
  longest: Optional(Type.Integer({ minimum: 1, maximum: 4096, description: 'With keep and a format: the most characters that pass.' })),
  to: Optional(Words(['year', 'zip3', 'age90'], { description: 'With generalise: what is left of the value.' })),
}, { description: 'One rule. The first that fits a leaf decides.' })

const TypeCases = Section({
  path: Type.String({ minLength: 1, description: 'Where the type of a message stands, as an event or a resource. Its value is kept when a case names it.', examples: ['resourceType', 'event.type'] }),
  each: Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Where a JSON message has parts with a type of their own, as the resources of a FHIR bundle. Each is judged by the rules of its type, whose paths begin at the part.', examples: [['entry[].resource', 'contained[]']] })),
  otherwise: Words(['rules', 'hold'], { default: 'rules', description: 'A message of a type that no case names, of several types, or of none: judged by the rules below alone, or held.' }),
  cases: Type.Array(Section({
    is: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'The types that it is for.' }),
    rules: Type.Array(FieldRule, { default: [], description: 'Rules for these types. They stand before the rules for all.' }),
  }, { description: 'Messages of some types.' }), { minItems: 1, description: 'Rules by the type of the message.' }),
}, { description: 'Other rules for other types of messages.' })

export const PolicyFile = Section({
  name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$', description: 'The name of the policy, as it stands in manifests.' }),
  version: Type.Integer({ minimum: 1, description: 'Raise it with each change, so that a manifest says by which one a message was judged.' }),
  profile: Words(profileWords, { default: 'safe-harbor', description: 'safe-harbor removes (45 CFR 164.514(b)(2)); minimum-necessary also allows keyed tokens and the last four characters, which Safe Harbor does not.' }),
  unknown: Words(unknownWords, { default: 'mask', description: 'What happens to a leaf that no rule names.' }),
  deepest: Type.Integer({ default: 64, minimum: 1, maximum: 256, description: 'Levels of nesting; a deeper message is held.' }),
  byType: Optional(TypeCases),
  rules: Type.Array(FieldRule, { default: [], description: 'The leaves that are known, in order.' }),
}, { description: 'A redaction policy.' })
export type PolicyFile = Static<typeof PolicyFile>
export type FieldRule = PolicyFile['rules'][number]
export type ActionWord = typeof actionWords[number]
export type UnknownWord = typeof unknownWords[number]
export type FormatWord = typeof formatWords[number]
export type ProfileWord = typeof profileWords[number]
