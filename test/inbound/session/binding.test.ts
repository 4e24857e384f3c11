// To what a session is bound, for whom, and what counts as another place.
import fc from 'fast-check'
import t from 'tap'
import { createNetworkOf } from '../../../src/inbound/client-ip/client-ip.ts'
import { createBinding } from '../../../src/inbound/session/binding.ts'
import type { SessionConfig } from '../../../src/inbound/session/config.ts'
import type { Place, Session } from '../../../src/inbound/session/session.ts'
import { makePrincipal, outcomeOf, unbound } from './build-room.ts'

type Config = SessionConfig['binding']

const judge = (config: Partial<Config>, began: Place | undefined, place: Place, principal = makePrincipal()) => {
  const session: Session = { key: 'k', principal, beganAt: 0, lastActiveAt: 0, endsAt: 1, beganFrom: began, lastAddress: began?.address }
  return createBinding({ ...unbound, ...config }, { rolesOf: ({ id }) => id === 'front.desk' ? ['desk'] : [], createNetworkOf }).judge(session, place)?.elsewhere
}
const at = (address: string, certificate?: string): Place => ({ address, certificate })

const cases: readonly (readonly [what: string, to: Config['to'], began: Place | undefined, now: Place, expected: string | undefined])[] = [
  ['nothing is bound', 'none', at('203.0.113.7'), at('198.51.100.9'), undefined],
  ['nothing is bound, of an older version', 'none', undefined, at('198.51.100.9'), undefined],
  ['the same address', 'address', at('203.0.113.7'), at('203.0.113.7'), undefined],
  ['its neighbour', 'address', at('203.0.113.7'), at('203.0.113.8'), 'session.otherAddress'],
  ['an address, of an older version', 'address', undefined, at('203.0.113.7'), 'session.otherAddress'],
  ['the same /24', 'network', at('203.0.113.0'), at('203.0.113.255'), undefined],
  ['the next /24', 'network', at('203.0.113.255'), at('203.0.114.0'), 'session.otherNetwork'],
  ['the same /64', 'network', at('2001:db8:1:2::1'), at('2001:db8:1:2:ffff::1'), undefined],
  ['the same /64 with its zeros left out', 'network', at('2001:db8::7'), at('2001:db8:0:0:1:2:3:4'), undefined],
  ['the next /64', 'network', at('2001:db8:1:2::1'), at('2001:db8:1:3::1'), 'session.otherNetwork'],
  ['the other family', 'network', at('203.0.113.7'), at('2001:db8::7'), 'session.otherNetwork'],
  ['what is no address', 'network', at('unknown'), at('unknown'), 'session.otherNetwork'],
  ['a network, of an older version', 'network', undefined, at('203.0.113.7'), 'session.otherNetwork'],
  ['the same certificate elsewhere', 'certificate', at('203.0.113.7', 'A'), at('198.51.100.9', 'A'), undefined],
  ['another certificate', 'certificate', at('203.0.113.7', 'A'), at('203.0.113.7', 'B'), 'session.otherCertificate'],
  ['no certificate any more', 'certificate', at('203.0.113.7', 'A'), at('203.0.113.7'), 'session.otherCertificate'],
  ['no certificate before or now', 'certificate', at('203.0.113.7'), at('203.0.113.7'), 'session.otherCertificate'],
]
for (const [what, to, began, now, expected] of cases) t.test(`${to}: ${what}`, async t => { t.equal(judge({ to }, began, now), expected) })

const ipv4 = fc.integer({ min: 0, max: 0xFFFF_FFFF })
const writeIpv4 = (value: number) => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
const ipv6 = fc.array(fc.integer({ min: 0, max: 0xFFFF }), { minLength: 8, maxLength: 8 })
const writeIpv6 = (groups: readonly number[]) => groups.map(group => group.toString(16)).join(':')
const bitsOf = (groups: readonly number[], width: number) => groups.map(group => group.toString(2).padStart(width, '0')).join('')

t.test('two addresses are in one network exactly when they have its first bits in common', async t => {
  fc.assert(fc.property(ipv4, fc.integer({ min: 0, max: 31 }), fc.integer({ min: 8, max: 32 }), (one, flipped, prefix) => {
    const other = (one ^ (1 << (31 - flipped))) >>> 0
    const isSame = bitsOf([one], 32).slice(0, prefix) === bitsOf([other], 32).slice(0, prefix)
    t.equal(judge({ to: 'network', ipv4Prefix: prefix }, at(writeIpv4(one)), at(writeIpv4(other))) === undefined, isSame)
  }))
  fc.assert(fc.property(ipv6, fc.integer({ min: 0, max: 127 }), fc.integer({ min: 16, max: 128 }), (one, flipped, prefix) => {
    const other = one.map((group, index) => index === Math.floor(flipped / 16) ? group ^ (1 << (15 - flipped % 16)) : group)
    // IPv4 in IPv6 (::ffff:0:0/96) is IPv4: not what this is about.
    fc.pre([one, other].every(groups => groups.slice(0, 5).some(group => group !== 0)))
    const isSame = bitsOf(one, 16).slice(0, prefix) === bitsOf(other, 16).slice(0, prefix)
    t.equal(judge({ to: 'network', ipv6Prefix: prefix }, at(writeIpv6(one)), at(writeIpv6(other))) === undefined, isSame)
  }))
})

t.test('whatever comes, the place where it began is never another one', async t => {
  const place = fc.record({ address: fc.oneof(ipv4.map(writeIpv4), ipv6.filter(groups => groups[0] !== 0).map(writeIpv6)), certificate: fc.string({ minLength: 1 }) })
  fc.assert(fc.property(place, fc.constantFrom('none', 'address', 'network', 'certificate'), (began, to) => { t.equal(judge({ to }, began, { ...began }), undefined) }))
})

t.test('the first override about somebody decides, and all that it names must match', async t => {
  const overrides: Config['overrides'] = [
    { people: ['on-call'], to: 'none' },
    { groups: ['reception'], roles: ['clinician'], to: 'certificate' },
    { roles: ['desk'], to: 'network' },
    { groups: ['reception'], to: 'none', onMismatch: 'report' },
  ]
  const config = { to: 'address', overrides } as const
  const [before, now] = [at('203.0.113.7'), at('198.51.100.9')]
  t.equal(judge(config, before, now, makePrincipal({ id: 'on-call' })), undefined)
  t.equal(judge(config, before, now, makePrincipal({ id: 'front.desk' })), 'session.otherNetwork', 'the second entry wants another role too')
  t.equal(judge(config, before, now, makePrincipal({ id: 'other', groups: ['reception'] })), undefined)
  t.equal(judge(config, before, now, makePrincipal({ id: 'other', groups: ['billing'] })), 'session.otherAddress')
})

t.test('without a certificate nobody signs in whose session would be bound to one', async t => {
  const build = (config: Partial<Config>) => createBinding({ ...unbound, ...config }, { rolesOf: () => [], createNetworkOf })
  const ask = (config: Partial<Config>, place: Place) => outcomeOf((async () => { build(config).requireBindable(makePrincipal(), place) })())
  t.equal(await ask({ to: 'certificate' }, at('203.0.113.7')), 'session.certificateMissing')
  t.equal(await ask({ to: 'certificate', onMismatch: 'report' }, at('203.0.113.7')), 'live')
  t.equal(await ask({ to: 'certificate' }, at('203.0.113.7', 'A')), 'live')
  t.equal(await ask({ to: 'network' }, at('203.0.113.7')), 'live')
  t.equal(build({ to: 'network' }).policyOf(makePrincipal()), 'network')
})
