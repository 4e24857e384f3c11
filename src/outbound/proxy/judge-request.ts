// What a request within an opened connection is before anybody looks into it: for this host, one that may be asked for, with the headers that go on. Pure.
import { proxyReasons } from './reasons.ts'
import type { OpenHostConfig } from './config.ts'

export interface RawRequest {
  readonly method: string
  /** As it came. */
  readonly target: string
  /** Names and values in turn, as they came; of HTTP/2 with the pseudo headers. */
  readonly rawHeaders: readonly string[]
}

export interface CallTarget {
  readonly method: string
  readonly path: string
  /** Segments that a `*` stands for, with their places from 1. */
  readonly segments: ReadonlyMap<number, string>
  /** Without the question mark; empty for none. */
  readonly query: string
  /** In small letters. */
  readonly headers: Readonly<Record<string, string>>
}

export interface RequestCheck {
  /** Throws a Denial. `port`: that of CONNECT. */
  require (request: RawRequest, port: number): CallTarget
}

const longestHeader = 8192
const passed = ['accept', 'authorization', 'content-type']
const pathShape = /^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*\/?)?$/
const queryShape = /^[A-Za-z0-9._~!$'()*+,;:@/?&=%[\]-]*$/
const printable = /^[\t\x20-\x7e]*$/

function valuesOf (rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}

function requireHost (rawHeaders: readonly string[], host: string, port: number): void {
  const named = [...valuesOf(rawHeaders, 'host'), ...valuesOf(rawHeaders, ':authority')].map(value => value.toLowerCase())
  const own = [`${host}:${port}`, ...(port === 443 ? [host] : [])]
  // HTTP/2 may say it in both places (RFC 9113 section 8.3.1); HTTP/1.1 once.
  if (named.length === 0 || valuesOf(rawHeaders, 'host').length > 1 || !named.every(name => own.includes(name))) throw proxyReasons.deny('proxy.otherName')
}

function readHeaders (rawHeaders: readonly string[], names: ReadonlySet<string>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const name of names) {
    const [value, ...more] = valuesOf(rawHeaders, name)
    if (value === undefined) continue
    if (more.length > 0 || value.length > longestHeader || !printable.test(value)) throw proxyReasons.deny('proxy.header')
    headers[name] = value
  }
  return headers
}

interface Allowed { readonly method: string, readonly segments: readonly string[] }

function findSegments ({ method, segments }: Allowed, asked: Allowed): ReadonlyMap<number, string> | undefined {
  if (method !== asked.method || segments.length !== asked.segments.length) return undefined
  const found = new Map<number, string>()
  for (const [at, segment] of segments.entries()) {
    const given = asked.segments[at] as string
    if (segment !== '*' && segment !== given) return undefined
    if (segment === '*') {
      if (given === '' || given === '.' || given === '..') return undefined
      found.set(at + 1, given)
    }
  }
  return found
}

export function createRequestCheck ({ host, requests, headers }: OpenHostConfig): RequestCheck {
  const allowed = requests.map(text => {
    const [method = '', path = ''] = text.split(' ')
    return { method, segments: path.slice(1).split('/') }
  })
  const names = new Set([...passed, ...headers.map(name => name.toLowerCase())])
  return {
    require ({ method, target, rawHeaders }, port) {
      requireHost(rawHeaders, host, port)
      const [path = '', ...rest] = target.split('?')
      const query = rest.join('?')
      // Only what is written in one way is found: no spelling needs to be made plain.
      if (!pathShape.test(path) || !queryShape.test(query)) throw proxyReasons.deny('proxy.request')
      const asked = { method, segments: path.slice(1).split('/') }
      for (const one of allowed) {
        const segments = findSegments(one, asked)
        if (segments !== undefined) return { method, path, segments, query, headers: readHeaders(rawHeaders, names) }
      }
      throw proxyReasons.deny('proxy.request')
    },
  }
}
