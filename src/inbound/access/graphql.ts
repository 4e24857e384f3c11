// Which root fields a GraphQL document asks for, with their arguments (GraphQL, October 2021, section 2). It reads only as much as that takes, and what is
// not plainly valid is no document. It knows no schema.

/** A value as it is written: objects keep their members, everything else that an id can be is text. */
export type ArgumentValue =
  | { readonly kind: 'text', readonly text: string }
  | { readonly kind: 'variable', readonly name: string }
  | { readonly kind: 'object', readonly members: ReadonlyMap<string, ArgumentValue> }
  | { readonly kind: 'null' }
  | { readonly kind: 'list' }

export interface RootField {
  readonly name: string
  readonly arguments: ReadonlyMap<string, ArgumentValue>
}

export interface Operation {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly name: string | undefined
  /** Default values of variables. */
  readonly defaults: ReadonlyMap<string, ArgumentValue>
  /** With those of fragments; `@skip` and `@include` are taken as if they were not there. */
  readonly fields: readonly RootField[]
}

type Selection = { readonly field: RootField } | { readonly spread: string }

type Token = { readonly kind: 'name' | 'number' | 'string' | 'mark', readonly text: string }

class NoDocument extends Error {}

const mostTokens = 20_000
const mostFields = 200
const deepest = 64

/** The operations of a document; undefined when it is none. */
export function readOperations (text: string): readonly Operation[] | undefined {
  try {
    const parser = new Parser(tokenise(text))
    return parser.readDocument()
  } catch (error) {
    if (error instanceof NoDocument) return undefined
    throw error
  }
}

const ignored = /(?:[\uFEFF\t\n\r ,]|#[^\n\r]*)+/y
const word = /[_A-Za-z][_0-9A-Za-z]*/y
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![_0-9A-Za-z.])/y
const mark = /\.\.\.|[!$&():=@[\]{|}]/y

function tokenise (text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  for (;;) {
    take(ignored)
    if (at >= text.length) return tokens
    if (tokens.length >= mostTokens) throw new NoDocument()
    if (text[at] === '"') {
      const string = readString(text, at)
      tokens.push({ kind: 'string', text: string.value })
      at = string.end
      continue
    }
    const name = take(word)
    const other = name === undefined ? take(number) : undefined
    const punctuator = name === undefined && other === undefined ? take(mark) : undefined
    if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (other !== undefined) tokens.push({ kind: 'number', text: other })
    else if (punctuator !== undefined) tokens.push({ kind: 'mark', text: punctuator })
    else throw new NoDocument()
  }
}

