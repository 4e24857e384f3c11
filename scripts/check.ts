// `npm run check`: types, lint, boundaries and generated files. All of them run, one line each, and what was found below it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const root = join(import.meta.dirname, '..')
const tool = (name: string) => join(root, 'node_modules', '.bin', name)

interface Check { readonly name: string, readonly command: string, readonly args: readonly string[] }

const checks: readonly Check[] = [
  { name: 'types', command: tool('tsc'), args: ['-p', '.', '--pretty', 'false'] },
  { name: 'lint', command: tool('eslint'), args: ['.'] },
  { name: 'generated files', command: process.execPath, args: ['scripts/generate.ts', '--check'] },
  ...globSync('test/architecture/*.test.ts', { cwd: root, exclude: ['**/generated-files.test.ts'] }).sort().map(file => ({
    name: (file.split('/').at(-1) ?? file).replace('.test.ts', '').replaceAll('-', ' '), command: process.execPath, args: [file],
  })),
]

/** What a check printed, without the lines that say that all is well. */
function condense (printed: string): string {
  return printed.split('\n').filter(line => line.trim() !== '' && !/^ *(?:ok\b|# |1\.\.\d|TAP version)/.test(line)).slice(0, 200).map(line => `    ${line}`).join('\n')
}

async function run (check: Check): Promise<boolean> {
  const child = spawn(check.command, check.args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>])
  process.stdout.write(code === 0 ? `ok   ${check.name}\n` : `FAIL ${check.name}\n${condense(out)}\n${condense(err)}\n`)
  return code === 0
}

let broken = 0
for (const check of checks) broken += await run(check) ? 0 : 1
process.stdout.write(broken === 0 ? `\nAll ${checks.length} checks are fine.\n` : `\n${broken} of ${checks.length} checks found something.\n`)
process.exitCode = broken === 0 ? 0 : 1
