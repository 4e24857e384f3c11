// Legal holds and shredding from the command line: on record with their reasons, refused with a sentence, and verified afterwards.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { baseYaml } from '../config/workspace.ts'
import { readEntries } from '../support/trail.ts'
import { createRetentionPlace, filesOf, reason } from './retention-place.ts'

t.test('audit hold, holds, release', async t => {
  const place = await createRetentionPlace(t)
  t.match(await place.run('audit', 'holds'), { code: 0, out: 'No hold is in force.\n' })
  t.match(await place.run('audit', 'hold', 'Matter 14', ...reason), { code: 2, err: /^Matter 14 is no name for a hold: write lower-case letters/ })
  t.match(await place.run('audit', 'hold', 'matter-14'), { code: 2, err: /^Please say why/ })
  t.match(await place.run('audit', 'hold', 'matter-14', '--from', '2026-11-20', '--to', '2026-11-20', ...reason), {
    code: 0, out: 'matter-14: everything from 2026-11-20T00:00:00.000Z to 2026-11-21T00:00:00.000Z is held. It stands until: sallyport audit release matter-14\n',
  })
  t.match(await place.run('audit', 'hold', 'matter-14', ...reason), { code: 1, err: /^There is or was a hold matter-14, and a name is used once\. Choose another: matter-14-2\.$/m })
  t.match(await place.run('audit', 'holds'), { code: 0, out: /^matter-14: everything from .* is held\. yearly clearing \(\S+, 2026-\S+Z\)\n$/ })
  t.match(await place.run('audit', 'release', 'matter-15', ...reason), { code: 1, err: /There is no hold matter-15 in force/ })
  t.match(await place.run('audit', 'release', 'matter-14', ...reason), { code: 0, out: 'The hold matter-14 has ended.\n' })
  t.match(await place.run('audit', 'holds'), { out: 'No hold is in force.\n' })
  t.match((await place.operations()).map(facts => `${facts?.['operation']} ${facts?.['step']}`), [
    'audit.hold asked', 'audit.hold done', 'audit.hold asked', 'audit.hold failed', 'audit.release asked', 'audit.release failed', 'audit.release asked', 'audit.release done',
  ])
})

