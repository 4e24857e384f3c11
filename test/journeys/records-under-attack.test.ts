// What a person with few rights tried to make the gateway take one record for another, and what came of it.
import t from 'tap'
import { startMaskedClinic, type MaskedClinic } from '../support/masking.ts'

const rules = [
  { effect: 'deny', roles: ['desk'], records: ['patient'], kinds: ['read', 'list', 'search', 'update', 'delete', 'export'] },
  { effect: 'allow', roles: ['desk'] },
]

async function start (t: Parameters<typeof startMaskedClinic>[0], profile: string) {
  const clinic = await startMaskedClinic(t, { access: { profile, records: [{ route: 'GET /home', type: 'none' }], rules }, masking: { rules: [], searches: [] } })
  clinic.answers('<p>Ann</p>', { type: 'text/html' })
  const browser = await clinic.browser()
  const send = (request: string, { body, type = 'application/x-www-form-urlencoded', cookie }: { readonly body?: string, readonly type?: string, readonly cookie?: string } = {}) => {
    const [method = '', path = ''] = request.split(' ')
    return browser.fetch(`${clinic.journey.url}${path}`, {
      method,
      headers: {
        origin: clinic.journey.url,
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(cookie === undefined ? {} : { cookie: `${cookie}; ${browser.cookies('crm.clinic.test')}` }),
      },
      ...(body === undefined ? {} : { body }),
    })
  }
  return { clinic, send }
}

interface Way { readonly clinic: MaskedClinic, readonly send: Awaited<ReturnType<typeof start>>['send'] }
type More = Parameters<Way['send']>[1]

async function isRefused (t: Parameters<typeof startMaskedClinic>[0], { clinic, send }: Way, { request, more, code = 'access.twoReadings' }: { readonly request: string, readonly more?: More, readonly code?: string }) {
  const before = clinic.asked().length
  const got = await send(request, more)
  t.match(JSON.parse(got.body), { code }, `${request} ${JSON.stringify(more ?? {})}`)
  t.equal(clinic.asked().length, before, 'the CRM saw nothing')
}

t.test('a value in another letter case is not the harmless action that it looks like', async t => {
  const way = await start(t, 'dolibarr')
  t.equal((await way.send('GET /societe/card.php?action=create')).status, 200, 'an empty form concerns nobody')
  await isRefused(t, way, { request: 'GET /societe/card.php?socid=42', code: 'access.notAllowed' })
  for (const action of ['Create', 'CREATE', 'create%20', '%EF%BD%83reate', 'Add']) await isRefused(t, way, { request: `GET /societe/card.php?socid=42&action=${action}` })
})

t.test('what PHP does not take for a field of the request is none here', async t => {
  const way = await start(t, 'suitecrm')
  const list = '/index.php?module=Contacts'
  await isRefused(t, way, { request: `GET ${list}`, code: 'access.notAllowed' })
  t.equal((await way.send('POST /index.php', { body: 'entryPoint=retrieve_dash_page' })).status, 200, 'a part of the dashboard')
  const form = 'entryPoint=retrieve_dash_page'
  await isRefused(t, way, { request: `POST ${list}`, more: { body: '{"entryPoint":"retrieve_dash_page"}', type: 'application/json' } })
  for (const method of ['PUT', 'PATCH', 'DELETE']) await isRefused(t, way, { request: `${method} ${list}`, more: { body: form } })
  await isRefused(t, way, { request: `POST ${list}`, more: { body: `${'a=1&'.repeat(1000)}${form}` } })
  await isRefused(t, way, { request: 'POST /index.php?module=Home', more: { body: 'module%00x=Contacts' } })
  await isRefused(t, way, { request: 'POST /index.php', more: { body: 'module=Contacts%00' } })
})

t.test('a cookie that PHP could take for a field of the request is refused', async t => {
  const way = await start(t, 'suitecrm')
  for (const cookie of ['module=Contacts', 'action=DetailView', ' Module=x', 'entryPoint=vCard', 'm%6fdule=Contacts']) await isRefused(t, way, { request: 'GET /index.php?module=Home&action=index', more: { cookie } })
  t.equal((await way.send('GET /index.php?module=Home&action=index', { cookie: 'PHPSESSID=x; sugar_user_theme=SuiteP' })).status, 200, 'its own cookies pass')
})
