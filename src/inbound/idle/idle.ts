// The idle logout in the browser: which answers get the script, what it is told, and in which language it speaks. The clock itself is the session room's.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import type { Transform } from 'node:stream'
import { ownPaths, ownPrefix } from '../own-paths.ts'
import { codingSteps, createNonce, Inserter, readCoding, ScriptInserter } from './insert-script.ts'
import { adaptPolicies, sandboxOf } from './script-policy.ts'
import { GzipSplicer } from './splice-gzip.ts'

/** When somebody did something last, and when it is over in any case; milliseconds since the epoch. */
export interface Times { readonly lastActiveAt: number, readonly endsAt: number }

export interface IdleRoom {
  /**
   * The script as it is served, in every language under a path that changes with it. A page can ask for one that is of another process or of before a reload: it gets
   * the one of `language`, which is not to be kept.
   */
  scriptAt (path: string, language: string): { readonly text: string, readonly isCurrent: boolean } | undefined
  /** Milliseconds until the session ends when nobody does anything from now on. */
  leftOf (session: Times, now: number): number
  /** Tells people apart without naming them: a page of one must not stay on the screen when another one is signed in. The same on every replica. */
  markOf (person: { readonly id: string, readonly idp: string }): string
  /** How an answer to a navigation gets the script; undefined: it is no whole document, or in a coding that nobody here knows. `left` as `leftOf` says it, `who` as `markOf`. */
  insert (answer: Answer, way: Way): Insertion | undefined
}

export interface Way {
  readonly left: number
  readonly language: string
  /** Whoever asked reads HTML as its standard says, mistakes too. */
  readonly isBrowser: boolean
  readonly who: string
  /** Called when a document gets no script that can do its work. `isNew`: the first one of its kind. */
  readonly hindered?: (by: Hindrance, isNew: boolean) => void
}

/**
 * `sandbox`: the page's policy lets no script run. `sandboxOrigin`: it runs without an address of its own and can ask nothing. `integrity`: scripts without a digest are forbidden
 * (Integrity-Policy). `coding`: the content is packed in a way that nobody here knows.
 */
export type Hindrance = 'sandbox' | 'sandboxOrigin' | 'integrity' | 'coding'

export interface Answer { readonly statusCode: number, readonly headers: IncomingHttpHeaders | Record<string, string | string[] | undefined> }

export interface Insertion {
  /** `undefined` takes a field away. */
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>
  /** What the content goes through. */
  readonly pieces?: Inserter | GzipSplicer
  /** The same as streams, made when they are needed: where there are no `pieces`, or when these give up. */
  readonly steps?: () => readonly Transform[]
}

/** What the warning says; `{duration}` stands in `text`. */
export interface Words {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly title: string
  readonly text: string
  /** Instead of `text` where the absolute end is near, which nothing makes later. */
  readonly last: string
  readonly stay: string
  readonly cover: string
}

interface Colors { readonly accent: string, readonly ink: string }

export interface IdleDeps {
  readonly idleMs: number
  readonly publicOrigin: string
  /** By language, at least one; the first is the usual one. */
  readonly words: ReadonlyMap<string, Words>
  readonly colors: { readonly light: Colors, readonly dark: Colors }
}

const one = (value: string | string[] | undefined) => typeof value === 'string' ? value : value?.[0] ?? ''
const all = (value: string | string[] | undefined) => value === undefined ? [] : typeof value === 'string' ? [value] : value

const fieldOf = (name: string, values: readonly string[] = []) => values.length === 0 ? {} : { [name]: values }

function isDocument (type: string, headers: Answer['headers']): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(type) && !/^\s*attachment/i.test(one(headers['content-disposition']))
}

/** Whether a browser shows the content: not that of redirects, which can come packed and empty, nor a part of something. */
const isShown = (status: number) => (status >= 200 && status < 300 && ![204, 205, 206].includes(status)) || status >= 400

/** A field that says something about the bytes, which become others. */
const aboutBytes = { 'content-length': undefined, etag: undefined, 'content-md5': undefined, digest: undefined, 'content-digest': undefined, 'repr-digest': undefined, 'accept-ranges': undefined } as const

