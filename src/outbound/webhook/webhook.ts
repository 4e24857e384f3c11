// What a webhook is before anybody looks into it: which destination it is for, what media type it says, whose record it is about. Pure.
import { createRecordSearch, type RecordSearch } from './find-patients.ts'
import { webhookReasons } from './reasons.ts'

export { webhookReasons }

export interface WebhookDestination {
  readonly name: string
  readonly paths: readonly string[]
  /** Where the patient's id stands. */
  readonly patient: string | undefined
}

export interface WebhookTarget {
  readonly destination: string
  /** Behind the destination's own url; empty for nothing. */
  readonly path: string
}

export interface WebhookRoom {
  /** Throws a Denial. `target`: path and query as they came. */
  requireTarget (method: string, target: string): WebhookTarget
  /** Throws a Denial. The media type as it is passed on: in one spelling, without what is not needed to read the body. */
  requireType (headers: Readonly<Record<string, readonly string[] | undefined>>): string
  /** Ids of the patients that the message is about, as far as the configuration says where they stand. */
  findPatients (destination: string, type: string, body: Buffer): readonly string[]
}

const typeShape = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/
/** RFC 2046 section 5.1.1, without quotes. */
const boundaryShape = /^[A-Za-z0-9'()+_,./:=?-]{1,70}$/

function readType (text: string): string | undefined {
  const [whole = '', ...parameters] = text.split(';').map(part => part.trim())
  const type = whole.toLowerCase()
  if (!typeShape.test(type)) return undefined
  const known = new Map<string, string>()
  for (const parameter of parameters) {
    const [, name = '', quoted, plain] = /^([A-Za-z0-9_-]+)\s*=\s*(?:"([^"\\]*)"|([^\s"]*))$/.exec(parameter) ?? []
    const key = name.toLowerCase()
    if (key === '' || known.has(key)) return undefined
    known.set(key, quoted ?? plain ?? '')
  }
  const charset = known.get('charset')
  const boundary = known.get('boundary')
  if ((charset !== undefined && !/^[A-Za-z0-9_-]{1,20}$/.test(charset)) || (boundary !== undefined && !boundaryShape.test(boundary))) return undefined
  return `${type}${charset === undefined ? '' : `; charset=${charset}`}${boundary === undefined ? '' : `; boundary="${boundary}"`}`
}

export function createWebhookRoom (destinations: readonly WebhookDestination[]): WebhookRoom {
  const targets = new Map<string, WebhookTarget>()
  const searches = new Map<string, RecordSearch>()
  for (const { name, paths, patient } of destinations) {
    targets.set(`/${name}`, { destination: name, path: '' })
    for (const path of paths) targets.set(`/${name}/${path}`, { destination: name, path })
    if (patient !== undefined) searches.set(name, createRecordSearch(patient))
  }
  return {
    requireTarget (method, target) {
      // Only what is written as it was configured is found: no spelling needs to be made plain. A query goes no further.
      const path = target.split('?', 1)[0] ?? ''
      const found = targets.get(path) ?? targets.get(path.replace(/\/$/, ''))
      if (found === undefined) throw webhookReasons.deny('webhook.noDestination')
      if (method !== 'POST') throw webhookReasons.deny('webhook.method')
      return found
    },
    requireType (headers) {
      const codings = headers['content-encoding'] ?? []
      if (codings.some(coding => coding.trim().toLowerCase() !== 'identity')) throw webhookReasons.deny('webhook.encoded')
      const values = headers['content-type'] ?? []
      const type = values.length === 1 ? readType(values[0] as string) : undefined
      if (type === undefined) throw webhookReasons.deny('webhook.contentType')
      return type
    },
    findPatients: (destination, type, body) => searches.get(destination)?.(type, body) ?? [],
  }
}
