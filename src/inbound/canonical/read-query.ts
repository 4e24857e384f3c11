// Checks a query and leaves it byte for byte as it came. It refuses what is malformed and what asks the CRM for another method.
import { canonicalReasons } from './reasons.ts'

// What browsers send, and what RFC 3986 allows: every visible ASCII character but #.
const allowed = /^[\x21\x22\x24-\x7e]*$/

// PHP reads dots, spaces and brackets in a field's name as underscores, so that `.method` is `_method` there.
const overrideName = /^[_. +[]method$/i

// What an audit event holds whole; a quote or backslash takes two characters there. A query that could not be recorded is not forwarded: padding
// must not hide what was asked for.
const maxRecordedLength = 4096

/** Throws a Denial `canonical.query`, `canonical.targetTooLong` or `canonical.methodOverride`. */
export function requireQuery (query: string): void {
  if (query.length > maxRecordedLength || JSON.stringify(query).length - 2 > maxRecordedLength) throw canonicalReasons.deny('canonical.targetTooLong')
  if (!allowed.test(query)) throw canonicalReasons.deny('canonical.query')
  if (query.includes('%') && /%(?![0-9A-Fa-f]{2})|%00/.test(query)) throw canonicalReasons.deny('canonical.query')
  // Frameworks with a method override (Rails, Laravel, Symfony) take the method from here. In a body it cannot be seen: for such a CRM a rule about
  // POST is a rule about every method that changes something.
  if (/method|%/i.test(query) && query.split(/[&;]/).some(isOverride)) throw canonicalReasons.deny('canonical.methodOverride')
}

function isOverride (field: string): boolean {
  const end = field.indexOf('=')
  const name = end === -1 ? field : field.slice(0, end)
  if (name.length < 7 || name.length > 24) return false
  return overrideName.test(name.replace(/%[0-9A-Fa-f]{2}/g, escape => String.fromCharCode(Number.parseInt(escape.slice(1), 16))))
}
