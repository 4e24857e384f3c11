// Style that a machine can hold: sizes, names, exports, time, environment (architecture, sections 4 and 10).
import { basename } from 'node:path'
import t from 'tap'
import { codeOf, readSources, type Source } from './sources.ts'

const sources = readSources('src')
const all = [...sources, ...readSources('test'), ...readSources('scripts'), ...readSources('bench')]

const countLines = (source: Source) => source.text.trimEnd().split('\n').length

/** `file:line` of every match in the code, comments and texts left out. */
function findInCode (among: readonly Source[], word: RegExp, mayHave: (file: string) => boolean): readonly string[] {
  return among.filter(source => !mayHave(source.file)).flatMap(source => codeOf(source).split('\n').flatMap((line, index) => {
    const match = word.exec(line)
    return match === null ? [] : [`${source.file}:${index + 1} has ${match[0]}`]
  }))
}

t.test('no file is long', async t => {
  t.same(sources.filter(source => countLines(source) > 300).map(source => `${source.file} has ${countLines(source)} lines, 300 are the most`), [])
  t.same(all.filter(source => source.file.startsWith('test/') && countLines(source) > 400).map(source => `${source.file} has ${countLines(source)} lines, 400 are the most`), [])
})

t.test('half of the files have at most 90 lines', async t => {
  const sizes = sources.map(countLines).sort((left, right) => left - right)
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0
  t.ok(median <= 90, `the median is ${median}`)
})

t.test('a file says what it decides before its first import', async t => {
  t.same(sources.filter(source => !/^(?:#!.*\n)?(?:\/\/ |\/\*\*)/.test(source.text)).map(source => `${source.file} does not begin with a comment`), [])
})

t.test('files have names that say what is in them', async t => {
  const vague = /^(?:index|utils?|types?|helpers?|common|misc)\.ts$/
  t.same(all.filter(source => vague.test(basename(source.file))).map(source => source.file), [])
  t.same(all.filter(source => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d)?\.(?:ts|mjs|js)$/.test(basename(source.file))).map(source => `${source.file} is not kebab-case`), [])
})

t.test('exports have names', async t => {
  // A declaration file says what a package exports, whatever we think of it.
  t.same(findInCode(sources, /\bexport default\b/, file => file.endsWith('.d.ts')), [])
})

t.test('nothing that needs more than removing types', async t => {
  t.same(findInCode(sources, /^\s*(?:export )?(?:const )?enum \w|^\s*(?:export )?(?:declare )?namespace \w|^\s*@\w+/, () => false), [])
})

t.test('time comes from shared/clock.ts only', async t => {
  const time = /\bDate\.now\b|\bset(?:Timeout|Interval)\s*\(|\bnew Date\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b|\bDate\(\)/
  // The idle script runs in a browser: its clock is the person's.
  t.same(findInCode(sources, time, file => file === 'src/shared/clock.ts' || file === 'src/inbound/idle/idle-script.js'), [])
  const timers = sources.flatMap(source => source.imports.filter(imported => /^(?:node:)?timers/.test(imported.specifier)).map(imported => `${source.file}:${imported.line} imports ${imported.specifier}`))
  t.same(timers.filter(place => !place.startsWith('src/shared/clock.ts')), [])
})

t.test('the environment is read in config/ only', async t => {
  t.same(findInCode(sources, /\bprocess\.env\b/, file => file.startsWith('src/config/')), [])
  t.same(findInCode(sources, /\benv\b.*\bfrom\s+$/, file => file.startsWith('src/config/')), [])
})

t.test('the terminal belongs to the command line', async t => {
  t.same(findInCode(sources, /\bconsole\.\w+|\bprocess\.stdout\b/, file => file.startsWith('src/cli/')), [])
})

t.test('no test is skipped, left for later or the only one', async t => {
  const tests = all.filter(source => source.file.startsWith('test/'))
  t.same(findInCode(tests, /\.(?:skip|only|todo)\s*\(|\b(?:skip|todo|only)\s*:/, () => false), [])
})

t.test('tests wait for conditions and do not sleep', async t => {
  const tests = all.filter(source => source.file.endsWith('.test.ts'))
  // A loop that looks again after a few milliseconds is a wait for its condition; a tenth of a second is a guess.
  t.same(findInCode(tests, /\bsetTimeout\(\s*(?:resolve|done)\s*,\s*\d{3,}|\b(?:setTimeout|sleep|delay|wait)\(\s*\d{3,}\s*\)/, () => false), [])
})
