// Who may import whom (architecture, section 4). Each message names the file, the import and the rule.
import t from 'tap'
import { readSources, type Import, type Source } from './sources.ts'

const sources = readSources('src')
const files = new Set(sources.map(source => source.file))

/** `src/inbound/session/store.ts` is in the room `src/inbound/session`; files between rooms are in none. */
function roomOf (file: string): string | undefined {
  const nested = /^(src\/(?:inbound|outbound)\/[^/]+)\/.+/.exec(file) ?? /^(src\/(?:phi|audit|operations|cli|console|config|shared|health))\/.+/.exec(file)
  return nested?.[1]
}

/** `start.ts`: the part of a large door that the gateway's start needs. */
const isPublicOf = (room: string, file: string) => [`${room.split('/').at(-1)}.ts`, 'config.ts', 'start.ts'].some(name => file === `${room}/${name}`)

/** Folders in which every file stands for itself. */
const open = new Set(['src/shared', 'src/operations'])

type Breach = (source: Source, target: string, imported: Import) => boolean

function findBreaches (breaks: Breach): readonly string[] {
  return sources.flatMap(source => source.imports.flatMap(imported =>
    imported.target !== undefined && breaks(source, imported.target, imported) ? [`${source.file}:${imported.line} imports ${imported.target}`] : []))
}

function findPackages (names: RegExp, mayImport: (file: string) => boolean): readonly string[] {
  return sources.flatMap(source => source.imports.flatMap(imported =>
    names.test(imported.specifier) && !mayImport(source.file) ? [`${source.file}:${imported.line} imports ${imported.specifier}`] : []))
}

const within = (file: string, folder: string) => file.startsWith(`${folder}/`)

t.test("Node's http module is imported in one place: as an ECMAScript import it loads a second undici", async t => {
  const imports = sources.flatMap(source => source.imports.filter(({ specifier, isTypeOnly }) => /^(?:node:)?http$/.test(specifier) && !isTypeOnly).map(({ line }) => `${source.file}:${line}`))
  t.same(imports, [])
})

t.test('every import is of a file that exists, written with its ending', async t => {
  t.same(findBreaches((_source, target) => !files.has(target) && target !== 'package.json'), [])
})

t.test('shared imports nothing of ours', async t => {
  t.same(findBreaches((source, target) => within(source.file, 'src/shared') && !within(target, 'src/shared')), [])
})

t.test('inbound and outbound never import each other', async t => {
  t.same(findBreaches((source, target) =>
    (within(source.file, 'src/inbound') && within(target, 'src/outbound')) || (within(source.file, 'src/outbound') && within(target, 'src/inbound'))), [])
})

t.test('a room never imports its sibling', async t => {
  t.same(findBreaches((source, target) => {
    const from = roomOf(source.file)
    const to = roomOf(target)
    return from !== undefined && to !== undefined && from !== to && /^src\/(?:inbound|outbound)\//.test(from) && /^src\/(?:inbound|outbound)\//.test(to)
  }), [])
})

t.test('outside a room only its door and its config.ts are imported', async t => {
  t.same(findBreaches((source, target) => {
    const to = roomOf(target)
    if (to === undefined || open.has(to) || roomOf(source.file) === to) return false
    // The type of the whole configuration has a file of its own beside the loader.
    return !isPublicOf(to, target) && target !== 'src/config/gateway-config.ts'
  }), [])
})

t.test('audit and phi import shared only', async t => {
  const closed = ['src/audit', 'src/phi']
  t.same(findBreaches((source, target) => closed.some(folder => within(source.file, folder) && !within(target, folder) && !within(target, 'src/shared'))), [])
})

t.test('cli and console reach rooms only through operations', async t => {
  t.same(findBreaches((source, target) => {
    const face = ['src/cli', 'src/console'].find(folder => within(source.file, folder))
    return face !== undefined && !within(target, face) && !within(target, 'src/operations') && !within(target, 'src/shared') && target !== 'src/main.ts'
  }), [])
})

t.test('nothing imports the cli or the console', async t => {
  t.same(findBreaches((source, target) => ['src/cli', 'src/console'].some(face => within(target, face) && !within(source.file, face))), [])
})

t.test('rooms are built in gateway.ts, and in operations for a process of their own', async t => {
  const builder = /\bcreate\w*(?:Room|Trail|Listener)\b/
  const breaches = sources.filter(source => source.file !== 'src/gateway.ts' && !within(source.file, 'src/operations')).flatMap(source =>
    source.text.split('\n').flatMap((line, index) => {
      const imported = /^import .*\{(.*)\} from '(\..*)'/.exec(line)
      const isForeign = imported !== null && imported[2]?.startsWith('../') === true
      return isForeign && builder.test(imported[1] ?? '') ? [`${source.file}:${index + 1} ${line.trim()}`] : []
    }))
  t.same(breaches, [])
})

t.test('fastify stands only in listeners, plugins, routes and the console', async t => {
  const places = /(?:^|\/)(?:listener|plugin|routes|[a-z-]*-routes|[a-z-]*-listener|[a-z-]*-plugin)\.ts$/
  const breaches = sources.flatMap(source => source.imports.flatMap(imported =>
    /^(?:@fastify\/|fastify)/.test(imported.specifier) && !imported.isTypeOnly && !places.test(source.file) && !within(source.file, 'src/console') && !within(source.file, 'src/health')
      ? [`${source.file}:${imported.line} imports ${imported.specifier}`]
      : []))
  t.same(breaches, [])
})

t.test('each library that must be kept at arm\'s length has one import place', async t => {
  t.same(findPackages(/^ioredis/, file => file === 'src/shared/redis.ts'), [])
  t.same(findPackages(/^undici/, file => file === 'src/shared/undici.ts'), [])
  for (const [name, room] of [[/node-saml/, 'src/inbound/saml'], [/^ipaddr/, 'src/inbound/client-ip']] as const) {
    const places = sources.filter(source => source.imports.some(imported => name.test(imported.specifier) && !imported.isTypeOnly)).map(source => source.file)
    t.ok(places.length <= 1 && places.every(file => within(file, room)), `${name.source} is imported in ${places.join(', ')}; one file of ${room} may`)
  }
})

t.test('there are no cycles', async t => {
  const graph = new Map(sources.map(source => [source.file, source.imports.filter(imported => !imported.isTypeOnly).flatMap(imported => imported.target ?? [])]))
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) {
      cycles.push([...way.slice(way.indexOf(file)), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) walk(next, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) walk(file, [])
  t.same(cycles, [])
})
