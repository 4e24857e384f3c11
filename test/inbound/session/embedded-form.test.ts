// A session file of an older version is taken over as it is: nobody has to sign in again because the gateway was upgraded.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { createEmbeddedStore } from '../../../src/inbound/session/embedded-store.ts'
import { createVault } from '../../../src/inbound/session/vault.ts'
import { createMovableClock } from '../../support/clock.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, navigates } from './build-room.ts'

/** The tables as form 1 of the file had them. */
const formOne = `
  CREATE TABLE live (key TEXT PRIMARY KEY, sealed TEXT NOT NULL, person TEXT NOT NULL, name_id TEXT NOT NULL, session_index TEXT NOT NULL,
    began_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, ends_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ended (key TEXT PRIMARY KEY, cause TEXT NOT NULL, ended_at INTEGER NOT NULL, reported INTEGER NOT NULL DEFAULT 0, sealed TEXT NOT NULL,
    began_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, ends_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE once (name TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1;
`

t.test('sessions of the file before live on, without a place', async t => {
  const [directory, older, secret, clock] = [makeDirectory(t), makeDirectory(t), makeSecret(), createMovableClock()]
  const before = await buildRoom(t, { directory: older, secret, clock })
  const { session, setCookie } = await before.room.begin(makePrincipal())
  const stored = createVault(secret).seal(session)
  const file = new DatabaseSync(join(directory, 'sessions.sqlite'))
  file.exec(formOne)
  file.prepare('INSERT INTO live VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(stored.key, stored.sealed, stored.person, stored.nameId, stored.index, stored.beganAt, stored.lastActiveAt, stored.endsAt)
  file.prepare("INSERT INTO ended (key, cause, ended_at, sealed, began_at, last_active_at, ends_at) VALUES ('gone', 'revoked', 1, 's', 1, 2, 3)").run()
  file.close()
  const { room } = await buildRoom(t, { directory, secret, clock, deaf: true })
  const found = await room.require(cookieOf(setCookie), navigates)
  t.match(found, { key: session.key, principal: { id: 'front.desk' }, beganFrom: undefined })
  const store = createEmbeddedStore(directory)
  t.teardown(() => store.close())
  t.match(await store.takeUnreported(2), [{ session: { key: 'gone', form: 1, place: '' }, cause: 'revoked' }], 'an end that nobody reported is still there to be reported')
})

t.test('two processes that find the older file at once take it over once', async t => {
  const directory = makeDirectory(t)
  const file = new DatabaseSync(join(directory, 'sessions.sqlite'))
  file.exec(formOne)
  file.close()
  for (const store of [createEmbeddedStore(directory), createEmbeddedStore(directory)]) {
    t.equal(await store.count(), 0)
    await store.close()
  }
})
