// Turns absolute URLs that name the CRM's own address into the public one. Relative ones and those of strangers stay as they are.
// It never changes a byte after the authority.

export interface PublicUrls {
  /** A Location or Content-Location value. */
  rewrite(url: string): string
  /** A Refresh value, `5; url=…`. */
  rewriteRefresh(value: string): string
  /** A value in which URLs or origins stand among other words: a policy, a list of links. */
  rewriteOrigins(value: string): string
}

/** How browsers read a URL before its path: scheme or none, then slashes of either lean (WHATWG URL, special schemes). */
const authority = /^(?:https?:)?[/\\]{2,}[^/\\?#]*/i
/** Never fails to match, so it never goes back: seconds, a separator, `url=`, a quote, the rest. */
const refresh = /^([\d.]*\s*[;,]?\s*(?:url\s*=\s*)?)(["']?)(.*)$/is

/** A scheme or none, and an authority, as a word or the beginning of one: behind white space, `<` or a quote, never within another URL. */
const originInText = /(^|[\s<"'])((?:https?:|(wss?:))?\/\/[^\s<>"'/\\?#;,]+)/gi

/** Default ports are implied by either scheme: `http://crm:443` is not `https://crm`, but an application behind TLS writes both. */
function hostsOf (url: URL): readonly string[] {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return [`${url.hostname}:${port}`, ...(url.port === '' ? [`${url.hostname}:80`, `${url.hostname}:443`] : [])]
}

export function createPublicUrls (options: { readonly upstreamUrl: URL, readonly publicUrl: URL }): PublicUrls {
  const { publicUrl } = options
  // The CRM may think that it speaks plain http under the public name too: both schemes are the same place.
  const inside = new Set([...hostsOf(options.upstreamUrl), ...hostsOf(publicUrl)])
  const rewrite = (value: string) => {
    // Browsers skip white space around and tabs within a URL.
    const text = value.trim().replace(/[\t\r\n]/g, '')
    if (!authority.test(text)) return value
    const url = URL.parse(text, publicUrl)
    if (url === null || !hostsOf(url).some(host => inside.has(host))) return value
    return text.replace(authority, publicUrl.origin)
  }
  const socketOrigin = publicUrl.origin.replace(/^http/, 'ws')
  return {
    rewrite,
    rewriteOrigins: value => value.replace(originInText, (text: string, before: string, origin: string, socketScheme: string | undefined) => {
      const url = URL.parse(origin, publicUrl)
      if (url === null || !hostsOf(url).some(host => inside.has(host))) return text
      return before + (socketScheme === undefined ? publicUrl.origin : socketOrigin)
    }),
    rewriteRefresh (value) {
      const [, start = '', quote = '', rest = ''] = refresh.exec(value.trim()) ?? []
      const end = quote === '' ? -1 : rest.indexOf(quote)
      const url = end === -1 ? rest : rest.slice(0, end)
      return `${start}${quote}${rewrite(url)}${rest.slice(url.length)}`
    },
  }
}
