// A person's browser as far as a gateway can tell: a cookie jar, redirects, Fetch Metadata, and the address it comes from.
import { request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'

export interface Answer { readonly status: number, readonly headers: IncomingHttpHeaders, readonly body: string, readonly url: string }

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface Browser {
  /** One request without following redirects. */
  ask(url: string, ask?: Ask): Promise<Answer>
  /** A top-level navigation: follows redirects, sends what a browser sends. */
  open(url: string): Promise<Answer>
  /** A script's fetch from a page of the same site. */
  fetch(url: string, ask?: Ask): Promise<Answer>
  /** Fills the form of a page and submits it. */
  submit(page: Answer, fields?: Readonly<Record<string, string>>): Promise<Answer>
  /** Cookies for a host, as a Cookie header. */
  cookies(host: string): string
  readonly jar: Map<string, string>
}

const hangMs = 30_000

const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1', 'sec-fetch-site': 'none', accept: 'text/html' }

export interface ClientCertificate { readonly certPem: string, readonly keyPem: string }

/** `port`: where the public names of the test really listen, when the name has no address (`*.test`). */
export function createBrowser (options: { readonly ca: string, readonly from?: string, readonly port?: number, readonly certificate?: ClientCertificate }): Browser {
  // host → "name=value; …" by name
  const jar = new Map<string, string>()
  const key = (url: URL, name: string) => `${url.hostname} ${name}`
  const cookies = (host: string) => [...jar].filter(([name]) => name.startsWith(`${host} `)).map(([name, value]) => `${name.slice(host.length + 1)}=${value}`).join('; ')
  const keep = (url: URL, lines: readonly string[]) => {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map(part => part.trim())
      const at = (pair as string).indexOf('=')
      const name = (pair as string).slice(0, at)
      if (attributes.some(attribute => /^max-age=0$/i.test(attribute) || /^expires=thu, 01 jan 1970/i.test(attribute))) jar.delete(key(url, name))
      else jar.set(key(url, name), (pair as string).slice(at + 1))
    }
  }
  const ask: Browser['ask'] = async (text, { method = 'GET', headers = {}, body } = {}) => {
    const url = new URL(text)
    const cookie = cookies(url.hostname)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = send(url, {
        method,
        agent: false,
        ca: options.ca,
        ...(options.certificate === undefined ? {} : { cert: options.certificate.certPem, key: options.certificate.keyPem }),
        ...(options.from === undefined ? {} : { localAddress: options.from }),
        lookup: (_host, lookupOptions, done) => { if (lookupOptions.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]); else done(null, '127.0.0.1', 4) },
        headers: { ...(cookie === '' ? {} : { cookie }), ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers },
      }, resolve)
      outgoing.on('error', reject)
      // A request that hangs names itself, long before the test runner gives the whole file up.
      outgoing.setTimeout(hangMs, () => { outgoing.destroy(new Error(`${method} ${text} had no answer for ${hangMs / 1000} s`)) })
      outgoing.end(body)
    })
    keep(url, message.headers['set-cookie'] ?? [])
    let text2 = ''
    message.setEncoding('utf8')
    for await (const chunk of message as AsyncIterable<string>) text2 += chunk
    return { status: message.statusCode ?? 0, headers: message.headers, body: text2, url: url.href }
  }
  const follow = async (first: Answer): Promise<Answer> => {
    let answer = first
    for (let hops = 0; hops < 10 && answer.status >= 300 && answer.status < 400 && answer.headers.location !== undefined; hops += 1) {
      answer = await ask(new URL(answer.headers.location, answer.url).href, { headers: { ...navigation, 'sec-fetch-site': 'cross-site' } })
    }
    return answer
  }
  return {
    ask,
    jar,
    cookies,
    open: async url => follow(await ask(url, { headers: navigation })),
    fetch: (url, options = {}) => ask(url, { ...options, headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin', accept: 'application/json', ...options.headers } }),
    async submit (page, fields = {}) {
      const form = readForm(page)
      const body = new URLSearchParams({ ...form.fields, ...fields }).toString()
      const { origin } = new URL(page.url)
      const headers = { ...navigation, 'sec-fetch-site': origin === new URL(form.action).origin ? 'same-origin' : 'cross-site', origin }
      if (form.method === 'GET') return follow(await ask(`${form.action}?${body}`, { headers }))
      return follow(await ask(form.action, { method: 'POST', body, headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } }))
    },
  }
}

function unescapeHtml (text: string): string {
  return text.replace(/&quot;/g, '"').replace(/&#39;|&#x27;/g, "'").replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16))).replace(/&amp;/g, '&')
}

/** The first form of a page with its hidden and preset fields. */
function readForm (page: Answer): { readonly action: string, readonly method: string, readonly fields: Record<string, string> } {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(page.body)
  if (form === null) throw new Error(`no form on ${page.url}: ${page.status} ${page.body.slice(0, 300)}`)
  const attribute = (tag: string, name: string) => { const found = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag); return found === null ? undefined : unescapeHtml(found[1] as string) }
  const fields: Record<string, string> = {}
  for (const input of (form[2] as string).matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(input[0], 'name')
    const isOffered = /type="(radio|checkbox)"/i.test(input[0]) && !/\bchecked\b/i.test(input[0])
    if (name !== undefined && !isOffered) fields[name] = attribute(input[0], 'value') ?? ''
  }
  return { action: new URL(attribute(form[1] as string, 'action') ?? page.url, page.url).href, method: (attribute(form[1] as string, 'method') ?? 'get').toUpperCase(), fields }
}
