// A crash can leave the last line at any byte. It is recognised and cut; what was whole stays; what was acknowledged is never cut.
import t from 'tap'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDisk } from '../../src/audit/disk.ts'
import { deriveAuditKeys } from '../../src/audit/keys.ts'
import { recoverSpool } from '../../src/audit/recover.ts'
import { admitted, createDirectory, gateway, openTrail } from '../support/audit.ts'
import { readEntries, readTrail } from '../support/trail.ts'

const segments = (directory: string) => readdirSync(directory).filter(name => name.endsWith('.audit')).sort()

/** A directory as a crash leaves it: the segment of one epoch, without an orderly end, cut or changed as asked. */
async function crashed (t: { teardown: (action: () => unknown) => void }, count: number) {
  const { trail, directory, config } = await openTrail(t)
  for (let n = 0; n < count; n++) await trail.record(admitted(`n${n}`))
  const name = segments(directory)[0] as string
  const bytes = readFileSync(join(directory, name))
  const writer = readFileSync(join(directory, 'writer'))
  return {
    config,
    bytes,
    /** A fresh directory with this as its only segment. */
    leave (content: Uint8Array) {
      const place = createDirectory()
      t.teardown(place.remove)
      writeFileSync(join(place.directory, 'writer'), writer)
      writeFileSync(join(place.directory, name), content)
      return place.directory
    },
  }
}

t.test('cut at every byte of the last two lines: what was whole stays to the byte, the rest is cut', async t => {
  const { config, bytes, leave } = await crashed(t, 3)
  const text = bytes.toString('latin1')
  const lastTwo = text.length - text.lastIndexOf('\n', text.lastIndexOf('\n', text.length - 2) - 1)
  const directory = leave(bytes)
  const path = join(directory, segments(directory)[0] as string)
  const keys = deriveAuditKeys(config.key, gateway)
  const wrong: number[] = []
  for (let cut = bytes.length; cut >= bytes.length - lastTwo; cut--) {
    writeFileSync(path, bytes.subarray(0, cut))
    const { previous, tornBytes, damage } = await recoverSpool({ disk: createDisk(), directory, gateway, keys, writer: undefined })
    // A record that lacks nothing but its line break is whole: it stays.
    const whole = text.slice(0, text.slice(0, cut + 1).lastIndexOf('\n') + 1)
    const isRight = readFileSync(path, 'latin1') === whole && previous?.seq === whole.split('\n').length - 2 && tornBytes === Math.max(0, cut - whole.length) && damage === undefined
    if (!isRight) wrong.push(cut)
  }
  t.same(wrong, [])
})

t.test('cut at many places: the next start goes on behind what was whole, and a reader finds nothing wrong', async t => {
  const { config, bytes, leave } = await crashed(t, 3)
  for (let cut = bytes.length; cut >= bytes.length - 2400; cut -= 101) {
    const directory = leave(bytes.subarray(0, cut))
    const { trail } = await openTrail(t, { directory, config })
    await trail.close()
    const whole = bytes.subarray(0, cut + 1).toString('latin1').split('\n').length - 1
    const events = await readTrail(directory, config.key)
    t.same(events.filter(event => event.kind === 'request.admitted').map(event => event.id), Array.from({ length: whole - 2 }, (_, n) => `n${n}`), `cut at ${cut}`)
  }
})

t.test('cut at every byte of the header: nothing was ever acknowledged there, the remains are kept aside', async t => {
  const { config, bytes, leave } = await crashed(t, 1)
  const header = bytes.indexOf('\n') + 1
  for (let cut = 0; cut < header - 2; cut += 7) {
    const directory = leave(bytes.subarray(0, cut))
    const { trail } = await openTrail(t, { directory, config })
    await trail.record(admitted('after'))
    t.same((await readTrail(directory, config.key)).map(event => event.kind), ['gateway.started', 'request.admitted'], `cut at ${cut}`)
    t.equal(readdirSync(directory).filter(name => name.endsWith('.torn')).length, 1)
    await trail.close()
  }
})

t.test('how much was cut is on record', async t => {
  const { config, bytes, leave } = await crashed(t, 2)
  const directory = leave(bytes.subarray(0, bytes.length - 100))
  await openTrail(t, { directory, config })
  const started = (await readTrail(directory, config.key)).at(-2)
  t.equal(started?.kind, 'gateway.started')
  t.ok(Number(started?.facts?.['tornBytes']) > 500)
})

t.test('pages of zeros behind the last line, as a lost power leaves them, are cut', async t => {
  const { config, bytes, leave } = await crashed(t, 2)
  const directory = leave(Buffer.concat([bytes, Buffer.alloc(4096)]))
  await openTrail(t, { directory, config })
  t.same((await readTrail(directory, config.key)).filter(event => event.kind === 'request.admitted').map(event => event.id), ['n0', 'n1'])
})

for (const [name, change] of [
  ['a changed byte in the last record', (text: string) => text.replace(/.{20}\n$/, match => `${match.startsWith('A') ? 'B' : 'A'}${match.slice(1)}`)],
  ['a changed byte in the middle', (text: string) => text.replace('"n":2,', '"n":3,')],
  ['the line breaks taken out', (text: string) => text.replaceAll('\n', ' ')],
  ['the line breaks after the header taken out', (text: string) => { const at = text.indexOf('\n') + 1; return text.slice(0, at) + text.slice(at).replaceAll('\n', '') }],
  ['a changed header', (text: string) => text.replace('"first":1', '"first":2')],
] as const) {
  t.test(`${name} is not a torn tail: nothing is cut, the damage is on record, and recording goes on`, async t => {
    const { config, bytes, leave } = await crashed(t, 3)
    const content = change(bytes.toString('latin1'))
    t.not(content, bytes.toString('latin1'))
    const directory = leave(Buffer.from(content, 'latin1'))
    const { trail, log } = await openTrail(t, { directory, config })
    await trail.record(admitted('after'))
    await trail.flush({ timeoutMs: 5000, ship: false })
    const [first] = readdirSync(directory).filter(file => /\.audit(\.torn)?$/.test(file)).sort()
    t.equal(readFileSync(join(directory, first ?? ''), 'latin1'), content)
    const entries = await readEntries(directory, config.key)
    t.ok(entries.some(entry => entry.problems.length > 0), 'a reader sees it')
    t.ok(entries.some(entry => entry.event?.kind === 'gateway.gap' && entry.event.facts?.['cause'] === 'damaged'))
    t.ok(entries.some(entry => entry.event?.id === 'after' && entry.problems.length === 0))
    t.ok(log.lines.some(line => line['msg'] === 'audit.spoolDamaged'))
  })
}

t.test('a crash while a removed segment was being put back: the copy takes its place', async t => {
  const { config, bytes, leave } = await crashed(t, 2)
  const directory = leave(bytes)
  const name = segments(directory)[0] as string
  mkdirSync(join(directory, 'aside'))
  copyFileSync(join(directory, name), join(directory, `${name}.restoring`))
  copyFileSync(join(directory, name), join(directory, 'aside', name))
  const { rmSync } = await import('node:fs')
  rmSync(join(directory, name))
  await openTrail(t, { directory, config })
  t.same((await readTrail(directory, config.key)).filter(event => event.kind === 'request.admitted').map(event => event.id), ['n0', 'n1'])
})
