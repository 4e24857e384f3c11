// The idle logout in the browser: which answers get the script, and what it is told. The clock itself is the session room's.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import type { Session } from '../session/session.ts'
import { ownPaths, ownPrefix } from '../own-paths.ts'
import { createNonce } from './insert-script.ts'
import { adaptPolicies } from './script-policy.ts'

export interface IdleRoom {
  /** The script as it is served, under a path that changes with it. */
  readonly script: { readonly path: string, readonly text: string }
  /** Milliseconds until the session ends when nobody does anything from now on. */
  leftOf (session: Session, now: number): number
  /** What goes into a document that answers a navigation, and the answer's fields that have to change with it; `undefined` takes one away. Undefined: it gets none. */
  prepare (answer: Answer, left: number): Insertion | undefined
}

export interface Answer { readonly statusCode: number, readonly headers: IncomingHttpHeaders | Record<string, string | string[] | undefined> }

export interface Insertion {
  readonly element: string
  readonly coding: string
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface IdleDeps { readonly idleMs: number, readonly publicOrigin: string }

const one = (value: string | string[] | undefined) => typeof value === 'string' ? value : value?.[0] ?? ''
const all = (value: string | string[] | undefined) => value === undefined ? [] : typeof value === 'string' ? [value] : value

/** A field that says something about the bytes, which become others. */
const aboutBytes = { 'content-length': undefined, etag: undefined, 'content-md5': undefined, digest: undefined, 'content-digest': undefined, 'repr-digest': undefined, 'accept-ranges': undefined } as const

export function createIdleRoom ({ idleMs, publicOrigin }: IdleDeps): IdleRoom {
  const text = readFileSync(new URL('./idle-script.js', import.meta.url), 'utf8')
  const path = `${ownPrefix}/idle-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.js`
  const leftOf = ({ lastActiveAt, endsAt }: Session, now: number) => Math.max(0, Math.min(lastActiveAt + idleMs, endsAt) - now)
  return {
    script: { path, text },
    leftOf,
    prepare ({ statusCode, headers }, left) {
      const isDocument = /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(one(headers['content-type'])) && !/^\s*attachment/i.test(one(headers['content-disposition']))
      if (!isDocument || statusCode < 200 || [204, 205, 206, 304].includes(statusCode)) return undefined
      const { policies, nonce } = adaptPolicies(all(headers['content-security-policy']), { origin: publicOrigin, script: path, asks: ownPaths.session, nonce: createNonce() })
      const data = `data-left="${Math.floor(left)}" data-idle="${idleMs}" data-url="${ownPaths.session}" data-out="${ownPaths.signedOut}?cause=idle"`
      return {
        element: `<script src="${path}"${nonce === undefined ? '' : ` nonce="${nonce}"`} async="" ${data}></script>`,
        coding: all(headers['content-encoding']).join(','),
        fields: { ...aboutBytes, ...(policies.length === 0 ? {} : { 'content-security-policy': policies }) },
      }
    },
  }
}
