// Reads a request as entries about records ask: a segment of its path, a field of its query or its body, a field of its GraphQL document. What can be read in two ways is no
// answer but `twoWays`, and what the body would say is `unread` until it was read.
import { noContent, readFromContent, type Content } from './content.ts'
import { hasCookie, readFields, twoWays, type Fields, type Reading } from './fields.ts'
import { readAskedFields, type AskedFields, type FieldReader } from './graphql-request.ts'

export interface ClassifiedRequest {
  readonly method: string
  readonly path: string
  readonly foldedPath: string
  readonly query: string
  /** Undefined: not read. */
  readonly content: Content | undefined
  /** The Cookie header. */
  readonly cookies?: string | undefined
}

export type Source = { readonly place: 'path', readonly segment: number } | { readonly place: 'query' | 'body' | 'request' | 'graphql', readonly name: string }

/** Many entries of a route ask for the same field: it is read once for all that have the same slot. */
export type Slotted = Source & { readonly slot: number }

export const unread = Symbol('unread')

export type Read = (source: Slotted) => Reading | typeof unread

export interface Reader {
  /** `field`: the field of GraphQL that is asked about. */
  read(source: Slotted, field: FieldReader | undefined): Reading | typeof unread
  readAsked(): AskedFields | typeof twoWays | typeof unread
}

export function createReader (request: ClassifiedRequest): Reader {
  let fields: Fields | undefined
  let segments: readonly string[] | undefined
  const hasContent = request.method !== 'GET' && request.method !== 'HEAD'
  const content = hasContent ? request.content : noContent
  const query = () => (fields ??= readFields(request.query))
  // By slot; the body may be large, and the spelling of every name has to be looked at.
  const known: Array<Reading | typeof unread> = []
  const find = (source: Source): Reading | typeof unread => {
    if (source.place === 'path') return undefined
    if (source.place === 'query') return query().read(source.name)
    if (content === undefined) return unread
    const found = readFromContent(content, source.name)
    if (source.place === 'body') return found
    if (hasCookie(request.cookies, source.name)) return twoWays
    const inQuery = query().read(source.name)
    if (found === undefined || inQuery === found) return inQuery
    // PHP knows a form's fields in a POST only, and those of JSON never: for it the field would not be there.
    return inQuery === undefined && content.kind === 'form' && request.method === 'POST' ? found : twoWays
  }
  return {
    read (source, field) {
      // Which segment a name of the path is, is each route's own.
      if (source.place === 'path') return decodeURIComponent((segments ??= request.path.split('/'))[source.segment] ?? '')
      if (source.place === 'graphql') return field?.(source.name)
      if (!(source.slot in known)) known[source.slot] = find(source)
      return known[source.slot]
    },
    readAsked: () => content === undefined ? unread : readAskedFields({ method: request.method, query: query(), content }),
  }
}
