import fc from 'fast-check'
import t from 'tap'
import { createAccessRoom } from '../../../src/inbound/access/access.ts'
import type { AccessConfig } from '../../../src/inbound/access/config.ts'
import { foldPath } from '../../../src/shared/route-pattern.ts'

const role = (change: Partial<AccessConfig['roles'][string]>) => ({ groups: [], people: [], allow: ['* /**'], deny: [], ...change })

const room = createAccessRoom({
  methods: ['GET', 'HEAD', 'POST', 'DELETE'],
  roles: {
    nurse: role({ groups: ['nurses'] }),
    desk: role({ groups: ['desk'], allow: ['GET,POST /leads/**', 'GET /'], deny: ['* /leads/export'] }),
    auditor: role({ people: ['audit-1'], allow: ['GET /reports/*'] }),
  },
})

const desk = { id: 'd', groups: ['desk'] }

t.test('deny by default, deny over allow, the deciding rule is named', async t => {
  t.match(room.require(desk, { method: 'GET', foldedPath: '/leads/1' }), { roles: ['desk'], rule: 'access.roles.desk.allow[0]', route: 'GET,POST /leads/**' })
  t.match(room.require(desk, { method: 'HEAD', foldedPath: '/' }), { rule: 'access.roles.desk.allow[1]' })
  for (const [method, foldedPath] of [['DELETE', '/leads/1'], ['GET', '/patients'], ['GET', '/leads/export'], ['GET', '/leadsx']] as const) {
    t.throws(() => room.require(desk, { method, foldedPath }), { code: 'access.notAllowed', reason: { status: 403 } }, `${method} ${foldedPath}`)
  }
  const both = { id: 'd', groups: ['desk', 'nurses'] }
  t.throws(() => room.require(both, { method: 'GET', foldedPath: '/leads/export' }), { code: 'access.notAllowed' }, 'a deny of one role counts although another allows everything')
  t.match(room.require(both, { method: 'GET', foldedPath: '/patients' }), { roles: ['nurse', 'desk'], rule: 'access.roles.nurse.allow[0]' })
})

t.test('roles come from groups and ids, letter by letter', async t => {
  t.same(room.rolesOf({ id: 'audit-1', groups: [] }), ['auditor'])
  for (const who of [{ id: 'AUDIT-1', groups: [] }, { id: 'x', groups: ['Nurses', 'nurses '] }, { id: 'nurses', groups: [] }, { id: '', groups: [] }]) {
    t.same(room.rolesOf(who), [])
    t.throws(() => room.requireRole(who), { code: 'access.roleMissing', reason: { status: 403 } })
    t.throws(() => room.require(who, { method: 'GET', foldedPath: '/' }), { code: 'access.roleMissing' })
  }
  t.same(room.requireRole(desk), ['desk'])
})

t.test('one segment is not a rest', async t => {
  const auditor = { id: 'audit-1', groups: [] }
  t.ok(room.require(auditor, { method: 'GET', foldedPath: '/reports/may' }))
  for (const foldedPath of ['/reports', '/reports/', '/reports/may/raw']) t.throws(() => room.require(auditor, { method: 'GET', foldedPath }), { code: 'access.notAllowed' }, foldedPath)
})

t.test('a role that may do nothing does not start', async t => {
  t.throws(() => createAccessRoom({ methods: ['GET'], roles: { empty: role({ groups: ['x'], allow: [] }) } }), TypeError)
  t.throws(() => createAccessRoom({ methods: ['GET'], roles: { odd: role({ groups: ['x'], allow: ['GET /a*b'] }) } }), TypeError)
})

t.test('property: spellings that fold to one path get one decision', async () => {
  const path = fc.array(fc.constantFrom('leads', 'LEADS', 'Export', 'export', '1', 'leads%C3%9F', 'leadsSS'), { minLength: 1, maxLength: 3 }).map(parts => `/${parts.join('/')}`)
  fc.assert(fc.property(path, fc.boolean(), (text, slash) => {
    const decide = (spelled: string) => room.explain(desk, { method: 'GET', foldedPath: foldPath(spelled) }).isAllowed
    const spellings = [text, text.toUpperCase(), slash ? `${text}/` : text]
    if (new Set(spellings.map(decide)).size !== 1) throw new Error(text)
  }), { numRuns: 2000 })
})