export function createIdleRoom ({ idleMs, publicOrigin, words, colors }: IdleDeps): IdleRoom {
  const source = readFileSync(new URL('./idle-script.min.js', import.meta.url), 'utf8')
  const scripts = new Map([...words].map(([language, said]) => [language, writeScript(source, { ...said, colors })]))
  const usual = [...scripts.values()][0]
  if (usual === undefined) throw new TypeError('the idle script needs words in one language')
  const told = new Set<Hindrance>()
  const leftOf = ({ lastActiveAt, endsAt }: Times, now: number) => Math.max(0, Math.min(lastActiveAt + idleMs, endsAt) - now)
  const needs = (path: string) => ({ origin: publicOrigin, script: path, asks: ownPaths.session, nonce: createNonce() })
  return {
    scriptAt (path, language) {
      const current = [...scripts.values()].find(script => script.path === path)
      if (current !== undefined) return { text: current.text, isCurrent: true }
      return scriptPath.test(path) ? { text: (scripts.get(language) ?? usual).text, isCurrent: false } : undefined
    },
    leftOf,
    markOf: ({ id, idp }) => hash('sha256', JSON.stringify([idp, id]), 'base64url').slice(0, 16),
    insert ({ statusCode, headers }, { left, language, isBrowser, who, hindered }) {
      const type = one(headers['content-type'])
      const [enforced, onlyWatched] = [all(headers['content-security-policy']), all(headers['content-security-policy-report-only'])]
      if (!isDocument(type, headers) || !isShown(statusCode)) return undefined
      const hinder = (by: Hindrance) => {
        hindered?.(by, !told.has(by))
        told.add(by)
      }
      const sandbox = sandboxOf(enforced)
      // In a sandbox without scripts nothing runs, and it stays so.
      if (sandbox === 'noScripts') { hinder('sandbox'); return undefined }
      const coding = readCoding(all(headers['content-encoding']).join(','))
      if (coding === undefined) { hinder('coding'); return undefined }
      if (sandbox === 'noOrigin') hinder('sandboxOrigin')
      else if (/blocked-destinations=\([^)]*\bscript\b/.test(one(headers['integrity-policy']))) hinder('integrity')
      const hasPolicy = enforced.length + onlyWatched.length > 0
      const { path } = scripts.get(language) ?? usual
      const { policies: [adapted, watching], nonce } = hasPolicy ? adaptPolicies([enforced, onlyWatched], needs(path)) : { policies: [], nonce: undefined }
      const data = `data-left="${Math.floor(left)}" data-idle="${idleMs}" data-url="${ownPaths.session}" data-out="${ownPaths.signedOut}?cause=" data-who="${who}"`
      const element = (blanks = 0) => `<script src="${path}"${nonce === undefined ? '' : ` nonce="${nonce}"`} async="" ${data}${blanks === 0 ? '' : ` data-blanks="${blanks}"`}></script>`
      const document = { charset: /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1]?.toLowerCase() ?? '', isXml: /^application/i.test(type) }
      const fields = { ...aboutBytes, ...fieldOf('content-security-policy', adapted), ...fieldOf('content-security-policy-report-only', watching) }
      const inserter = () => new Inserter(element(), document)
      if (coding === 'identity') return { fields, pieces: inserter() }
      const steps = () => {
        const { open, close } = codingSteps(coding)
        return [...open, new ScriptInserter(inserter()), ...close]
      }
      return isBrowser && coding === 'gzip' ? { fields, pieces: new GzipSplicer(element, document), steps } : { fields, steps }
    },
  }
}

const scriptPath = new RegExp(`^${ownPrefix}/idle-[0-9a-f]{16}\\.js$`)

/** The script, called with what it says. */
function writeScript (source: string, told: object): { readonly path: string, readonly text: string } {
  const text = source.replace(/\(globalThis\);?\s*$/, () => `(${JSON.stringify(told)})\n`)
  return { text, path: `${ownPrefix}/idle-${hash('sha256', text, 'hex').slice(0, 16)}.js` }
}
