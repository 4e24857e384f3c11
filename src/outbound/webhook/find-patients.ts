// Whose record a message is about: the values at one place of its JSON or its form. What stands elsewhere, or cannot be read, tells nobody. Pure.

/** The different values at the place, at most `mostPatients`. */
export type RecordSearch = (type: string, body: Buffer) => readonly string[]

/** More people than this in one message are counted and not named. */
export const mostPatients = 500
const longestId = 200

function collect (value: unknown, steps: readonly string[], found: Set<string>): void {
  if (found.size >= mostPatients) return
  const [step, ...rest] = steps
  if (step === undefined) {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    if (text !== '' && text.length <= longestId) found.add(text)
    return
  }
  if (step === '[]') {
    if (Array.isArray(value)) for (const item of value) collect(item, rest, found)
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) collect((value as Record<string, unknown>)[step], rest, found)
}

/** `rows[].patientId` */
export function createRecordSearch (place: string): RecordSearch {
  const steps = place.split('.').flatMap(part => part.endsWith('[]') ? [part.slice(0, -2), '[]'] : [part])
  const field = steps.filter(step => step !== '[]').map((step, index) => index === 0 ? step : `[${step}]`).join('')
  return (type, body) => {
    const found = new Set<string>()
    if (/^(?:application|text)\/(?:[a-z0-9.-]+\+)?json(?:;|$)/.test(type)) {
      try { collect(JSON.parse(body.toString('utf8')), steps, found) } catch { /* the redaction holds it */ }
    } else if (/^application\/x-www-form-urlencoded(?:;|$)/.test(type)) {
      const form = new URLSearchParams(body.toString('utf8'))
      for (const name of [field, `${field}[]`]) for (const value of form.getAll(name)) collect(value, [], found)
    }
    return [...found]
  }
}
