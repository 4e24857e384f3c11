// `X-MS-Client-Principal: admin` and its like went through: an application that once stood behind another proxy still believes them.
import { ask, askHttp2, openHttp2, openRaw } from '../inbound/forward/clients.ts'
import { reservedCookie, setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const evil = 'evil-value'
const names = [
  'X-MS-Client-Principal', 'X-MS-CLIENT-PRINCIPAL-NAME', 'x_ms_client_principal_id', 'X-Goog-Authenticated-User-Email', 'X-Goog-IAP-JWT-Assertion',
  'X-Amzn-Oidc-Identity', 'X_Amzn_Oidc_Data', 'Cf-Access-Authenticated-User-Email', 'Cf-Access-Jwt-Assertion', 'X-Email', 'X_EMAIL', 'X-Username', 'X-User',
  'X-User-Id', 'X_User_Roles', 'X-Userid', 'Auth-User', 'AUTH_USER', 'X-Pomerium-Jwt-Assertion', 'X-Pomerium-Claim-Email', 'X-Authentik-Username',
  'X_authentik_groups', 'X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Authenticated-User', 'X-Authenticated-Groups', 'X-Vouch-User', 'Tailscale-User-Login',
  'OIDC_CLAIM_email', 'Shib-Identity-Provider', 'Iv-User', 'SM_USER', 'OAM_REMOTE_USER', 'Teleport-Jwt-Assertion', 'X-Azure-ClientIP', 'X-Envoy-External-Address',
  'X-Forwarded-User-', '_Remote_User_', 'Remote--User', '-X-Email',
]

testBothWays('nothing that another proxy would say about a person passes', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${names.map(name => `${name}: ${evil}\r\n`).join('')}X-Kept: yes\r\nX-Mailer: crm\r\n\r\n`)
  t.match(await client.ended(), /^HTTP\/1\.1 200 /)
  const [seen] = upstream.received
  t.same(seen?.rawHeaders.filter((_text, index, all) => all[index + 1] === evil), [])
  t.equal(seen?.headers['x-kept'], 'yes')
  t.equal(seen?.headers['x-mailer'], 'crm')
  t.equal(seen?.headers['x-forwarded-user'], 'nurse-7')
})

testBothWays('nor over HTTP/2', async t => {
  const { app, upstream } = await setUp(t)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  t.equal((await askHttp2(session, { headers: Object.fromEntries(names.map(name => [name.toLowerCase(), evil])) })).status, 200)
  t.notOk(upstream.received[0]?.rawHeaders.includes(evil))
})

testBothWays('a configured name of such a family is ours alone', async t => {
  const identity = { user: 'X-Authentik-Username', email: 'X-Email', groups: 'X-User-Groups' }
  const { app, upstream } = await setUp(t, { config: { identity } })
  await ask(app, { headers: { 'x-authentik-username': evil, x_email: evil, 'x-user-groups-': evil } })
  const [seen] = upstream.received
  t.notOk(seen?.rawHeaders.includes(evil))
  t.equal(seen?.headers['x-authentik-username'], 'nurse-7')
  t.equal(seen?.headers['x-email'], 'nurse-7@clinic.example')
  t.equal(seen?.headers['x-user-groups'], 'nurses,ward 3')
})

testBothWays('our cookie does not reach the CRM under a name beside Cookie', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  const spellings = ['Cookie', 'Cookie2', 'COOKIE_', '_Cookie', 'Cookie-', 'Cookie2_', 'cookie~']
  client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${spellings.map(name => `${name}: crm=1; ${reservedCookie}=secret\r\n`).join('')}\r\n`)
  t.match(await client.ended(), /^HTTP\/1\.1 200 /)
  const [seen] = upstream.received
  t.equal(seen?.headers.cookie, 'crm=1')
  t.notMatch(seen?.rawHeaders.join('\n') ?? '', /sallyport=|secret/i)
  t.equal(seen?.rawHeaders.filter(text => /cookie/i.test(text)).length, 1)
})
