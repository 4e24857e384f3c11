// The repository as the architecture tests see it: which files there are, and what each imports. Reads only.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'

export const root = join(import.meta.dirname, '..', '..')

export interface Import {
  /** The specifier as written. */
  readonly specifier: string
  /** The imported file relative to the root, for our own. */
  readonly target: string | undefined
  readonly line: number
  /** `import type` and `export type` leave no trace at run time. */
  readonly isTypeOnly: boolean
}

export interface Source {
  /** Relative to the root, with slashes. */
  readonly file: string
  readonly text: string
  readonly imports: readonly Import[]
}

export function read (file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** Files that git would take in: tracked ones, and new ones that are not ignored. */
export function listFiles (): readonly string[] {
  const names = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const present = new Set(globSync('**/*', { cwd: root, exclude: path => /^(?:node_modules|\.git)(?:\/|$)/.test(path) }).map(path => path.replaceAll('\\', '/')))
  return names.split('\0').filter(name => name !== '' && (present.has(name) || name.startsWith('.')))
}

function isTypeOnly (node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return node.importClause?.isTypeOnly ?? false
  return ts.isExportDeclaration(node) && node.isTypeOnly
}

function findImports (file: string, text: string): readonly Import[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (node: ts.Node, literal: ts.Node | undefined) => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return
    const specifier = literal.text
    const target = specifier.startsWith('.') ? posix.join(dirname(file), specifier) : undefined
    found.push({ specifier, target, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1, isTypeOnly: isTypeOnly(node) })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node, node.moduleSpecifier)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0])
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** TypeScript files below a folder, with their imports; what is made small for browsers is generated. */
export function readSources (folder: string): readonly Source[] {
  return globSync(`${folder}/**/*.{ts,mjs,js}`, { cwd: root, exclude: path => path.endsWith('.min.js') }).map(file => file.replaceAll('\\', '/')).sort().map(file => {
    const text = read(file)
    return { file, text, imports: findImports(file, text) }
  })
}

const isTemplatePart = (node: ts.Node) => ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
const hasText = (node: ts.Node) => ts.isStringLiteralLike(node) || isTemplatePart(node) || ts.isRegularExpressionLiteral(node)

/** The code of a file with comments and the insides of texts blanked, so that a word in a sentence is not taken for code. */
export function codeOf (source: Source): string {
  const { text } = source
  const tree = ts.createSourceFile(source.file, text, ts.ScriptTarget.Latest, true)
  const letters = text.split('')
  const blank = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (letters[at] !== '\n') letters[at] = ' '
  }
  const visit = (node: ts.Node): void => {
    if (hasText(node)) blank(node.getStart(), node.end)
    for (const range of ts.getLeadingCommentRanges(text, node.pos) ?? []) blank(range.pos, range.end)
    for (const range of ts.getTrailingCommentRanges(text, node.end) ?? []) blank(range.pos, range.end)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return letters.join('')
}
