// The headers that the CRM sees. A client's own word about who or where it is never passes, in no spelling; ours are set last, so that no
// client can name them away. What is not about identity, this hop or our cookies passes as it came.
import type { IncomingHttpHeaders } from 'node:http'
import type { UpstreamConfig } from './config.ts'
import type { ForwardContext } from './forward.ts'
import { isHopByHop, listValues, namedByConnection, normaliseName, rememberByName } from './header-names.ts'
import type { HeaderPair } from './identity.ts'
import type { ReservedCookies } from './reserved-cookies.ts'

/** Names by which servers and frameworks take a person, an address, a host, a path or a method from a proxy before them. */
const foreignNames: ReadonlySet<string> = new Set([
  'forwarded', 'x-forwarded', 'forwarded-for', 'x-forward-for', 'x-real-ip', 'x-client-ip', 'client-ip', 'true-client-ip', 'x-cluster-client-ip',
  'x-originating-ip', 'x-remote-ip', 'x-remote-addr', 'cf-connecting-ip', 'fastly-client-ip', 'x-appengine-user-ip', 'x-host', 'x-proxyuser-ip',
  'remote-user', 'x-remote-user', 'remote-groups', 'remote-name', 'remote-email', 'x-remote-group', 'x-remote-groups', 'auth-user', 'x-email',
  'x-iis-windowsauthtoken', 'iv-user', 'iv-groups', 'iv-creds', 'sm-user', 'sm-userdn', 'sm-universalid', 'oam-remote-user', 'teleport-jwt-assertion',
  'x-azure-clientip', 'x-azure-socketip', 'x-envoy-external-address', 'ssl-client-verify', 'ssl-client-cert', 'ssl-client-s-dn', 'x-ssl-client-s-dn',
  'proxy', 'x-original-url', 'x-rewrite-url', 'x-original-host', 'x-http-method', 'x-http-method-override', 'x-method-override', 'x-request-id', 'expect', 'host',
  // Cookies under another name would carry ours past the one that is looked through (RFC 2965 is obsolete).
  'cookie2',
])
/** The same, for whole families: each is what some well-known proxy or platform says about the person that it signed in. */
const foreignPrefixes = [
  'x-forwarded-', 'x-auth-', 'x-authenticated-', 'x-webauth-', 'x-original-', 'x-ssl-client-', 'x-sallyport-', 'x-user', 'x-ms-client-principal',
  'x-goog-authenticated-user', 'x-goog-iap', 'x-amzn-oidc-', 'cf-access-', 'x-pomerium-', 'x-authentik-', 'x-vouch-', 'tailscale-user-', 'oidc-', 'shib-',
] as const

/** Fields that frame or describe a message; `content_length` beside them would be a second reading. */
const framing: ReadonlySet<string> = new Set(['content-length', 'content-type', 'content-encoding', 'authorization', 'cookie', 'origin', 'referer'])

/** What is said of the content, and is not true of another. */
const ofContent: ReadonlySet<string> = new Set(['content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest'])

/** W3C Trace Context: of the trace that a client began, and that ours does not continue for the CRM. */
const ofTrace: ReadonlySet<string> = new Set(['traceparent', 'tracestate'])

function isLeftOut (name: string, { omit, traceParent, contentLength }: ForwardContext): boolean {
  return omit?.has(name) === true || (traceParent !== undefined && ofTrace.has(name)) || (contentLength !== undefined && ofContent.has(name))
}

export interface RequestHeaders {
  /** Name, value, name, value: what is sent to the CRM. `own` are added as they are. */
  build(headers: IncomingHttpHeaders, context: ForwardContext, own: readonly HeaderPair[]): string[]
}

interface RequestHeaderRules {
  readonly identity: UpstreamConfig['identity']
  readonly cookies: ReservedCookies
  readonly publicUrl: URL
  /** The Host header. */
  readonly host: string
}

/** A normalised name without signs at its ends and doubled ones: some servers trim what others keep. */
function trimName (normal: string): string {
  return normal.split('-').filter(part => part !== '').join('-')
}

/** Default ports are not in a URL (`443` for https). */
function portOf (url: URL): string {
  if (url.port !== '') return url.port
  return url.protocol === 'https:' ? '443' : '80'
}

export function createRequestHeaders (rules: RequestHeaderRules): RequestHeaders {
  const { identity, cookies, publicUrl } = rules
  const ours = [identity.user, identity.email, identity.groups, ...(identity.token === undefined ? [] : [identity.token.header])]
  const removed = new Set([...foreignNames, ...ours.map(name => trimName(normaliseName(name)))])
  const isForeign = (trimmed: string) => removed.has(trimmed) || foreignPrefixes.some(prefix => trimmed.startsWith(prefix))
  const judge = rememberByName((name: string) => {
    const normal = normaliseName(name)
    const trimmed = trimName(normal)
    return { normal, trimmed, isDropped: name.startsWith(':') || isHopByHop(trimmed) || isForeign(trimmed), isOddSpelling: trimmed !== name }
  })
  const proto = publicUrl.protocol.slice(0, -1)
  const port = portOf(publicUrl)
  return {
    build (headers, context, own) {
      const ended = namedByConnection(headers.connection)
      const fields = [
        'Host', rules.host,
        'X-Forwarded-For', context.clientAddress,
        'X-Forwarded-Proto', proto,
        'X-Forwarded-Host', publicUrl.host,
        'X-Forwarded-Port', port,
        'X-Request-Id', context.id,
      ]
      for (const name of Object.keys(headers)) {
        const { normal, trimmed, isDropped, isOddSpelling } = judge(name)
        if (isDropped || ended.has(normal) || isLeftOut(trimmed, context)) continue
        if (isOddSpelling && (framing.has(trimmed) || headers[trimmed] !== undefined)) continue
        for (const value of trimmed === 'accept-encoding' && context.acceptEncoding !== undefined ? [context.acceptEncoding] : listValues(headers[name])) {
          const kept = name === 'cookie' ? cookies.strip(value) : value
          if (kept !== undefined) fields.push(name, kept)
        }
      }
      if (context.contentLength !== undefined) fields.push('Content-Length', String(context.contentLength))
      if (context.traceParent !== undefined) fields.push('Traceparent', context.traceParent)
      for (const [name, value] of own) fields.push(name, value)
      return fields
    },
  }
}
