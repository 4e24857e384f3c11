// What must hold for the repository as a whole: links lead somewhere, nothing names a machine or a registry, nothing is unfinished.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { listFiles, read, root } from './sources.ts'

const files = listFiles()
const isText = (file: string) => !/\.(?:png|jpe?g|gif|ico|woff2?|wav|mp3|pdf|zip|gz)$/.test(file)
const texts = files.filter(isText).map(file => ({ file, text: read(file) }))
const written = texts.filter(({ file }) => file !== 'package-lock.json')
const own = 'test/architecture/repository.test.ts'

function findWords (word: RegExp, mayHave: (file: string) => boolean): readonly string[] {
  return written.filter(({ file }) => file !== own && !mayHave(file)).flatMap(({ file, text }) => text.split('\n').flatMap((line, index) => {
    const match = word.exec(line)
    return match === null ? [] : [`${file}:${index + 1} has ${match[0]}`]
  }))
}

/** The anchor that a heading gets. */
function anchorOf (heading: string): string {
  return heading.toLowerCase().replace(/[`*]/g, '').replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
}

function withoutCode (text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
}

t.test('links in documents lead somewhere', async t => {
  const broken = texts.filter(({ file }) => file.endsWith('.md')).flatMap(({ file, text }) => [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(match => {
    const link = match[1] as string
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : join(dirname(file), decodeURIComponent(path))
    if (!existsSync(join(root, target))) return [`${file} links to ${link}, which does not exist`]
    if (anchor === undefined || !target.endsWith('.md')) return []
    const anchors = read(target).split('\n').filter(line => /^#{1,6} /.test(line)).map(line => anchorOf(line.replace(/^#+ /, '')))
    return anchors.includes(anchor) ? [] : [`${file} links to ${link}, which has no such heading`]
  }))
  t.same(broken, [])
})

t.test('nothing names a place on a machine', async t => {
  const place = /(?:^|[\s'"`(=])(?:\/(?:home|Users|root|work|mnt)\/[\w.-]+|[A-Z]:\\\\?Users)/
  t.same(findWords(place, () => false), [])
})

t.test('nothing names a registry', async t => {
  t.same(findWords(/\bregistry\.(?:[a-z0-9-]+\.)+[a-z]{2,}\b|\bregistry\.(?:npmjs|yarnpkg)\b|\bnpm\.pkg\.|_authToken|\bverdaccio\b|\bartifactory\b/i, () => false), [])
})

t.test('the lock file names no registry', async t => {
  const lock = read('package-lock.json')
  t.notOk(lock.includes('"resolved"'), 'package-lock.json has "resolved": keep omit-lockfile-registry-resolved=true in .npmrc and write it anew')
  t.ok(lock.includes('"integrity"'), 'every package has its digest')
})

t.test('what package.json asks for has one exact version', async t => {
  const wanted = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>
  const loose = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap(kind => Object.entries(wanted[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)))
  t.same(loose, [])
})

/** TAP has a directive of that name, which these read or refuse. */
const aboutTap = new Set(['scripts/tap-report.ts', 'scripts/test.ts', 'test/scripts/tap-report.test.ts', 'test/architecture/style.test.ts'])

t.test('nothing is left for later', async t => {
  t.same(findWords(/\b(?:TODO|FIXME|XXX|HACK|WIP|TBD)\b|\b(?:not implemented|not yet implemented|coming soon|lorem ipsum)\b|\bplaceholder for\b/i, file => aboutTap.has(file)), [])
})

t.test('no key and no certificate lies here', async t => {
  const pem = /^-----BEGIN (?:[A-Z ]+ )?(?:PRIVATE KEY|CERTIFICATE)-----\s*$/
  t.same(findWords(pem, () => false), [])
})

t.test('example people and places are invented', async t => {
  const address = /\b[\w.+-]+@(?!(?:[\w-]+\.)*(?:example|test|invalid|localhost)\b)[\w-]+\.(?:com|net|org|io|de|at|ch)\b/i
  t.same(findWords(address, file => /^(?:SECURITY|CONTRIBUTING)\.md$/.test(file)), [])
})

t.test('the words of the project are used', async t => {
  const other = /\b(?:white-?list|black-?list|anonymi[sz]e|saniti[sz]e)\w*/i
  t.same(findWords(other, file => file === 'docs/vocabulary.md'), [])
})
