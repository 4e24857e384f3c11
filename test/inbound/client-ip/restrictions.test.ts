import t from 'tap'
import { createClientIpRoom } from '../../../src/inbound/client-ip/client-ip.ts'
import type { ClientIpConfig } from '../../../src/inbound/client-ip/config.ts'

type Entry = ClientIpConfig['restrict'][number]

const ward = '10.1.0.0/16'
const office = '10.2.0.0/16'
const fromWard = '10.1.0.7'
const fromOffice = '10.2.0.7'
const somewhere = '10.9.0.7'

/** Whether this person may do this from there. Anything but the one refusal is thrown on. */
function asker (...restrict: Entry[]) {
  const room = createClientIpRoom({ allow: ['10.0.0.0/8'], anyAddress: false, trustedProxies: [], proxyProtocolFrom: [], refuse: 'page', restrict })
  return (address: string, who: { id?: string, groups?: string[] } = {}, route = 'GET /') => {
    const [method = '', foldedPath = ''] = route.split(' ')
    try {
      room.requireFor({ address, peer: address }, { id: 'someone', groups: [], ...who }, { method, foldedPath })
      return true
    } catch (error) {
      if ((error as { code?: string }).code === 'clientIp.restricted') return false
      throw error
    }
  }
}

t.test('without entries everybody who came in may stay', async t => {
  t.equal(asker()(somewhere), true)
})

t.test('an entry about people binds these and nobody else', async t => {
  const may = asker({ people: ['temp-1', 'temp-2'], allow: [ward] })
  for (const id of ['temp-1', 'temp-2']) {
    t.equal(may(fromWard, { id }), true)
    t.equal(may(fromOffice, { id }), false, id)
  }
  t.equal(may(fromOffice, { id: 'temp-3' }), true)
  t.equal(may(fromOffice, { id: 'someone', groups: ['temp-1'] }), true, 'a group of that name is no person')
})

t.test('an entry about groups binds whoever is in one of them', async t => {
  const may = asker({ groups: ['nurses', 'temps'], allow: [ward] })
  t.equal(may(fromWard, { groups: ['temps'] }), true)
  for (const groups of [['nurses'], ['other', 'temps'], ['nurses', 'temps']]) t.equal(may(fromOffice, { groups }), false, groups.join())
  for (const groups of [[], ['other']]) t.equal(may(fromOffice, { groups }), true)
  t.equal(may(fromOffice, { id: 'nurses' }), true, 'a person of that name is no group')
})

t.test('an entry about routes binds everybody on these', async t => {
  const may = asker({ routes: ['GET,POST /export/**', '* /admin/*'], allow: [office] })
  for (const route of ['GET /export', 'HEAD /export/a/b', 'POST /export/a', 'DELETE /admin/users']) {
    t.equal(may(fromWard, {}, route), false, route)
    t.equal(may(fromOffice, {}, route), true, route)
  }
  for (const route of ['DELETE /export/a', 'GET /admin', 'GET /admin/users/1', 'GET /exports', 'GET /']) t.equal(may(fromWard, {}, route), true, route)
})

t.test('all that an entry names must match', async t => {
  const may = asker({ people: ['temp-1'], groups: ['nurses'], routes: ['GET /export'], allow: [ward] })
  const both = { id: 'temp-1', groups: ['nurses'] }
  t.equal(may(fromOffice, both, 'GET /export'), false)
  t.equal(may(fromWard, both, 'GET /export'), true)
  t.equal(may(fromOffice, { ...both, id: 'temp-2' }, 'GET /export'), true)
  t.equal(may(fromOffice, { ...both, groups: [] }, 'GET /export'), true)
  t.equal(may(fromOffice, both, 'GET /'), true)
})

t.test('every entry that matches must allow, in any order', async t => {
  const entries: Entry[] = [{ people: ['temp-1'], allow: [ward, '10.3.0.0/16'] }, { groups: ['nurses'], allow: [ward, office] }, { routes: ['* /export'], allow: [ward, office, '10.3.0.0/16'] }]
  for (const may of [asker(...entries), asker(...entries.toReversed())]) {
    const who = { id: 'temp-1', groups: ['nurses'] }
    t.equal(may(fromWard, who, 'GET /export'), true)
    t.equal(may(fromOffice, who, 'GET /export'), false, 'the person may not')
    t.equal(may('10.3.0.1', who, 'GET /export'), false, 'the group may not')
    t.equal(may(somewhere, {}, 'GET /export'), false, 'the route may not')
    t.equal(may('10.3.0.1', { id: 'temp-1' }, 'GET /export'), true)
    t.equal(may(fromOffice, { groups: ['nurses'] }), true)
    t.equal(may(somewhere), true)
  }
})

