// The CRM's Content-Security-Policy with just as much room as the idle script needs: a source that names nothing but it. A policy that allows it already stays as it is, and
// none becomes weaker for anything else (W3C CSP Level 3).

export interface ScriptNeeds {
  readonly origin: string
  /** Path of the script, and of what it asks. */
  readonly script: string
  readonly asks: string
  /** A new one for each answer. */
  readonly nonce: string
}

export interface AdaptedPolicy {
  /** The values of each field, in the order in which they came. */
  readonly policies: readonly (readonly string[])[]
  /** The nonce that the element has to carry; undefined when none is needed. */
  readonly nonce: string | undefined
}

interface Directive { readonly name: string, readonly sources: readonly string[] }

/** One field can hold several policies, separated by commas; all of them count. What is only watched is adapted too, so that nobody is told of what is ours. */
export function adaptPolicies (fields: readonly (readonly string[])[], needs: ScriptNeeds): AdaptedPolicy {
  let isNonceUsed = false
  const policies = fields.map(values => values.map(value => value.split(',').map(policy => {
    const directives = parse(policy)
    const nonce = `'nonce-${needs.nonce}'`
    const scripts = adaptSources(directives, ['script-src-elem', 'script-src', 'default-src'], {
      isAllowed: sources => allowsScript(sources, needs),
      // A nonce would take away the inline scripts that such a policy allows.
      added: sources => allowsInline(sources) ? `${needs.origin}${needs.script}` : nonce,
    })
    isNonceUsed ||= scripts.some(({ sources }) => sources.includes(nonce))
    return write(adaptSources(scripts, ['connect-src', 'default-src'], { isAllowed: sources => allowsUrl(sources, needs, needs.asks), added: () => `${needs.origin}${needs.asks}` }), directives, policy)
  }).join(',')))
  return { policies, nonce: isNonceUsed ? needs.nonce : undefined }
}

/** What the strictest sandbox of the policies lets scripts do: nothing (a mail, a stranger's file), run without the page's address, or all. */
export function sandboxOf (values: readonly string[]): 'noScripts' | 'noOrigin' | undefined {
  const sandboxes = values.flatMap(value => value.split(',')).flatMap(parse).filter(({ name }) => name === 'sandbox').map(({ sources }) => lower(sources))
  if (sandboxes.some(words => !words.includes('allow-scripts'))) return 'noScripts'
  return sandboxes.some(words => !words.includes('allow-same-origin')) ? 'noOrigin' : undefined
}

function parse (policy: string): readonly Directive[] {
  return policy.split(';').map(part => part.trim()).filter(part => part !== '').map(part => {
    const [name = '', ...sources] = part.split(/[\t\n\f\r ]+/)
    return { name: name.toLowerCase(), sources }
  })
}

/** Untouched policies keep their spelling. */
function write (adapted: readonly Directive[], parsed: readonly Directive[], text: string): string {
  return adapted === parsed ? text : adapted.map(({ name, sources }) => [name, ...sources].join(' ')).join('; ')
}

interface Wanted { readonly isAllowed: (sources: readonly string[]) => boolean, readonly added: (sources: readonly string[]) => string }

/** The first directive of these names that is there decides. What only `default-src` says is written out for the first name, since more there would be more for everything. */
function adaptSources (directives: readonly Directive[], names: readonly string[], { isAllowed, added }: Wanted): readonly Directive[] {
  const deciding = names.map(name => directives.find(directive => directive.name === name)).find(directive => directive !== undefined)
  if (deciding === undefined || isAllowed(deciding.sources)) return directives
  const sources = [...deciding.sources.filter(source => source.toLowerCase() !== '\'none\''), added(deciding.sources)]
  if (deciding.name !== 'default-src') return directives.map(directive => directive === deciding ? { ...directive, sources } : directive)
  return [...directives, { name: names.at(-2) as string, sources }]
}

const lower = (sources: readonly string[]) => sources.map(source => source.toLowerCase())

/** As browsers decide it: where a nonce or a hash stands, the word has no meaning. */
function allowsInline (sources: readonly string[]): boolean {
  const words = lower(sources)
  return words.includes('\'unsafe-inline\'') && !words.some(word => /^'(?:nonce-|sha(?:256|384|512)-|strict-dynamic')/.test(word))
}

/** With `strict-dynamic` addresses do not count, whatever they are. */
function allowsScript (sources: readonly string[], needs: ScriptNeeds): boolean {
  return !lower(sources).includes('\'strict-dynamic\'') && allowsUrl(sources, needs, needs.script)
}

function allowsUrl (sources: readonly string[], { origin }: ScriptNeeds, path: string): boolean {
  const { protocol, host, hostname, port } = new URL(origin)
  // A star stands for one or more names before the rest; the port has to be said where it is not the usual one.
  const stars = hostname.split('.').slice(1).map((_name, at, { length }) => `*.${hostname.split('.').slice(at + 1, length + 1).join('.')}`)
  const hosts = [host, ...stars.map(star => port === '' ? star : `${star}:${port}`), `${hostname}:*`, ...stars.map(star => `${star}:*`)]
  const wholes = hosts.flatMap(each => [each, `${protocol}//${each}`])
  return sources.some(source => {
    const word = source.toLowerCase()
    const [, start = '', rest = ''] = /^((?:[a-z]+:\/\/)?[^/]*)(.*)$/s.exec(source) ?? []
    return word === '\'self\'' || word === '*' || word === protocol || (wholes.includes(start.toLowerCase()) && ['', '/', path].includes(rest))
  })
}
