// The register of what is open: who is cut, when, and how often.
import t from 'tap'
import { createOpenConnections } from '../../../src/inbound/session/open-connections.ts'
import type { CutCause } from '../../../src/inbound/session/session.ts'

function build () {
  const thrown: unknown[] = []
  const cuts: string[] = []
  const open = createOpenConnections(error => { thrown.push(error) })
  const add = (sessionKey: string, name: string, seenAt = 0) => open.add({ sessionKey, cut: (cause: CutCause) => { cuts.push(`${name} ${cause}`) } }, seenAt)
  return { open, add, cuts, thrown }
}

t.test('a cut reaches everything under its session, once, and nothing else', async t => {
  const { open, add, cuts } = build()
  add('one', 'socket')
  add('one', 'download')
  add('other', 'stream')
  open.cut('one', 'revoked')
  open.cut('one', 'revoked')
  t.same(cuts, ['socket revoked', 'download revoked'])
  t.same(open.keys(), ['other'])
})

t.test('what closed by itself is not cut, and a session with nothing open is not asked about', async t => {
  const { open, add, cuts } = build()
  const release = add('one', 'socket')
  release()
  release()
  t.same(open.keys(), [])
  add('one', 'second')
  release()
  t.same(open.keys(), ['one'], 'a late release does not take the next one away')
  open.cut('one', 'idle')
  t.same(cuts, ['second idle'])
})

t.test('one that throws does not save the others', async t => {
  const { open, add, cuts, thrown } = build()
  open.add({ sessionKey: 'one', cut: () => { throw new TypeError('broken') } }, 0)
  add('one', 'socket')
  open.cut('one', 'policy')
  t.same(cuts, ['socket policy'])
  t.equal(thrown.length, 1)
})

t.test('what nobody confirmed in time is cut; a clock that was set back confirms nothing', async t => {
  const { open, add, cuts } = build()
  add('old', 'old', 1000)
  add('new', 'new', 1000)
  open.confirm(['new', 'unknown'], 1500)
  t.equal(open.cutUnconfirmed(1749, 750), 0)
  t.equal(open.cutUnconfirmed(1750, 750), 1)
  t.same(cuts, ['old storeUnavailable'])
  t.equal(open.cutUnconfirmed(1499, 750), 1)
  t.same(cuts, ['old storeUnavailable', 'new storeUnavailable'])
})