t.test('a narrower list can name what the wide one does not hold', async t => {
  const may = asker({ people: ['temp-1'], allow: ['192.0.2.0/24', '2001:db8::/32'] })
  t.equal(may('192.0.2.7', { id: 'temp-1' }), true, 'whether it came in at all is judged elsewhere')
  t.equal(may('2001:db8::7', { id: 'temp-1' }), true)
  t.equal(may(fromWard, { id: 'temp-1' }), false)
})

t.test('another letter case or Unicode form of a name does not escape', async t => {
  const may = asker({ people: ['Renée.Temp'], allow: [ward] }, { groups: ['Temps'], allow: [ward] })
  for (const id of ['renée.temp', 'RENÉE.TEMP', 'rene\u0301e.temp', 'Ｒenée.temp']) t.equal(may(fromOffice, { id }), false, id)
  for (const group of ['temps', 'TEMPS', 'ｔemps', 'temp\u017f']) t.equal(may(fromOffice, { groups: [group] }), false, group)
  t.equal(may(fromOffice, { id: 'renee.temp', groups: ['temp'] }), true)
})

t.test('an address that cannot be read is refused, also where nothing is restricted', async t => {
  for (const address of ['unknown', '', '010.1.0.7', '10.1.0.7 ']) {
    t.equal(asker({ people: ['temp-1'], allow: [ward] })(address), false, address)
    t.equal(asker()(address), false, address)
  }
  t.equal(asker({ groups: ['x'], allow: [ward] })('::ffff:10.1.0.7', { groups: ['x'] }), true)
})

t.test('an entry about nobody, a bad range and a bad route do not start', async t => {
  for (const entry of [{ allow: [ward] }, { people: ['x'], allow: ['10.1.0.7/16'] }, { routes: ['/export'], allow: [ward] }]) t.throws(() => asker(entry), TypeError)
})

t.test('an entry with mode: report refuses nobody and says whom it would have refused', async t => {
  const room = createClientIpRoom({
    allow: ['10.0.0.0/8'],
    anyAddress: false,
    trustedProxies: [],
    proxyProtocolFrom: [],
    refuse: 'page',
    restrict: [{ people: ['temp-1'], allow: [ward] }, { mode: 'report', allow: [office] }, { mode: 'report', groups: ['nurses'], allow: [ward] }],
  })
  const ask = (address: string, who: { id: string, groups: string[] }) => room.requireFor({ address, peer: address }, who, { method: 'GET', foldedPath: '/' }).wouldRefuse
  t.equal(ask(fromOffice, { id: 'someone', groups: [] }), undefined)
  t.equal(ask(fromWard, { id: 'someone', groups: [] }), 'clientIp.restrict[1]', 'about everybody')
  t.equal(ask(fromOffice, { id: 'someone', groups: ['nurses'] }), 'clientIp.restrict[2]')
  t.equal(ask(somewhere, { id: 'someone', groups: ['nurses'] }), 'clientIp.restrict[1]', 'the first of them')
  t.throws(() => ask(somewhere, { id: 'temp-1', groups: [] }), { code: 'clientIp.restricted' }, 'what is enforced beside it is enforced')
})

t.test('an allowlist with mode: report lets everybody in and says who would have been refused', async t => {
  const room = createClientIpRoom({ mode: 'report', allow: [ward], anyAddress: false, trustedProxies: [], proxyProtocolFrom: [], refuse: 'drop', restrict: [{ mode: 'report', allow: [ward] }] })
  t.same(room.require({ remoteAddress: fromWard }, {}), { address: fromWard, peer: fromWard })
  const outside = room.require({ remoteAddress: somewhere }, {})
  t.same(outside, { address: somewhere, peer: somewhere, wouldRefuse: 'clientIp.notAllowed' })
  t.equal(room.requireFor(outside, { id: 'someone', groups: [] }, { method: 'GET', foldedPath: '/' }).wouldRefuse, 'clientIp.notAllowed', 'the first list on the way')
  t.equal(room.mayConnect(somewhere), true)
  t.throws(() => room.require({ remoteAddress: '10.01.0.7' }, {}), { code: 'clientIp.unreadable' }, 'what cannot be read is refused all the same')
})
