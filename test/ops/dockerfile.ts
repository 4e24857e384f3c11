// Reads a Dockerfile as far as ours goes, and does what its stages say in plain folders: COPY, RUN and WORKDIR below a root of their own. There
// is no engine here; what only an engine does (users, layers, read-only roots) the tests look at in other ways.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, posix } from 'node:path'

export interface Instruction { readonly name: string, readonly text: string }
export interface Stage { readonly base: string, readonly as: string | undefined, readonly instructions: readonly Instruction[] }

function readInstructions (text: string): readonly Instruction[] {
  const logical = text.split('\n').filter(line => !/^\s*#/.test(line)).join('\n').replaceAll('\\\n', ' ')
  return logical.split('\n').map(line => line.trim()).filter(line => line !== '').map(line => {
    const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? []
    return { name: name.toUpperCase(), text: rest }
  })
}

/** The stages in order; ARG before the first FROM is filled in where it is named. */
export function readDockerfile (text: string): readonly Stage[] {
  const values = new Map<string, string>()
  const stages: Array<{ base: string, as: string | undefined, instructions: Instruction[] }> = []
  for (const instruction of readInstructions(text)) {
    if (instruction.name === 'ARG' && stages.length === 0) {
      const [name = '', value = ''] = instruction.text.split('=')
      values.set(name, value)
    } else if (instruction.name === 'FROM') {
      const [base = '', , as] = instruction.text.split(/\s+/)
      stages.push({ base: base.replace(/\$\{(\w+)\}/g, (_all, name: string) => values.get(name) ?? ''), as, instructions: [] })
    } else {
      stages.at(-1)?.instructions.push(instruction)
    }
  }
  return stages
}

/** The JSON form, which needs no shell; undefined for the other one. */
export function readExecForm (text: string): readonly string[] | undefined {
  return text.startsWith('[') ? JSON.parse(text) as string[] : undefined
}

/** A line of .dockerignore as a regular expression: `*` is anything but a slash, a leading dot too, `**` any number of folders. */
function readPattern (line: string): RegExp {
  const source = line.replace(/^!/, '').split(/(\*\*\/|\*\*|\*)/).map(part => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  }).join('')
  return new RegExp(`^${source}$`)
}

/** Whether .dockerignore lets a file of the context through. The last line that fits decides; a line fits what lies below it too. */
export function createContextTest (ignoreText: string): (file: string) => boolean {
  const lines = ignoreText.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'))
    .map(line => ({ letsIn: line.startsWith('!'), pattern: readPattern(line) }))
  return file => {
    const parts = file.split('/')
    const places = parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
    return lines.reduce((isIn, { letsIn, pattern }) => places.some(place => pattern.test(place)) ? letsIn : isIn, true)
  }
}

export interface BuildOptions {
  /** The context, the folder with the Dockerfile. */
  readonly context: string
  readonly mayCopy: (file: string) => boolean
  /** Root of the stage's own file system, and of those that it copies from. */
  readonly root: string
  readonly roots: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string>>
}

function copyFromContext (sources: readonly string[], { context, mayCopy, target, intoFolder }: { readonly context: string, readonly mayCopy: BuildOptions['mayCopy'], readonly target: string, readonly intoFolder: boolean }): void {
  for (const source of sources) {
    const from = join(context, source)
    const isFolder = statSync(from).isDirectory()
    const files = isFolder ? globSync('**/*', { cwd: from }).filter(file => statSync(join(from, file)).isFile()) : ['']
    const copied = files.filter(file => mayCopy(posix.join(source.replace(/^\.\//, ''), file).replace(/\/$/, '')))
    if (copied.length === 0) throw new Error(`COPY ${source}: .dockerignore leaves nothing of it`)
    for (const file of copied) {
      const to = isFolder ? join(target, file) : intoFolder ? join(target, basename(source)) : target
      mkdirSync(dirname(to), { recursive: true })
      cpSync(join(from, file), to)
    }
  }
}

/** Does the stage's COPY, WORKDIR and shell-form RUN. Throws with what a step wrote when one fails. */
export function buildStage (stage: Stage, { context, mayCopy, root, roots, env }: BuildOptions): void {
  let workdir = '/'
  const place = (path: string) => join(root, isAbsolute(path) ? path : join(workdir, path))
  for (const { name, text } of stage.instructions) {
    if (name === 'WORKDIR') {
      workdir = text
      mkdirSync(place('.'), { recursive: true })
    } else if (name === 'COPY') {
      const words = text.split(/\s+/)
      const from = words[0]?.startsWith('--from=') === true ? words.shift()?.slice('--from='.length) : undefined
      const target = words.pop() ?? ''
      if (from === undefined) copyFromContext(words, { context, mayCopy, target: place(target), intoFolder: target.endsWith('/') })
      else for (const word of words) cpSync(join(roots.get(from) ?? '', word), place(target), { recursive: true })
    } else if (name === 'RUN') {
      execFileSync('/bin/sh', ['-c', text], { cwd: place('.'), env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 })
    }
  }
}

export function readText (context: string, file: string): string {
  if (!existsSync(join(context, file))) throw new Error(`${file} is missing`)
  return readFileSync(join(context, file), 'utf8')
}
