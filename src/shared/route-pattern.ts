// One way to write a route in configuration: `GET /patients/*`. Matching is on the folded canonical path, so that no two spellings of a path
// get two decisions. A pattern that no canonical path can equal is refused here, because a deny rule that never matches is a hole.

export interface RouteMatcher {
  readonly text: string
  /** `path` is a canonical path folded by `foldPath`. */
  matches(method: string, foldedPath: string): boolean
}

export interface RouteTable<T> {
  /** The value of the first entry, in the order given, that matches; undefined when none does. */
  find(method: string, foldedPath: string): T | undefined
  /** The values of all entries that match, in the order given. */
  findAll(method: string, foldedPath: string): readonly T[]
}

interface RoutePatternParts {
  /** undefined: any method. */
  readonly methods: ReadonlySet<string> | undefined
  /** Folded segments before a last `**`; `*` stands for one segment. */
  readonly segments: readonly string[]
  /** Ends in `**`: any rest, none included. */
  readonly open: boolean
}

const asciiWithoutEscapes = /^[^%\u0080-\uffff]*$/

/**
 * Folds a canonical path for matching: escapes decoded (none of them is structural in a canonical path), letter case, compatibility forms and
 * invisible characters gone (as toNFKC_Casefold in Unicode 3.13), dots and spaces at a segment's end gone (Windows drops them), no trailing slash.
 * It may take two different things for one, never one thing for two. Throws a URIError on a broken escape, which no canonical path has.
 */
export function foldPath (path: string): string {
  const text = asciiWithoutEscapes.test(path) ? path.toLowerCase() : foldCharacters(decodeURIComponent(path))
  const trimmed = /[. ](?:\/|$)/.test(text) ? text.split('/').map(dropTrailingDots).join('/') : text
  let end = trimmed.length
  while (end > 1 && trimmed[end - 1] === '/') end -= 1
  return trimmed.slice(0, end)
}

/** Folds a text that is no path, as a value in a query, by the same rules for letters; outer spaces gone. */
export function foldText (text: string): string {
  return (asciiWithoutEscapes.test(text) ? text.toLowerCase() : foldCharacters(text)).trim()
}

function foldCharacters (text: string): string {
  const visible = text.replace(/\p{Default_Ignorable_Code_Point}/gu, '').normalize('NFKC')
  // Lower case alone leaves apart what upper case unites (ß and ss, long s and s), and capital ẞ is reached by neither alone. Final sigma depends on its neighbours.
  return visible.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}

function dropTrailingDots (segment: string): string {
  let end = segment.length
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end -= 1
  return end === 0 ? segment : segment.slice(0, end)
}

/** Why a path has no single meaning: what `findAmbiguity` found. */
export type PathAmbiguity = 'character' | 'encoding' | 'lookAlike' | 'segment'

// In a path as written: encoded controls, slash, backslash, semicolon, and question mark. Decoded they end or split the path for some servers (Apache's
// mod_rewrite did so with %3F, CVE-2024-38474). %23 is left: file names have it ("Invoice #12.pdf").
const structuralEscape = /%(?:[01][0-9A-F]|7F|2F|5C|3B|3F)/i

/**
 * Looks for what a second decoding, a Unicode normalisation, a code page or another server's path rules would read differently. The one rule for requests
 * and for patterns: what no request may have, no pattern can ask for. Undefined when there is nothing of the kind.
 */
