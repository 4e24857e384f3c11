// A thousand random edits of the streams in Redis, alone and beside the spool: none is called intact, and what was done is named.
import t from 'tap'
import type { DamageClass } from '../../../src/audit/audit.ts'
import { admitted, completed, connectClient, type Entry, listStreams, readStream, writeStream } from '../../support/audit.ts'
import { startRedis } from '../../support/redis.ts'
import { changed, createDice, cut, type Dice } from '../../support/spool-edits.ts'
import { createRoot, openVerifiedTrail, verify, writeVerifiedTrail } from '../../support/verified-trail.ts'

const redisEdits = 1000

const redisActs: ReadonlyArray<{ readonly name: string, readonly classes: readonly DamageClass[], act (entries: Entry[], dice: Dice): Entry[] }> = [{
  name: 'an entry is deleted', classes: cut, act: (entries, dice) => entries.toSpliced(dice.roll(entries.length), 1),
}, {
  name: 'the head is trimmed', classes: cut, act: (entries, dice) => entries.slice(1 + dice.roll(entries.length - 1)),
}, {
  name: 'the tail is cut', classes: cut, act: (entries, dice) => entries.slice(0, dice.roll(entries.length)),
}, {
  name: 'a byte of a field is changed',
  classes: changed,
  act: (entries, dice) => {
    const at = dice.roll(entries.length)
    const [id, fields] = entries[at] as Entry
    const which = dice.roll(fields.length)
    const value = Buffer.from(fields[which] as Buffer)
    const place = dice.roll(Math.max(1, value.length))
    if (value.length > 0) value.writeUInt8(value.readUInt8(place) ^ (1 + dice.roll(255)), place)
    return entries.with(at, [id, fields.with(which, value.length > 0 ? value : Buffer.from('x'))])
  },
}, {
  name: 'two entries change their content',
  classes: changed,
  act: (entries, dice) => {
    const one = dice.roll(entries.length - 1)
    const [left, right] = [entries[one] as Entry, entries[one + 1] as Entry]
    return entries.with(one, [left[0], right[1]]).with(one + 1, [right[0], left[1]])
  },
}, {
  name: 'an entry is added at the end', classes: [...changed, 'fork'], act: (entries, dice) => [...entries, [`${entries.length + 1}-0`, (dice.pick(entries))[1]]],
}]

t.test(`${redisEdits} random edits of the streams in Redis, alone and beside the spool`, { timeout: 110_000 }, async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const trail = await writeVerifiedTrail(t, { epochs: 1, exchanges: 3, config: { redis: { url: redis.url } }, root: createRoot(t) })
  const next = await openVerifiedTrail(trail)
  await next.record(admitted('in the second epoch'))
  next.note(completed('in the second epoch'))
  await next.flush({ timeoutMs: 5000, ship: true })
  await next.close()
  const client = await connectClient(t, redis.url)
  const images = new Map<string, Entry[]>()
  for (const stream of await listStreams(client)) images.set(stream, await readStream(client, stream))
  const put = (stream: string, entries: readonly Entry[]) => writeStream(client, stream, entries)
  const alone = { redisUrl: redis.url, withSpool: false }
  t.equal((await verify(trail.root, trail.config, alone)).verdict, 'intact')
  t.equal((await verify(trail.root, trail.config, { redisUrl: redis.url })).verdict, 'intact')
  const dice = createDice(11)
  const missed: string[] = []
  for (let round = 0; round < redisEdits; round += 1) {
    const [stream, entries] = dice.pick([...images])
    const edit = dice.pick(redisActs)
    await put(stream, edit.act(entries, dice))
    for (const also of [alone, { redisUrl: redis.url }]) {
      const report = await verify(trail.root, trail.config, also)
      if (report.verdict === 'intact') missed.push(`${round}: ${edit.name}`)
      else if (!report.findings.some(finding => finding.source === 'Redis' && edit.classes.includes(finding.class))) missed.push(`${round}: ${edit.name} is called ${JSON.stringify(report.findings.slice(0, 3))}`)
    }
    await put(stream, entries)
  }
  t.same(missed, [])
  t.equal((await verify(trail.root, trail.config, alone)).verdict, 'intact')
})
