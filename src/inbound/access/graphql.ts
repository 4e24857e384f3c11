// Which root fields a GraphQL document asks for, with their arguments (GraphQL, October 2021, section 2). What is not plainly valid is no document. It
// knows no schema, and decides nothing about who may.
import { GraphQLError } from 'graphql/error/index.js'
// Of the package only its language: the rest of it runs schemas, and would be loaded at every start.
import {
  Kind, parse, type ArgumentNode, type ASTNode, type ConstValueNode, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type ObjectFieldNode, type SelectionSetNode,
  type ValueNode, type VariableDefinitionNode,
} from 'graphql/language/index.js'

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
  /** Names of the fields below them, each once. */
  readonly nested: readonly string[]
}

const mostTokens = 20_000
/** Comments are no tokens, and cost as much. */
const mostComments = 2000
const mostFields = 200
/** Nodes above each other: about 64 fields in one another. */
const deepest = 140

class NoDocument extends Error {}

/** The operations of a document; undefined when it is none. */
export function readOperations (text: string): readonly Operation[] | undefined {
  try {
    const document = parse(text, { noLocation: true, maxLexicalTokens: mostTokens, maxComments: mostComments })
    requireOneReading(document, 0)
    return readDefinitions(document)
  } catch (error) {
    // The parser calls itself for everything that is nested, so that the stack can end before the document does.
    if (error instanceof NoDocument || error instanceof GraphQLError || error instanceof RangeError) return undefined
    throw error
  }
}

/** What the grammar lets pass and a server refuses or reads in its own way (section 5): a name twice, and what is nested without an end. */
function requireOneReading (node: ASTNode, depth: number): void {
  if (depth > deepest) throw new NoDocument()
  if ('arguments' in node) requireDifferent((node.arguments ?? []).map(argument => argument.name.value))
  if (node.kind === Kind.OBJECT) requireDifferent(node.fields.map(field => field.name.value))
  if (node.kind === Kind.OPERATION_DEFINITION) requireDifferent((node.variableDefinitions ?? []).map(definition => definition.variable.name.value))
  for (const child of Object.values(node) as unknown[]) {
    for (const one of Array.isArray(child) ? child as unknown[] : [child]) if (isNode(one)) requireOneReading(one, depth + 1)
  }
}

function isNode (value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'kind' in value
}

function requireDifferent (names: readonly unknown[]): void {
  if (new Set(names).size !== names.length) throw new NoDocument()
}

function readDefinitions ({ definitions }: DocumentNode): readonly Operation[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) continue
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || fragments.has(definition.name.value)) throw new NoDocument()
    fragments.set(definition.name.value, definition)
  }
  const operations = definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
  requireDifferent(operations.map(operation => operation.name?.value))
  if (operations.length === 0) throw new NoDocument()
  return operations.map(operation => {
    const roots = listFields(operation.selectionSet, fragments)
    return {
      type: operation.operation,
      name: operation.name?.value,
      defaults: readDefaults(operation.variableDefinitions ?? []),
      fields: roots.map(readField),
      nested: listNested(roots, fragments),
    }
  })
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

/** Tells `visit` of each field, which says whether those below it are wanted too; a fragment counts once, wherever it is spread. */
function walkFields (sets: readonly (SelectionSetNode | undefined)[], fragments: Fragments, visit: (field: FieldNode) => boolean): void {
  const seen = new Set<string>()
  const walk = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        if (visit(selection)) walk(selection.selectionSet)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet)
      else if (!seen.has(selection.name.value)) {
        const fragment = fragments.get(selection.name.value)
        if (fragment === undefined) throw new NoDocument()
        seen.add(selection.name.value)
        walk(fragment.selectionSet)
      }
    }
  }
  for (const set of sets) walk(set)
}

function listFields (selections: SelectionSetNode, fragments: Fragments): readonly FieldNode[] {
  const fields: FieldNode[] = []
  walkFields([selections], fragments, field => {
    if (fields.push(field) > mostFields) throw new NoDocument()
    return false
  })
  return fields
}

/** Names of everything that is asked for below some fields. */
function listNested (roots: readonly FieldNode[], fragments: Fragments): readonly string[] {
  const names = new Set<string>()
  walkFields(roots.map(root => root.selectionSet), fragments, field => {
    names.add(field.name.value)
    return true
  })
  return [...names]
}

function readDefaults (definitions: readonly VariableDefinitionNode[]): ReadonlyMap<string, ArgumentValue> {
  const given = definitions.filter((one): one is VariableDefinitionNode & { readonly defaultValue: ConstValueNode } => one.defaultValue !== undefined)
  return new Map(given.map(({ variable, defaultValue }) => [variable.name.value, readValue(defaultValue)]))
}

/** By its name and not by its alias: what counts is the field behind it. */
function readField (field: FieldNode): RootField {
  return { name: field.name.value, arguments: readMembers(field.arguments ?? []) }
}

function readMembers (members: ReadonlyArray<ArgumentNode | ObjectFieldNode>): ReadonlyMap<string, ArgumentValue> {
  return new Map(members.map(member => [member.name.value, readValue(member.value)]))
}

function readValue (value: ValueNode): ArgumentValue {
  switch (value.kind) {
    case Kind.VARIABLE: return { kind: 'variable', name: value.name.value }
    case Kind.OBJECT: return { kind: 'object', members: readMembers(value.fields) }
    case Kind.NULL: return { kind: 'null' }
    case Kind.LIST: return { kind: 'list' }
    case Kind.BOOLEAN: return { kind: 'text', text: String(value.value) }
    // A block string has rules of its own for spaces and escapes: nobody writes an id in one, and what somebody does is no id.
    case Kind.STRING: return value.block === true ? { kind: 'list' } : { kind: 'text', text: value.value }
    default: return { kind: 'text', text: value.value }
  }
}