export function findAmbiguity (path: string): PathAmbiguity | undefined {
  if (asciiWithoutEscapes.test(path)) return /[\\;\p{Cc}]/u.test(path) ? 'character' : findBlankSegment(path)
  if (structuralEscape.test(path)) return 'character'
  let decoded: string
  try {
    decoded = decodeURIComponent(path) // refuses what is not UTF-8, overlong forms and surrogates included (RFC 3629)
  } catch {
    return 'encoding'
  }
  if (/[\\;\p{Cc}\p{Cs}\u2028\u2029]/u.test(decoded)) return 'character'
  const unusual = decoded.replace(/[\0-\x7f]+/g, '')
  // U+2044, U+2215 and U+2216 are slashes in Windows code pages, though not in NFKC.
  if (/[\u2044\u2215\u2216]/.test(unusual) || /[/\\.;%?#]/.test(unusual.normalize('NFKC'))) return 'lookAlike'
  const encodedTwice = /%[0-9a-f]{2}/i
  if (encodedTwice.test(decoded) || encodedTwice.test(foldCharacters(decoded))) return 'encoding'
  return findBlankSegment(path)
}

/** Empty segments: nginx and Apache merge slashes, Node.js servers do not. Segments of dots, spaces and invisible characters: each server has its own rule. */
function findBlankSegment (path: string): 'segment' | undefined {
  const folded = foldPath(path)
  const blank = /\/[. ]*\/|\/[. ]+$/
  return blank.test(path) || blank.test(folded) || countSegments(path) !== countSegments(folded) ? 'segment' : undefined
}

const shape = /^(\*|[A-Z]+(?:,[A-Z]+)*) (\/[^\s?#]*)$/

/** Why `text` is not a route pattern, or undefined when it is one. */
export function explainRoutePattern (text: string): string | undefined {
  const match = shape.exec(text)
  if (match === null) return 'write it as METHOD /path, for instance GET /patients/* (METHOD may be * or a list as GET,POST)'
  const path = match[2] as string
  const segments = path.split('/').slice(1)
  if (segments.slice(0, -1).some(segment => segment.includes('**'))) return '** stands only at the end'
  return explainOtherWays(segments) ?? (segments.some(segment => segment.includes('*') && segment !== '*' && segment !== '**') ? 'a * stands for a whole segment' : explainLiteralPath(path))
}

/** What other programs understand would stand here for itself: a deny rule that never matches. A path that really has such a character is written with its escape. */
function explainOtherWays (segments: readonly string[]): string | undefined {
  const name = segments.find(segment => segment.startsWith(':') || /[{}]/.test(segment))
  if (name !== undefined) return `${name} is no name here: a * stands for any one segment`
  return segments.some(segment => /[[\]^|\\]|\.\*|\.\+/.test(segment)) ? 'regular expressions are not known here: * is any one segment, a last ** any rest' : undefined
}

/** The rules of the canonical reading: a pattern for a path that no request can have would never match. */
function explainLiteralPath (path: string): string | undefined {
  const ambiguity = findAmbiguity(path)
  if (ambiguity === 'encoding') return 'it has a percent sign that is not a UTF-8 escape, or one that is encoded twice'
  if (ambiguity !== undefined) return 'no request can have this path: write it as a browser shows it, without empty or dot segments, ; \\ or encoded / ; ?'
  return count(foldPath(path), '*') === count(path, '*') ? undefined : 'a * stands for a whole segment, and no other character for a *'
}

/** Segments of a path, a trailing slash not counted. */
function countSegments (path: string): number {
  return count(path, '/') - (path.endsWith('/') ? 1 : 0)
}

function count (text: string, character: string): number {
  let found = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found += 1
  return found
}

function parseRoutePattern (text: string): RoutePatternParts {
  const wrong = explainRoutePattern(text)
  const match = shape.exec(text)
  if (wrong !== undefined || match === null) throw new TypeError(`not a route pattern: ${wrong ?? ''}`)
  const expected = foldPath(match[2] as string).split('/').slice(1)
  const open = expected.at(-1) === '**'
  return {
    methods: match[1] === '*' ? undefined : withHead((match[1] as string).split(',')),
    segments: open ? expected.slice(0, -1) : expected,
    open,
  }
}

/** HEAD is GET without the body (RFC 9110 section 9.3.2): what is said of GET is said of HEAD. */
function withHead (methods: readonly string[]): ReadonlySet<string> {
  return new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)
}

/** The methods that a checked pattern names, without what GET implies; empty when it says `*`. */
export function methodsOfRoutePattern (text: string): readonly string[] {
  const methods = shape.exec(text)?.[1] ?? '*'
  return methods === '*' ? [] : methods.split(',')
}

/** Compiles a checked pattern. Throws a TypeError on one that `explainRoutePattern` refuses. */
export function compileRoutePattern (text: string): RouteMatcher {
  const table = compileRouteTable([{ pattern: text, value: true }])
  return { text, matches: (method, foldedPath) => table.find(method, foldedPath) === true }
}

interface Leaf<T> { readonly order: number, readonly methods: ReadonlySet<string> | undefined, readonly value: T }

interface Branch<T> {
  readonly literal: Map<string, Branch<T>>
  any: Branch<T> | undefined
  /** Patterns that end here, and those that go on with `**`. */
  readonly here: Leaf<T>[]
  readonly rest: Leaf<T>[]
}

function createBranch<T> (): Branch<T> {
  return { literal: new Map(), any: undefined, here: [], rest: [] }
}

/** Compiles many patterns into one tree, so that a request costs its own segments and not the number of rules. Throws as `compileRoutePattern`. */
export function compileRouteTable<T> (entries: readonly { readonly pattern: string, readonly value: T }[]): RouteTable<T> {
  const root = createBranch<T>()
  for (const [order, entry] of entries.entries()) {
    const { methods, segments, open } = parseRoutePattern(entry.pattern)
    let branch = root
    for (const segment of segments) branch = growBranch(branch, segment)
    const leaves = open ? branch.rest : branch.here
    leaves.push({ order, methods, value: entry.value })
  }
  return {
    find: (method, foldedPath) => findLeaf(root, splitPath(foldedPath), { method, depth: 0 })?.value,
    findAll (method, foldedPath) {
      const found: Leaf<T>[] = []
      collectLeaves(root, splitPath(foldedPath), { method, depth: 0, found })
      return (found.length < 2 ? found : found.sort((one, other) => one.order - other.order)).map(leaf => leaf.value)
    },
  }
}

let lastPath = ''
let lastSegments: readonly string[] = ['']

/** The segments behind the first slash. One request asks several tables about one path. */
function splitPath (foldedPath: string): readonly string[] {
  if (foldedPath !== lastPath) {
    lastPath = foldedPath
    lastSegments = foldedPath.slice(1).split('/')
  }
  return lastSegments
}

/** Where a walk is; its depth goes up and down with it. */
interface Walk { readonly method: string, depth: number }

function collectLeaves<T> (branch: Branch<T>, segments: readonly string[], walk: Walk & { readonly found: Leaf<T>[] }): void {
  const segment = segments[walk.depth]
  addFor(branch.rest, walk)
  if (segment === undefined) {
    addFor(branch.here, walk)
    return
  }
  walk.depth += 1
  const literal = branch.literal.get(segment)
  if (literal !== undefined) collectLeaves(literal, segments, walk)
  if (branch.any !== undefined && segment !== '') collectLeaves(branch.any, segments, walk)
  walk.depth -= 1
}

function addFor<T> (leaves: readonly Leaf<T>[], { method, found }: { readonly method: string, readonly found: Leaf<T>[] }): void {
  for (const leaf of leaves) if (leaf.methods === undefined || leaf.methods.has(method)) found.push(leaf)
}

function growBranch<T> (branch: Branch<T>, segment: string): Branch<T> {
  if (segment === '*') {
    branch.any ??= createBranch<T>()
    return branch.any
  }
  const known = branch.literal.get(segment) ?? createBranch<T>()
  branch.literal.set(segment, known)
  return known
}

function findLeaf<T> (branch: Branch<T>, segments: readonly string[], walk: Walk): Leaf<T> | undefined {
  let best = firstFor(branch.rest, walk.method)
  const segment = segments[walk.depth]
  if (segment === undefined) return earlier(best, firstFor(branch.here, walk.method))
  walk.depth += 1
  const literal = branch.literal.get(segment)
  if (literal !== undefined) best = earlier(best, findLeaf(literal, segments, walk))
  if (branch.any !== undefined && segment !== '') best = earlier(best, findLeaf(branch.any, segments, walk))
  walk.depth -= 1
  return best
}

function firstFor<T> (leaves: readonly Leaf<T>[], method: string): Leaf<T> | undefined {
  return leaves.find(leaf => leaf.methods === undefined || leaf.methods.has(method))
}

function earlier<T> (one: Leaf<T> | undefined, other: Leaf<T> | undefined): Leaf<T> | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one.order < other.order ? one : other
}