t.test('audit shred: in every place, on record, and no question shows it again', async t => {
  const place = await createRetentionPlace(t)
  await place.run('audit', 'archive', ...reason)
  const query = async () => (await place.run('audit', 'query', '--patient', '4711', ...reason)).out.trimEnd().split('\n').map(line => JSON.parse(line) as { readonly id: string, readonly writer: string, readonly epoch: number, readonly seq: number })
  const target = (await query())[0] as Awaited<ReturnType<typeof query>>[number]
  const shred = (...args: string[]) => place.run('audit', 'shred', ...args, ...reason)
  const named = ['--writer', target.writer, '--epoch', String(target.epoch), '--seq', String(target.seq)]
  t.match(await shred(), { code: 2, err: /^audit shred needs --writer, --epoch and --seq: sallyport audit query prints the three/ })
  t.match(await shred(...named.slice(0, 4), '--seq', 'three'), { code: 2, err: /^--seq is a number from 1/ })
  t.match(await shred(...named.slice(0, 4), '--seq', '9999'), { code: 1, err: /^No place has record 9999 of writer/ })
  // Asked for and not possible would stand on record as an excuse for whoever empties it by hand.
  const last = (await readEntries(place.workspace.path('data/audit'), place.config.audit.key)).at(-1)
  const shreddings = async () => (await place.operations()).filter(facts => facts?.['operation'] === 'audit.shred').length
  const before = await shreddings()
  t.match(await shred('--writer', target.writer, '--epoch', String(last?.epoch), '--seq', String(last?.seq)), { code: 1, err: /stands in the file that the gateway is writing/ })
  t.equal(await shreddings(), before)
  await place.run('audit', 'hold', 'matter-14', ...reason)
  t.match(await shred(...named), { code: 1, err: /^The hold matter-14 may concern this record \(yearly clearing\), so nothing was done\. End it first/ })
  await place.run('audit', 'release', 'matter-14', ...reason)
  t.match(await shred(...named), { code: 0, out: /^The record is shredded in: the gateway's spool, the archive\. If it told of an access, no question.* What was exported/ })
  t.notOk((await query()).some(({ seq, epoch, writer }) => seq === target.seq && epoch === target.epoch && writer === target.writer))
  const verified = await place.run('audit', 'verify', '--deep', ...reason)
  t.equal(verified.code, 0, verified.out)
  t.match(verified.out, /1 record was shredded by an operation on record/)
  t.match(await shred(...named), { code: 0, out: "Its content was gone already: the gateway's spool, the archive. That it was asked for again is on record.\n" })
  t.match((await place.operations()).at(-1), { operation: 'audit.shred', step: 'done', repeated: true })
  t.equal((await place.operations()).filter(facts => facts?.['operation'] === 'audit.shred' && facts['step'] === 'failed').length, 0, 'what cannot be done is not asked for')
})

t.test('a hold whose file was removed from the archive is missed, and still holds', async t => {
  const place = await createRetentionPlace(t)
  await place.run('audit', 'archive', ...reason)
  await place.run('audit', 'hold', 'matter-14', ...reason)
  await place.run('audit', 'hold', 'matter-15', ...reason)
  await place.run('audit', 'release', 'matter-15', ...reason)
  const found = (await place.run('audit', 'query', '--person', 'nurse-1', ...reason)).out.split('\n')[0] as string
  const { writer, epoch, seq } = JSON.parse(found) as { readonly writer: string, readonly epoch: number, readonly seq: number }
  const shred = () => place.run('audit', 'shred', '--writer', writer, '--epoch', String(epoch), '--seq', String(seq), ...reason)
  t.equal((await place.run('audit', 'verify', ...reason)).code, 0)
  const holds = place.workspace.path('archive')
  const names = readdirSync(holds, { recursive: true, encoding: 'utf8' }).filter(name => name.includes('/holds/'))
  t.ok(names.length >= 3)
  for (const name of names) rmSync(`${holds}/${name}`, { recursive: true })
  const verified = await place.run('audit', 'verify', ...reason)
  t.equal(verified.code, 2, verified.out)
  t.match(verified.out, /the archive: the legal hold matter-14, which \S+ set on \S+, is not there any more, and no operation on record ended it/)
  t.notMatch(verified.out, /matter-15/)
  t.match(await shred(), { code: 1, err: /^The hold matter-14 may concern this record/ })
  // Nor does it help to take the archive out of the configuration.
  place.workspace.write('gateway.yaml', baseYaml.replaceAll('\r', ''))
  t.match(await shred(), { code: 1, err: /^The hold matter-14 may concern this record/ })
})

t.test('a damaged record may have set a hold: nothing is removed, unless somebody takes that upon them', async t => {
  const place = await createRetentionPlace(t, ', keepElsewhereDays: 0')
  await place.run('audit', 'archive', ...reason)
  await place.run('audit', 'hold', 'matter-14', ...reason)
  const found = (await place.run('audit', 'query', '--person', 'nurse-1', ...reason)).out.split('\n')[0] as string
  const { writer, epoch, seq } = JSON.parse(found) as { readonly writer: string, readonly epoch: number, readonly seq: number }
  const shred = (...more: string[]) => place.run('audit', 'shred', '--writer', writer, '--epoch', String(epoch), '--seq', String(seq), ...more, ...reason)
  for (const name of readdirSync(place.workspace.path('archive'), { recursive: true, encoding: 'utf8' }).filter(one => one.includes('/holds/'))) rmSync(place.workspace.path(`archive/${name}`), { recursive: true })
  const directory = 'data/audit-cli'
  const file = place.workspace.path(`${directory}/${filesOf(place, directory).sort()[0]}`)
  writeFileSync(file, readFileSync(file, 'latin1').replace(/"seal":"(.)/, (_all, first: string) => `"seal":"${first === 'A' ? 'B' : 'A'}`), 'latin1')
  const files = filesOf(place, 'data/audit').length
  const refused = /^The trail is damaged or not all there, so a legal hold may be on record that cannot be read, and nothing was removed\. .*: writer \S+, epoch \d+, record \d+: \w+.*--despite-damage\.$/m
  t.match(await shred(), { code: 1, err: refused })
  t.match(await place.run('audit', 'prune', ...reason), { code: 1, err: refused })
  t.equal(filesOf(place, 'data/audit').length, files)
  t.equal((await place.run('audit', 'query', '--person', 'nurse-1', ...reason)).out.split('\n')[0], found)
  t.equal((await place.run('audit', 'prune', '--despite-damage', ...reason)).code, 0)
  t.ok(filesOf(place, 'data/audit').length < files)
  const facts = (await readEntries(place.workspace.path(directory), place.config.audit.key)).map(({ event }) => event?.facts)
  t.match(facts.filter(fact => fact?.['despiteDamage'] === true).map(fact => fact?.['step']), ['asked', 'done'])
})
