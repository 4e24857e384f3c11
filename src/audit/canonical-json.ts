// One spelling of a value as JSON: keys in code unit order, no blanks, numbers and texts as ECMAScript writes them (RFC 8785).
// The leaf of a record is a digest of exactly these bytes. It never drops a key that has a value.

/** Canonical JSON. Undefined values and numbers that JSON has no form for are left out; throws a TypeError on what is not data. */
export function canonicalJson (value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value === 0 ? 0 : value) : 'null'
  if (typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object') throw new TypeError('not data')
  const record = value as Record<string, unknown>
  let text = ''
  for (const key of Object.keys(record).sort()) {
    const member = record[key]
    if (isAbsent(member)) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

function isAbsent (value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
}

type Write = (value: unknown) => string

/** As much of a JSON schema as is needed here. */
interface Shape { readonly properties?: Readonly<Record<string, object>> }

/** The text of an object that is frozen, with all that is in it, is kept as long as the object: it cannot become another. */
function rememberFrozen (write: Write): Write {
  const texts = new WeakMap<object, string>()
  return value => {
    if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return write(value)
    let text = texts.get(value)
    if (text !== undefined) return text
    text = write(value)
    if (Object.values(value).every(isFixed)) texts.set(value, text)
    return text
  }
}

function isFixed (value: unknown): boolean {
  return typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFixed))
}

/** How spellings are shortened. */
export interface Shorthand {
  /** What is written for `"key":`. */
  readonly lead: (spelling: string) => string
  /** How the text of a member is written, by its place as `what.method`; undefined for those that are written out. */
  readonly text: (path: string) => ((text: string) => string) | undefined
}

const writtenOut: Shorthand = { lead: spelling => spelling, text: () => undefined }

/** The same text for values of a known shape, without sorting their keys each time: a third of the cost on the hot path. A shorthand makes it another, shorter text. */
export function compileCanonicalJson ({ properties }: Shape, shorthand: Shorthand = writtenOut, path = ''): Write {
  if (properties === undefined) {
    const writeText = shorthand.text(path) ?? JSON.stringify
    return value => typeof value === 'string' ? writeText(value) : canonicalJson(value)
  }
  const members = Object.keys(properties).sort().map(key => {
    const shape = properties[key] as Shape
    const write = compileCanonicalJson(shape, shorthand, path === '' ? key : `${path}.${key}`)
    return { key, lead: shorthand.lead(`${JSON.stringify(key)}:`), write: shape.properties === undefined ? write : rememberFrozen(write) }
  })
  return value => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return canonicalJson(value)
    const record = value as Record<string, unknown>
    let unseen = Object.keys(record).length
    let text = ''
    for (const { key, lead, write } of members) {
      const member = record[key]
      if (isAbsent(member)) continue
      unseen -= 1
      text += text === '' ? lead + write(member) : ',' + lead + write(member)
    }
    return unseen === 0 ? `{${text}}` : canonicalJson(value) // a key that the shape does not know is kept
  }
}
