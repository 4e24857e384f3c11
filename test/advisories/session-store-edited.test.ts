// Known attack: somebody who can write to the session store gives a session another person, or a later end.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { createMovableClock } from '../support/clock.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, minute, navigates, outcomeOf } from '../inbound/session/build-room.ts'

const edits: ReadonlyArray<readonly [string, string]> = [
  ['another person', "UPDATE live SET sealed = (SELECT sealed FROM live AS other WHERE other.key <> live.key) WHERE key = '$KEY'"],
  ['a later end', "UPDATE live SET ends_at = ends_at + 1 WHERE key = '$KEY'"],
  ['another beginning', "UPDATE live SET began_at = began_at - 1 WHERE key = '$KEY'"],
  ['one changed character', "UPDATE live SET sealed = substr(sealed, 1, 60) || CASE substr(sealed, 61, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(sealed, 62) WHERE key = '$KEY'"],
  ['nothing', "UPDATE live SET sealed = '' WHERE key = '$KEY'"],
]

for (const [what, statement] of edits) {
  t.test(`${what}: refused, and said in the log`, async t => {
    const directory = makeDirectory(t)
    const clock = createMovableClock()
    const { room, logged } = await buildRoom(t, { directory, clock })
    await room.begin(makePrincipal({ id: 'administrator' }))
    const { session, setCookie } = await room.begin(makePrincipal())
    const file = new DatabaseSync(join(directory, 'sessions.sqlite'))
    t.equal(file.prepare(statement.replace('$KEY', session.key)).run().changes, 1)
    file.close()
    clock.step(minute)
    t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), 'session.ended')
    t.match(logged, [{ level: 'error', event: 'session.unreadable' }])
  })
}

t.test('rows of one secret are nothing under another', async t => {
  const directory = makeDirectory(t)
  const before = await buildRoom(t, { directory })
  const { session, setCookie } = await before.room.begin(makePrincipal())
  const { room, ended, logged } = await buildRoom(t, { directory })
  t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), 'session.missing')
  t.same(await room.end({ by: 'person', id: 'front.desk' }, 'revoked'), [], 'its look-ups are of the other secret too')
  t.same(await room.end({ by: 'key', key: session.key }, 'revoked'), [], 'it is ended, and nobody can say for whom it was')
  t.same(ended, [])
  t.match(logged, [{ level: 'error', event: 'session.unreadable' }])
  t.equal(await room.count(), 0)
})