function readString (text: string, start: number): { readonly value: string, readonly end: number } {
  // A block string has rules of its own for spaces and escapes: nobody writes an id in one, so its value is not worked out.
  if (text.startsWith('"""', start)) {
    let end = text.indexOf('"""', start + 3)
    while (end > 0 && text[end - 1] === '\\') end = text.indexOf('"""', end + 3)
    if (end === -1) throw new NoDocument()
    return { value: '\u0000', end: end + 3 }
  }
  let end = start + 1
  while (end < text.length && text[end] !== '"' && text[end] !== '\n' && text[end] !== '\r') end += text[end] === '\\' ? 2 : 1
  if (text[end] !== '"') throw new NoDocument()
  try {
    return { value: JSON.parse(text.slice(start, end + 1)) as string, end: end + 1 }
  } catch {
    throw new NoDocument()
  }
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #fragments = new Map<string, readonly Selection[]>()
  #at = 0

  constructor (tokens: readonly Token[]) { this.#tokens = tokens }

  readDocument (): readonly Operation[] {
    const read: Array<Omit<Operation, 'fields'> & { readonly selections: readonly Selection[] }> = []
    while (this.#at < this.#tokens.length) {
      if (this.#isMark('{')) {
        read.push({ type: 'query', name: undefined, defaults: new Map(), selections: this.#readSelections(0) })
        continue
      }
      const keyword = this.#readName()
      if (keyword === 'fragment') this.#readFragment()
      else if (keyword === 'query' || keyword === 'mutation' || keyword === 'subscription') {
        const name = this.#peek()?.kind === 'name' ? this.#readName() : undefined
        const defaults = this.#isMark('(') ? this.#readVariables() : new Map<string, ArgumentValue>()
        this.#skipDirectives()
        read.push({ type: keyword, name, defaults, selections: this.#readSelections(0) })
      } else throw new NoDocument()
    }
    const names = read.map(operation => operation.name)
    if (read.length === 0 || new Set(names).size !== names.length) throw new NoDocument()
    return read.map(({ selections, ...operation }) => ({ ...operation, fields: this.#expand(selections) }))
  }

  #expand (selections: readonly Selection[]): readonly RootField[] {
    const fields: RootField[] = []
    const seen = new Set<string>()
    const walk = (list: readonly Selection[]): void => {
      for (const selection of list) {
        if ('field' in selection) {
          if (fields.push(selection.field) > mostFields) throw new NoDocument()
          continue
        }
        const fragment = this.#fragments.get(selection.spread)
        if (fragment === undefined) throw new NoDocument()
        if (seen.has(selection.spread)) continue
        seen.add(selection.spread)
        walk(fragment)
      }
    }
    walk(selections)
    return fields
  }

  #readFragment (): void {
    const name = this.#readName()
    if (name === 'on' || this.#fragments.has(name) || this.#readName() !== 'on') throw new NoDocument()
    this.#readName()
    this.#skipDirectives()
    this.#fragments.set(name, this.#readSelections(0))
  }

  #readSelections (depth: number): readonly Selection[] {
    if (depth > deepest) throw new NoDocument()
    this.#take('{')
    const selections: Selection[] = []
    while (!this.#isMark('}')) selections.push(...this.#readSelection(depth))
    this.#take('}')
    if (selections.length === 0) throw new NoDocument()
    return selections
  }

  #readSelection (depth: number): readonly Selection[] {
    if (!this.#isMark('...')) return [{ field: this.#readField(depth) }]
    this.#take('...')
    if (this.#peek()?.kind === 'name' && this.#peek()?.text !== 'on') {
      const spread = this.#readName()
      this.#skipDirectives()
      return [{ spread }]
    }
    if (this.#peek()?.text === 'on') { this.#readName(); this.#readName() }
    this.#skipDirectives()
    return this.#readSelections(depth + 1)
  }

  #readField (depth: number): RootField {
    let name = this.#readName()
    if (this.#isMark(':')) { // an alias: what counts is the field behind it
      this.#take(':')
      name = this.#readName()
    }
    const values = this.#isMark('(') ? this.#readArguments() : new Map<string, ArgumentValue>()
    this.#skipDirectives()
    if (this.#isMark('{')) this.#readSelections(depth + 1)
    return { name, arguments: values }
  }

  #readArguments (): ReadonlyMap<string, ArgumentValue> {
    this.#take('(')
    const values = this.#readMembers(')')
    if (values.size === 0) throw new NoDocument()
    return values
  }

  #readMembers (end: ')' | '}', depth = 0): ReadonlyMap<string, ArgumentValue> {
    const members = new Map<string, ArgumentValue>()
    while (!this.#isMark(end)) {
      const name = this.#readName()
      this.#take(':')
      if (members.has(name)) throw new NoDocument()
      members.set(name, this.#readValue(depth + 1))
    }
    this.#take(end)
    return members
  }

  #readValue (depth = 0): ArgumentValue {
    const token = this.#next()
    if (depth > deepest) throw new NoDocument()
    if (token.kind === 'string' || token.kind === 'number') return token.text.includes('\u0000') ? { kind: 'list' } : { kind: 'text', text: token.text }
    if (token.kind === 'name') return token.text === 'null' ? { kind: 'null' } : { kind: 'text', text: token.text }
    if (token.text === '$') return { kind: 'variable', name: this.#readName() }
    if (token.text === '{') return { kind: 'object', members: this.#readMembers('}', depth) }
    if (token.text !== '[') throw new NoDocument()
    while (!this.#isMark(']')) this.#readValue(depth + 1)
    this.#take(']')
    return { kind: 'list' }
  }

  #readVariables (): ReadonlyMap<string, ArgumentValue> {
    const defaults = new Map<string, ArgumentValue>()
    const names = new Set<string>()
    this.#take('(')
    while (!this.#isMark(')')) {
      this.#take('$')
      const name = this.#readName()
      if (names.has(name)) throw new NoDocument()
      names.add(name)
      this.#take(':')
      this.#skipType(0)
      if (this.#isMark('=')) {
        this.#take('=')
        defaults.set(name, this.#readValue())
      }
      this.#skipDirectives()
    }
    this.#take(')')
    return defaults
  }

  #skipType (depth: number): void {
    if (depth > deepest) throw new NoDocument()
    if (this.#isMark('[')) {
      this.#take('[')
      this.#skipType(depth + 1)
      this.#take(']')
    } else this.#readName()
    if (this.#isMark('!')) this.#take('!')
  }

  #skipDirectives (): void {
    while (this.#isMark('@')) {
      this.#take('@')
      this.#readName()
      if (this.#isMark('(')) this.#readArguments()
    }
  }

  #peek (): Token | undefined { return this.#tokens[this.#at] }

  #next (): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new NoDocument()
    this.#at += 1
    return token
  }

  #isMark (text: string): boolean {
    const token = this.#peek()
    return token?.kind === 'mark' && token.text === text
  }

  #take (text: string): void {
    if (!this.#isMark(text)) throw new NoDocument()
    this.#at += 1
  }

  #readName (): string {
    const token = this.#next()
    if (token.kind !== 'name') throw new NoDocument()
    return token.text
  }
}
