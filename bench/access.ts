// Decisions a second with 200 entries that classify and 200 rules: how much of a request they are. `npm run bench` does not need it; node bench/access.ts does.
import { createAccessRoom, type Question } from '../src/inbound/access/access.ts'
import type { AccessConfig } from '../src/inbound/access/config.ts'
import { createAddressTest } from '../src/inbound/client-ip/client-ip.ts'

const count = 200
const types = Array.from({ length: count / 4 }, (_, index) => `type-${String.fromCharCode(97 + index % 26)}${index}`)
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

const records: AccessConfig['records'] = types.flatMap(type => [
  { route: `GET /crm/${type}`, type, kind: 'search' as const, when: { 'query.q': ['*'] } },
  { route: `GET /crm/${type}`, type, kind: 'list' as const },
  { route: `GET /crm/${type}/{id}`, type, kind: 'read' as const, patient: 'query.patient' },
  { route: `PUT /crm/${type}/{id}`, type, kind: 'update' as const },
])
const rules: AccessConfig['rules'] = types.flatMap(type => [
  { effect: 'deny' as const, roles: ['billing'], records: [type] },
  { effect: 'allow' as const, roles: ['nurse'], records: [type], kinds: ['update' as const], when: { maxSignInAge: '15m' } },
  { effect: 'deny' as const, records: [type], unless: { from: ['203.0.113.0/24'] } },
  { effect: 'allow' as const, roles: ['nurse'], records: [type], when: { hours: '00:00-23:59' } },
])
const role = (group: string) => ({ groups: [group], people: [], allow: ['* /**'], deny: ['* /admin/**'] })
const base = { roles: { nurse: role('nurses'), billing: role('billing') }, unclassified: 'allow' as const, signOut: [], timeZone: 'UTC', methods }

function questions (room: ReturnType<typeof createAccessRoom>): readonly Question[] {
  const roles = room.rolesOf({ id: 'n', groups: ['nurses'] })
  const now = Date.now()
  return Array.from({ length: 1024 }, (_, index) => {
    const type = types[index % types.length] as string
    const path = index % 3 === 0 ? `/crm/${type}` : `/crm/${type}/${index}`
    const query = index % 4 === 0 ? 'q=an&page=2' : ''
    return { roles, person: 'n', address: '203.0.113.7', now, signIn: { authenticatedAt: now, authnContext: undefined }, target: { method: 'GET', path, foldedPath: path, query } }
  })
}

/** Decisions a second, the best of five rounds. */
function measure (config: AccessConfig): number {
  const room = createAccessRoom(config, { createAddressTest })
  const asked = questions(room)
  let best = 0
  for (let round = 0; round < 6; round += 1) {
    const began = process.hrtime.bigint()
    for (let turn = 0; turn < 300; turn += 1) for (const question of asked) if (!room.explain(question).isAllowed) throw new Error('not allowed')
    const seconds = Number(process.hrtime.bigint() - began) / 1e9
    best = Math.max(best, 300 * asked.length / seconds)
  }
  return best
}

const variants: ReadonlyArray<readonly [string, AccessConfig]> = [
  ['routes of roles alone', { ...base, records: [], rules: [] }],
  [`with ${count} entries`, { ...base, records, rules: [] }],
  [`with ${count} entries and ${count} rules`, { ...base, records, rules }],
]

for (const [name, config] of variants) {
  const rate = measure(config)
  process.stdout.write(`${name.padEnd(36)} ${Math.round(rate).toLocaleString('en-US').padStart(12)} decisions/s  ${(1e6 / rate).toFixed(2)} µs each\n`)
}
