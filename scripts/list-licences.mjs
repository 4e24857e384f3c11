// Prints what packages are installed beside it, each with its version and licence, as a table for the image. It fails when one states no licence.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of packages below a node_modules, nested ones too. */
function findPackages (modules) {
  if (!existsSync(modules)) return []
  const names = readdirSync(modules).filter(name => !name.startsWith('.'))
    .flatMap(name => name.startsWith('@') ? readdirSync(join(modules, name)).map(inner => join(name, inner)) : [name])
  return names.map(name => join(modules, name)).flatMap(folder => [folder, ...findPackages(join(folder, 'node_modules'))]).filter(folder => existsSync(join(folder, 'package.json')))
}

function readLicence ({ license, licenses }) {
  if (typeof license === 'string') return license
  if (typeof license?.type === 'string') return license.type
  return Array.isArray(licenses) ? licenses.map(one => one.type).join(' OR ') : undefined
}

const rows = findPackages('node_modules').map(folder => {
  const { name, version, ...rest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { name, version, licence: readLicence(rest) }
}).sort((one, other) => `${one.name}@${one.version}` < `${other.name}@${other.version}` ? -1 : 1)

const silent = rows.filter(({ licence }) => licence === undefined)
if (rows.length === 0) process.stderr.write('No packages are installed here: run it in the folder that has node_modules.\n')
if (silent.length > 0) process.stderr.write(`No licence is stated by ${silent.map(({ name, version }) => `${name}@${version}`).join(', ')}: ask their authors, or leave them out.\n`)
process.exitCode = rows.length === 0 || silent.length > 0 ? 1 : 0
process.stdout.write([...new Set(rows.map(({ name, version, licence }) => `${name}\t${version}\t${licence}\n`))].join(''))
