// The tables of refusals and failures: complete, plain, and no code is used that is in none.
import t from 'tap'
import { readReasons } from '../../scripts/generate/reasons.ts'
import { readSources, root } from './sources.ts'

const rooms = await readReasons(root)
const entries = rooms.flatMap(({ file, table }) => Object.entries(table).map(([code, reason]) => ({ file, code, reason })))
const codes = new Set(entries.map(entry => entry.code))

t.test('every room that refuses has a table', async t => {
  t.ok(rooms.length > 0)
  const users = readSources('src').filter(source => !source.file.startsWith('src/shared/') && /\bdefineReasons\b/.test(source.text)).map(source => source.file)
  t.same(users.filter(file => !file.endsWith('/reasons.ts')), [], 'tables stand in reasons.ts')
})

t.test('a code stands in one table and begins with its room', async t => {
  t.equal(codes.size, entries.length, 'no code stands in two tables')
  const foreign = entries.filter(({ file, code }) => {
    const folder = file.split('/').at(-2) ?? ''
    const room = folder.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return !new RegExp(`^${room}\\.[a-z][A-Za-z0-9]*$`).test(code) && !file.startsWith('src/inbound/reasons.ts')
  })
  t.same(foreign.map(({ file, code }) => `${file} has ${code}`), [])
})

t.test('every reason says to the person what to do, and to the operator what it means', async t => {
  const poor = entries.filter(({ reason }) =>
    !(reason.status >= 400 && reason.status < 600) || !/^[A-Z].{15,}[.?]$/.test(reason.publicText) || !/^\S.{15,}[.?]$/.test(reason.operatorText))
  t.same(poor.map(({ file, code }) => `${file}: ${code}`), [])
})

t.test('every code in the sources is in a table', async t => {
  const rooms = new Set([...codes].map(code => code.split('.')[0]))
  const unknown = readSources('src').flatMap(source => [...source.text.matchAll(/(?:\bdeny|\bfail)\(\s*'([a-zA-Z]+\.[a-zA-Z0-9]+)'/g)].flatMap(match => {
    const code = match[1] as string
    return codes.has(code) ? [] : [`${source.file} uses ${code}`]
  }))
  t.same(unknown, [])
  t.ok(rooms.size > 0)
})
