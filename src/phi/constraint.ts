// Which values a `keep` rule lets pass. A rule without a constraint does not exist: a field that is called "status" can hold anything.
import type { FieldRule, FormatWord } from './config.ts'

export type Constraint = (value: string) => boolean

const integer = /^-?\d{1,15}$/
const decimal = /^-?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$/

const states = new Set(('AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY ' +
  'PR GU VI AS MP').split(' '))

/** Whether there is such a code; two or three letters that are none can be somebody's initials. */
function isCode (type: 'currency' | 'language' | 'region', form: RegExp): Constraint {
  // Made at the first use: it takes the time of a hundred modules, and most gateways have no such rule.
  let names: Intl.DisplayNames | undefined
  return value => form.test(value) && (names ??= new Intl.DisplayNames(['en'], { type, fallback: 'none' })).of(value) !== undefined
}

/** Forms that leave no room for a person. Numbers need bounds beside them: nine digits in a row could be a social security number. */
const forms: Readonly<Record<FormatWord, Constraint>> = {
  integer: value => integer.test(value),
  decimal: value => decimal.test(value),
  boolean: value => value === 'true' || value === 'false',
  uuid: value => /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/.test(value),
  year: value => /^(?:19|20|21)\d\d$/.test(value),
  currency: isCode('currency', /^[A-Z]{3}$/),
  language: isCode('language', /^[a-z]{2}(?:-[A-Z]{2})?$/),
  country: isCode('region', /^[A-Z]{2}$/),
  state: value => states.has(value),
  // The v is needed: 12.31.80 is a date and 203.0.113.7 an address.
  version: value => /^v\d{1,3}(?:\.\d{1,3}){0,2}$/.test(value),
}

export function isNumber (value: string): boolean {
  return decimal.test(value)
}

export function createConstraint ({ oneOf, format, minimum, maximum, longest }: FieldRule): Constraint {
  const words = oneOf === undefined ? undefined : new Set(oneOf)
  const form = format === undefined ? undefined : forms[format]
  const isBounded = minimum !== undefined || maximum !== undefined
  return value => {
    if (words !== undefined && !words.has(value)) return false
    if (form !== undefined && !form(value)) return false
    if (longest !== undefined && value.length > longest) return false
    if (!isBounded) return words !== undefined || form !== undefined
    if (!isNumber(value)) return false
    const number = Number(value)
    return number >= (minimum ?? -Infinity) && number <= (maximum ?? Infinity)
  }
}
