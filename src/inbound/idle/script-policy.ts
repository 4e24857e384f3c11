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
  /** Field values, in the order in which they came. */
  readonly policies: readonly string[]
  /** The nonce that the element has to carry; undefined when none is needed. */
  readonly nonce: string | undefined
}

interface Directive { readonly name: string, readonly sources: readonly string[] }

/** One field can hold several policies, separated by commas; all of them count. */
export function adaptPolicies (values: readonly string[], needs: ScriptNeeds): AdaptedPolicy {
  let isNonceUsed = false
  const policies = values.map(value => value.split(',').map(policy => {
    const directives = parse(policy)
    const scripts = adaptSources(directives, ['script-src-elem', 'script-src', 'default-src'], { isAllowed: sources => allowsScript(sources, needs), added: `'nonce-${needs.nonce}'` })
    isNonceUsed ||= scripts !== directives
    return write(adaptSources(scripts, ['connect-src', 'default-src'], { isAllowed: sources => allowsUrl(sources, needs, needs.asks), added: `${needs.origin}${needs.asks}` }), directives, policy)
  }).join(','))
  return { policies, nonce: isNonceUsed ? needs.nonce : undefined }
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

interface Wanted { readonly isAllowed: (sources: readonly string[]) => boolean, readonly added: string }

/** The first directive of these names that is there decides. What only `default-src` says is written out for the first name, since more there would be more for everything. */
function adaptSources (directives: readonly Directive[], names: readonly string[], { isAllowed, added }: Wanted): readonly Directive[] {
  const deciding = names.map(name => directives.find(directive => directive.name === name)).find(directive => directive !== undefined)
  if (deciding === undefined || isAllowed(deciding.sources)) return directives
  const sources = [...deciding.sources.filter(source => source.toLowerCase() !== '\'none\''), added]
  if (deciding.name !== 'default-src') return directives.map(directive => directive === deciding ? { ...directive, sources } : directive)
  return [...directives, { name: names.at(-2) as string, sources }]
}

const lower = (sources: readonly string[]) => sources.map(source => source.toLowerCase())

/** With `strict-dynamic` addresses do not count, whatever they are. */
function allowsScript (sources: readonly string[], needs: ScriptNeeds): boolean {
  return !lower(sources).includes('\'strict-dynamic\'') && allowsUrl(sources, needs, needs.script)
}

function allowsUrl (sources: readonly string[], { origin }: ScriptNeeds, path: string): boolean {
  const { protocol, host } = new URL(origin)
  return sources.some(source => {
    const word = source.toLowerCase()
    return word === '\'self\'' || word === '*' || word === protocol || [host, origin].some(whole => source === whole || source === `${whole}/` || source === `${whole}${path}`)
  })
}
