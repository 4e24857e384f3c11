// Turns a validator's error into one plain sentence: which setting, what is wrong with it, what to write instead.
import type { ErrorObject } from 'ajv'
import { findClosestWord } from '../shared/closest-word.ts'
import { formats } from './formats.ts'
import { nameOf, printable, type Path } from './problem.ts'
import { isPlainObject, type SchemaNode } from './schema-node.ts'

/** What the patterns of the schema stand for. */
export const patternSentences: Readonly<Record<string, string>> = {
  '^[a-z][a-z0-9-]{0,62}$': 'a name has small letters, digits and -, begins with a letter, and has at most 63 characters.',
  '^[A-Za-z][A-Za-z0-9-]*$': 'a header name has letters, digits and -, and begins with a letter.',
  '^(?!(?:TRACE|CONNECT)$)[A-Z]{3,20}$': 'write a method in capital letters, as GET; TRACE and CONNECT never pass.',
  '^rediss?://[^/?#@]+$': 'write redis://host:port, or rediss://host:port with TLS; name and password stand beside it.',
  '^(rediss?|unix)://': 'write redis://host:port/db, rediss://host:port/db with TLS, or unix:///path.',
  '^https?://[^/?#]+$': 'write the address without a path, as https://s3.example:9000.',
  '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$': 'a bucket has 3 to 63 lower-case letters, digits, dots and hyphens.',
  '^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/){0,4}$': 'write letters, digits, dots, hyphens and underscores, with a slash at the end, as sallyport/.',
  '^(?:query|body|request|graphql)\\.[^\\s]{1,128}$': 'write where it stands, as query.module, body.patient.id, request.module or graphql.field.',
  '^(?:query|body)\\.[^\\s]{1,128}$': 'write where it stands, as query.q or body.search.text.',
  '^(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]$': 'write a time of day as 07:00-19:00, in quotes; until midnight is 07:00-00:00.',
  '^https://': 'write an https address, as https://witness.example/sallyport.',
  '^#[0-9a-fA-F]{6}$': 'write a color as # and six hexadecimal digits in quotes, as \'#1b5e50\'.',
  '^(?:mailto:|tel:|https://)[^\\s"<>]{1,500}$': 'write where it leads, as mailto:help@clinic.example, tel:555-0100 or an https address.',
  '^[0-9a-f]{64}$': 'write the SHA-256 as sha256sum prints it: 64 small hexadecimal digits.',
  '^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*(?=[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$': 'write one host in small letters, as api.vendor.example; no address, no * and no port.',
  '^(?:GET|HEAD|POST|PUT|PATCH|DELETE) /(?:(?:\\*|[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62})(?:/(?:\\*|[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62})){0,9}/?)?$': 'write method and path, as POST /v1/leads; * stands for one segment.',
  '^(?:(?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-fA-F:]{2,39})$': 'write one address, as 203.0.113.7 or 2001:db8::7.',
  '^[A-Za-z][A-Za-z0-9-]{0,62}$': 'a header name has letters, digits and -, and begins with a letter.',
  '^[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62}(?:/[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62}){0,5}$': 'write a fixed path without a slash at its ends, as leads/new.',
  '^[^\\s.[\\]]{1,64}(?:\\[\\])?(?:\\.[^\\s.[\\]]{1,64}(?:\\[\\])?){0,9}$': 'write names with dots, and [] behind the name of a list, as rows[].patientId.',
  '^[A-Za-z0-9.:-]{1,253}$': 'write a name or an address without scheme and port, as mail.clinic.example.',
  '^[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$': 'write one mail address, as crm@clinic.example.',
  '^(?:[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|(?:\\*\\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)$': 'write a mail address or a domain, as crm@clinic.example, clinic.example or *.clinic.example in quotes.',
  '^(?:\\*|(?:\\*\\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)$': 'write a domain, as clinic.example; *.clinic.example for those below it, or * for any, in quotes.',
  '^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$': 'write a domain, as clinic.example.',
  '^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$': 'write the selector as it stands in the DNS, as mail2026.',
  '^[A-Za-z][A-Za-z0-9-]{0,63}$': 'a header name has letters, digits and -, and begins with a letter.',
  '^[0-9a-fA-F]{64}$': 'write the SHA-256 of the certificate as 64 hexadecimal digits without colons.',
}

export function explainPattern (pattern: string | undefined): string {
  return patternSentences[pattern ?? ''] ?? 'it has characters that do not belong there.'
}

/** Mistakes that deserve more than "write a list". */
const typeHints: Readonly<Record<string, string>> = {
  'clientIp.trustedProxies': 'write the proxies as a list of address ranges; a number of hops can be spoofed by anybody who sends the header.',
  'clientIp.allow': 'write a list of addresses and ranges, one a line, each after a dash.',
  'pages.accent': 'put it in quotes, so that # begins no remark: \'#1b5e50\'.',
  'pages.accentDark': 'put it in quotes, so that # begins no remark: \'#7fd1bd\'.',
}

