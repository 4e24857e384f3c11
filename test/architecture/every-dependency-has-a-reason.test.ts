// docs/decisions/dependencies.md and package.json name the same packages.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..', '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
const page = readFileSync(join(root, 'docs/decisions/dependencies.md'), 'utf8')
const [present = '', refused = ''] = page.split('## Not taken')
const firstCells = (text: string) => text.split('\n').filter(line => line.startsWith('| `')).flatMap(line => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(match => match[1] ?? ''))
const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies), ...Object.keys(manifest.optionalDependencies)]

t.test('every package has a row, and every row a package', async t => {
  t.same(firstCells(present).sort(), installed.sort())
})

t.test('versions are exact', async t => {
  for (const group of [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]) {
    for (const [name, version] of Object.entries(group)) t.match(version, /^\d+\.\d+\.\d+$/, name)
  }
})

t.test('what was refused is not installed', async t => {
  const names = firstCells(refused).filter(name => name !== '@fastify/http-proxy')
  t.ok(names.length > 0)
  t.same(names.filter(name => installed.includes(name)), [])
})
