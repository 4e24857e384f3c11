import fc from 'fast-check'
import t from 'tap'
import { foldPath } from '../../../src/shared/route-pattern.ts'
import { askOf, buildAccess, role } from './build-access.ts'

const room = buildAccess({
  methods: ['GET', 'HEAD', 'POST', 'DELETE'],
  roles: {
    nurse: role({ groups: ['nurses'] }),
    desk: role({ groups: ['desk'], allow: ['GET,POST /leads/**', 'GET /'], deny: ['* /leads/export'] }),
    auditor: role({ people: ['audit-1'], allow: ['GET /reports/*'] }),
  },
})

const desk = { id: 'd', groups: ['desk'] }
const ask = askOf(room)

t.test('deny by default, deny over allow, the deciding rule is named', async t => {
  t.match(room.require(ask(desk, 'GET /leads/1')), { roles: ['desk'], rule: 'access.roles.desk.allow[0]', route: 'GET,POST /leads/**' })
  t.match(room.require(ask(desk, 'HEAD /')), { rule: 'access.roles.desk.allow[1]' })
  for (const request of ['DELETE /leads/1', 'GET /patients', 'GET /leads/export', 'GET /leadsx']) {
    t.throws(() => room.require(ask(desk, request)), { code: 'access.notAllowed', reason: { status: 403 } }, request)
  }
  const both = { id: 'd', groups: ['desk', 'nurses'] }
  t.throws(() => room.require(ask(both, 'GET /leads/export')), { code: 'access.notAllowed' }, 'a deny of one role counts although another allows everything')
  t.match(room.require(ask(both, 'GET /patients')), { roles: ['nurse', 'desk'], rule: 'access.roles.nurse.allow[0]' })
})

t.test('roles come from groups and ids, letter by letter', async t => {
  t.same(room.rolesOf({ id: 'audit-1', groups: [] }), ['auditor'])
  for (const who of [{ id: 'AUDIT-1', groups: [] }, { id: 'x', groups: ['Nurses', 'nurses '] }, { id: 'nurses', groups: [] }, { id: '', groups: [] }]) {
    t.same(room.rolesOf(who), [])
    t.throws(() => room.requireRole(who), { code: 'access.roleMissing', reason: { status: 403 } })
    t.throws(() => room.require(ask(who, 'GET /')), { code: 'access.roleMissing' })
  }
  t.same(room.requireRole(desk), ['desk'])
})

t.test('one segment is not a rest', async t => {
  const auditor = { id: 'audit-1', groups: [] }
  t.ok(room.require(ask(auditor, 'GET /reports/may')))
  for (const path of ['/reports', '/reports/', '/reports/may/raw']) t.throws(() => room.require(ask(auditor, `GET ${path}`)), { code: 'access.notAllowed' }, path)
})

t.test('a role that may do nothing does not start', async t => {
  t.throws(() => buildAccess({ methods: ['GET'], roles: { empty: role({ groups: ['x'], allow: [] }) } }), TypeError)
  t.throws(() => buildAccess({ methods: ['GET'], roles: { odd: role({ groups: ['x'], allow: ['GET /a*b'] }) } }), TypeError)
})

t.test('property: spellings that fold to one path get one decision', async t => {
  const path = fc.array(fc.constantFrom('leads', 'LEADS', 'Export', 'export', '1', 'leads%C3%9F', 'leadsSS'), { minLength: 1, maxLength: 3 }).map(parts => `/${parts.join('/')}`)
  const reached = new Set<boolean>()
  fc.assert(fc.property(path, fc.boolean(), (text, slash) => {
    const base = ask(desk, 'GET /')
    const decide = (spelled: string) => room.explain({ ...base, target: { method: 'GET', path: spelled, query: '', foldedPath: foldPath(spelled) } }).isAllowed
    const spellings = [text, text.toUpperCase(), slash ? `${text}/` : text]
    const answers = new Set(spellings.map(decide))
    if (answers.size !== 1) throw new Error(text)
    for (const answer of answers) reached.add(answer)
  }), { numRuns: 2000 })
  t.equal(reached.size, 2, 'some are allowed, some are not')
})
