// Sealing and hashing: what comes back, and what an edit breaks.
import fc from 'fast-check'
import t from 'tap'
import { sessionForm, type StoredSession } from '../../../src/inbound/session/store.ts'
import { createVault, keyOfId } from '../../../src/inbound/session/vault.ts'
import { SecretValue } from '../../../src/shared/schema.ts'
import { here, makePrincipal, makeSecret } from './build-room.ts'

const times = { beganAt: 1000, lastActiveAt: 2000, endsAt: 3000, beganFrom: here, lastAddress: here.address }

t.test('whatever a principal holds comes back as it was', async t => {
  const vault = createVault(makeSecret())
  const text = fc.string({ unit: 'binary', maxLength: 40 }).filter(value => value.isWellFormed())
  const maybe = fc.option(text, { nil: undefined })
  const notAfter = fc.option(fc.nat(), { nil: undefined })
  fc.assert(fc.property(
    fc.record({ id: text, name: text, email: maybe, groups: fc.array(text), nameId: text, sessionIndex: maybe, notAfter }),
    fc.record({ address: text, certificate: maybe }), maybe,
    (fields, beganFrom, lastAddress) => {
      const session = { key: keyOfId('id'), principal: makePrincipal(fields), ...times, beganFrom, lastAddress }
      t.same(vault.open(vault.seal(session)), session)
    }))
})

t.test('the principal that comes out cannot be changed', async t => {
  const vault = createVault(makeSecret())
  const principal = vault.open(vault.seal({ key: 'k', principal: makePrincipal(), ...times }))?.principal
  t.ok(Object.isFrozen(principal))
  t.throws(() => { (principal?.groups as string[]).push('administrators') }, TypeError)
})

t.test('only the clock of the person may change without breaking the seal', async t => {
  const vault = createVault(makeSecret())
  const stored = vault.seal({ key: 'k', principal: makePrincipal(), ...times })
  t.equal(vault.open({ ...stored, lastActiveAt: 2500 })?.lastActiveAt, 2500)
  for (const edit of [{ key: 'l' }, { beganAt: 1001 }, { endsAt: 3001 }, { sealed: stored.sealed.slice(4) }, { sealed: '' }]) t.equal(vault.open({ ...stored, ...edit }), undefined)
})

t.test('what is written of a place counts for its own session only, and what does not open is no place', async t => {
  const vault = createVault(makeSecret())
  const [one, other] = ['k', 'l'].map(key => vault.seal({ key, principal: makePrincipal(), ...times }))
  t.same(vault.open(one as StoredSession)?.beganFrom, here)
  for (const place of [(other as StoredSession).place, '', 'no seal', (one as StoredSession).sealed]) {
    t.match(vault.open({ ...one as StoredSession, place }), { key: 'k', beganFrom: undefined, lastAddress: undefined })
  }
})

t.test('nothing of a newer form is read, whatever it looks like', async t => {
  const vault = createVault(makeSecret())
  const stored = vault.seal({ key: 'k', principal: makePrincipal(), ...times })
  t.equal(vault.open({ ...stored, form: sessionForm + 1 }), undefined)
})

t.test('look-ups are the same on every replica, and tell apart what looks alike', async t => {
  const secret = makeSecret()
  const [one, other] = [createVault(secret), createVault(new SecretValue(secret.reveal()))]
  const stored = one.seal({ key: 'k', principal: makePrincipal({ id: 'same', nameId: 'same', sessionIndex: 'same' }), ...times })
  t.same(other.hashQuery({ by: 'person', id: 'same' }), { by: 'person', person: stored.person })
  t.same(other.hashQuery({ by: 'idp', nameId: 'same', sessionIndex: 'same' }), { by: 'nameId', nameId: stored.nameId, index: stored.index })
  t.same(other.hashQuery({ by: 'idp', nameId: 'same', sessionIndex: undefined }), { by: 'nameId', nameId: stored.nameId, index: undefined })
  t.equal(new Set([stored.person, stored.nameId, stored.index]).size, 3)
  t.not(createVault(makeSecret()).seal({ key: 'k', principal: makePrincipal({ id: 'same' }), ...times }).person, stored.person)
  const parts = (nameId: string, sessionIndex: string) => one.seal({ key: 'k', principal: makePrincipal({ nameId, sessionIndex }), ...times }).index
  t.not(parts('a', 'bc'), parts('ab', 'c'))
  t.equal(one.seal({ key: 'k', principal: makePrincipal({ sessionIndex: undefined }), ...times }).index, '')
})

t.test('a one-time value opens under its own name only', async t => {
  const vault = createVault(makeSecret())
  const sealed = vault.sealValue(vault.hashName('one'), 'value')
  t.equal(vault.openValue(vault.hashName('one'), sealed), 'value')
  t.equal(vault.openValue(vault.hashName('other'), sealed), undefined)
})

t.test('a short secret makes no vault', async t => {
  t.throws(() => createVault(new SecretValue('c2hvcnQ=')), /at least 32 random bytes/)
})
