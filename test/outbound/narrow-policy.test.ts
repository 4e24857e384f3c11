// What of a policy is left without an agreement, with one, and for a message that somebody let go.
import t from 'tap'
import { listPassed, narrowPolicy } from '../../src/outbound/redaction/narrow-policy.ts'
import type { PolicyFile } from '../../src/phi/config.ts'

const policy: PolicyFile = {
  name: 'p',
  version: 1,
  profile: 'minimum-necessary',
  unknown: 'prose',
  deepest: 64,
  rules: [
    { path: 'state', action: 'keep', oneOf: ['new'] },
    { path: 'number', action: 'keep', kind: 'mrn', format: 'integer', minimum: 0, maximum: 9 },
    { path: 'phone', action: 'release', kind: 'phone' },
    { path: 'card', action: 'last4', kind: 'account' },
    { path: 'email', action: 'token', kind: 'email' },
    { path: 'born', action: 'generalise', kind: 'date', to: 'year' },
    { path: 'note', action: 'prose' },
    { path: 'odd', action: 'hold', kind: 'name' },
  ],
}
const actions = ({ unknown, rules }: PolicyFile) => [unknown, ...rules.map(({ action }) => action)]

t.test('without an agreement', async t => {
  const narrow = narrowPolicy(policy, { isLive: false, kinds: ['phone', 'mrn'], isApproved: false })
  t.same(actions(narrow), ['mask', 'keep', 'mask', 'mask', 'mask', 'mask', 'generalise', 'mask', 'hold'], 'what a dead agreement covers does not count')
  t.same(narrow.rules[1], { path: 'number', action: 'mask', kind: 'mrn' })
})

t.test('with one: what it covers', async t => {
  t.same(actions(narrowPolicy(policy, { isLive: true, kinds: ['phone', 'email'], isApproved: false })), ['prose', 'keep', 'mask', 'release', 'mask', 'token', 'generalise', 'prose', 'hold'])
})

t.test('let go by somebody: what a rule holds is masked', async t => {
  t.same(actions(narrowPolicy({ ...policy, unknown: 'hold' }, { isLive: true, kinds: [], isApproved: true })), ['mask', 'keep', 'mask', 'mask', 'mask', 'mask', 'generalise', 'prose', 'mask'])
})

t.test('random tokens of Safe Harbor identify nobody', async t => {
  const harbor: PolicyFile = { ...policy, profile: 'safe-harbor', unknown: 'mask', rules: [{ path: 'email', action: 'token', kind: 'email' }] }
  t.same(actions(narrowPolicy(harbor, { isLive: false, kinds: [], isApproved: false })), ['mask', 'token'])
  t.same(listPassed(harbor), { kinds: [], hasProse: false })
})

t.test('what a policy would let pass', async t => {
  t.same(listPassed(policy), { kinds: ['mrn', 'phone', 'account', 'email'], hasProse: true })
})