const missingHints: Readonly<Record<string, string>> = {
  audit: 'audit is missing: without a place to keep the audit trail nothing may pass. Add the section with its key.',
  clientIp: 'clientIp is missing: nobody may come in until clientIp.allow says from where.',
}

function describeGiven (value: unknown): string {
  if (value === null) return 'is empty'
  if (Array.isArray(value)) return 'is a list'
  if (typeof value === 'string') return 'is text'
  if (typeof value === 'number') return 'is a number'
  return typeof value === 'boolean' ? `is ${value}` : 'is a section with settings of its own'
}

function listSettings ({ properties = {} }: SchemaNode): string {
  const names = Object.keys(properties)
  return names.length === 0 || names.length > 8 ? '' : `: ${names.join(', ')}`
}

function describeWanted (schema: SchemaNode, value: unknown): string {
  if (schema.format === 'duration') return 'write a whole number with its unit, as 15m.'
  if (schema.format === 'address-range') return 'write an address or range, as 203.0.113.0/24.'
  switch (schema.type) {
    case 'integer': return typeof value === 'string' && /^\d+$/.test(value) ? 'leave the quotes out.' : 'write a whole number.'
    case 'boolean': return 'write true or false.'
    case 'array': return 'write a list, one item a line, each after a dash.'
    case 'object': return value === null ? 'give it its settings, or take the line away.' : `write its settings below it, indented${listSettings(schema)}.`
    default: return typeof value === 'number' || typeof value === 'boolean' ? 'put it in quotes, so that it is text.' : 'write text.'
  }
}

function explainType (path: Path, schema: SchemaNode, value: unknown): string {
  const name = nameOf(path)
  // A hop count may stand alone or as the one item of a list.
  const isHopCount = typeof value === 'number' && name.startsWith('clientIp.trustedProxies[')
  const hint = typeHints[isHopCount ? 'clientIp.trustedProxies' : name]
  return `${name} ${describeGiven(value)}: ${hint ?? describeWanted(schema, value)}`
}

function explainChoice (path: Path, words: readonly unknown[], value: unknown): string {
  const asText = words.find(word => typeof word === 'string' && typeof value !== 'string' && word === String(value))
  if (asText !== undefined) return `${nameOf(path)} must stand in quotes, so that it is text: '${String(asText)}'.`
  const given = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `is ${printable(String(value))}` : describeGiven(value)
  const close = typeof value === 'string' ? findClosestWord(value, words.map(String)) : undefined
  return `${nameOf(path)} ${given}: it must be ${words.map(String).join(' or ')}.${close === undefined || words.length < 3 ? '' : ` Did you mean ${close}?`}`
}

function explainTooFew (path: Path, error: ErrorObject): string {
  const name = nameOf(path)
  if (name === 'clientIp.allow') return 'clientIp.allow is empty: nobody could come in. Write the addresses and ranges that may.'
  if (error.keyword === 'minItems') return `${name} is an empty list: ${/^access\.roles\..*\.allow$/.test(name) ? 'a role that may do nothing is a mistake; write its routes.' : 'write at least one item.'}`
  if (error.keyword === 'minProperties') return `${name} is empty: write at least one.`
  const limit = Number(error.params['limit'])
  return limit === 1 ? `${name} is empty: write it, or take the line away.` : `${name} is too short: write at least ${limit} characters.`
}

export function explainMissing (path: Path, schema: SchemaNode | undefined): string {
  const name = nameOf(path)
  const only = schema?.const ?? (schema?.enum?.length === 1 ? schema.enum[0] : undefined)
  if (only !== undefined) return `${name} is missing: write ${String(only)}.`
  if (schema?.enum !== undefined) return `${name} is missing: write ${schema.enum.map(String).join(' or ')}.`
  return missingHints[name] ?? `${name} is missing.${schema?.description === undefined ? '' : ` ${schema.description}`}`
}

/** For every keyword that the schema uses, except names that are not settings. */
export function explainError (path: Path, error: ErrorObject): string {
  const value: unknown = error.data
  const schema = (isPlainObject(error.parentSchema) ? error.parentSchema : {}) as SchemaNode
  switch (error.keyword) {
    case 'type': return explainType(path, schema, value)
    case 'enum': return explainChoice(path, schema.enum ?? [], value)
    case 'const': return explainChoice(path, [schema.const], value)
    case 'format': return `${nameOf(path)}: ${formats[schema.format ?? '']?.(String(value)) ?? 'it cannot be read.'}`
    case 'pattern': return `${nameOf(path)} cannot be used: ${explainPattern(schema.pattern)}`
    case 'minimum': return `${nameOf(path)} is ${String(value)}: the least is ${schema.minimum}.`
    case 'maximum': return `${nameOf(path)} is ${String(value)}: the most is ${schema.maximum}.`
    case 'maxLength': return `${nameOf(path)} is too long: the most is ${Number(error.params['limit'])} characters.`
    default: return explainTooFew(path, error)
  }
}
