import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { readTrail } from '../support/trail.ts'
import { createQuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

const begin = Date.parse('2026-11-20T08:00:00Z')
let made = 0

function asked (request: string, more: Partial<AuditEvent> = {}): AuditEvent {
  const [method = '', target = ''] = request.split(' ')
  const [path = '', query] = target.split('?')
  made += 1
  const { what, ...rest } = more
  return {
    kind: 'request.admitted',
    time: begin + made * 1000,
    id: `r${made}`,
    who: { id: 'n', roles: ['nurse'] },
    from: { address: '203.0.113.7' },
    what: { kind: 'read', method, path, ...(query === undefined ? {} : { query }), ...what },
    ...rest,
  }
}

const events: readonly AuditEvent[] = [
  ...['GET /patients/1', 'GET /patients/2', 'HEAD /Patients/3/', 'GET /assets/a.css', 'GET /patients'].map(request => asked(request)),
  asked('GET /index.php?module=Leads&record=9'), asked('GET /index.php?record=7&module=Calls'),
  ...Array.from({ length: 3 }, (_, index) => asked(`GET /leads/${index}7`)),
  asked('GET /leads/3f9c-ab12/notes?q=Zyxwina'),
  asked('GET /people/Zyxwina%20Invented', { kind: 'request.denied', count: 4, decision: { reason: 'access.notAllowed' } }),
  asked('POST /rpc', { what: { kind: 'update', method: 'POST', record: { type: 'patient', id: '42', patient: '42' }, route: 'POST /rpc' } }),
  asked('POST /rpc', { facts: { unclassified: true } }),
  asked('GET /x/../y', { kind: 'request.denied', decision: { reason: 'canonical.pathSegment' } }),
  asked('GET /_sallyport/sign-in', { what: { kind: 'gateway', method: 'GET', path: '/_sallyport/sign-in' } }),
  { kind: 'request.completed', time: begin + 60_000, id: 'r1', from: { address: '203.0.113.7' }, outcome: { status: 200, bytesOut: 1, durationMs: 1 } },
]

const records = `  records:
    - { route: 'GET /patients', type: patient, kind: list }
    - { route: 'GET /patients/{id}', type: patient, kind: read }
    - { route: 'GET /assets/**', type: none }
    - { route: 'POST /rpc', type: patient, kind: update, when: { body.method: [save] } }
audit:
`

const place = await createQuestionPlace(t, { events })
const run = (...args: string[]) => runCli(['coverage', '--config', place.file, '--from', '2026-11-19', '--to', '2026-11-22', '--reason', 'before we refuse', ...args])

t.test('without entries nothing is classified; shapes of paths show no ids, names or values', async t => {
  const told = await run()
  t.match(told, { code: 0, err: '' })
  t.match(told.out, /^Classified: 0\.0 % of routes \(0 of 8\), 0\.0 % of requests \(0 of 17\)\.\n/)
  t.match(told.out, / {9}4 {2}2026-11-20 08:00:12 {2}GET \/people\/\*\n/)
  t.match(told.out, / {9}2 {2}2026-11-20 08:00:07 {2}GET \/index\.php\?module&record\n/)
  t.match(told.out, /GET \/leads\/\*\/notes\?q\n/)
  t.notMatch(told.out, /Zyxwina|3f9c|_sallyport|\.\./)
})

t.test('with entries: the share of routes and requests, and what is left; a body that said it then counts', async t => {
  writeFileSync(place.file, readFileSync(place.file, 'utf8').replace('audit:\n', records))
  const told = await run('--fields', 'module')
  t.match(told.out, /^Classified: 40\.0 % of routes \(4 of 10\), 35\.2 % of requests \(6 of 17\)/)
  const lines = told.out.split('\n').filter(line => /GET|POST/.test(line)).map(line => line.replace(/ +/g, ' ').trim().split(' ').toSpliced(1, 2).join(' '))
  t.same(lines, ['4 GET /people/*', '3 GET /leads/*', '1 GET /index.php?module=Calls&record', '1 GET /index.php?module=Leads&record', '1 GET /leads/*/notes?q', '1 POST /rpc'])
  const json = JSON.parse((await run('--json')).out) as { ofRequests: object, routes: object[] }
  t.match(json.ofRequests, { seen: 17, classified: 6 })
  t.match(json.routes.filter(route => 'isClassified' in route && route.isClassified === true), [
    { route: 'GET /patients/{id}', requests: 3 }, { route: 'GET /assets/**', requests: 1 }, { route: 'GET /patients', requests: 1 }, { route: 'POST /rpc', requests: 1 },
  ])
})

t.test('the look is on record with its reason; without a reason there is none', async t => {
  t.match(await runCli(['coverage', '--config', place.file]), { code: 2, err: /Please say why you ask/ })
  const own = await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)
  t.match(own.find(event => event.kind === 'operation.run'), { what: undefined, facts: { reason: 'before we refuse' } })
})

t.test('with a profile: what it classifies counts', async t => {
  const share = async (yaml: string) => {
    writeFileSync(place.file, yaml)
    return JSON.parse((await run('--json')).out) as { readonly ofRequests: { readonly seen: number, readonly classified: number } }
  }
  const plain = readFileSync(place.file, 'utf8').replace(records, 'audit:\n')
  t.equal((await share(plain)).ofRequests.classified, 0)
  const withProfile = await share(plain.replace('access:\n', 'access:\n  profile: demo\n'))
  t.equal(withProfile.ofRequests.classified, 3 + 1 + 1, 'three patients, a list of them and the styles')
})

t.test('a certificate that is missing keeps nobody from asking', async t => {
  rmSync(place.workspace.path('tls/crm.pem'))
  t.match(await run(), { code: 0, err: '', out: /^Classified: / })
})
