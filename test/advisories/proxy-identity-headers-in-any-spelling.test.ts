// `X_Forwarded_User: evil` reached the CRM beside our X-Forwarded-User, and many servers read both as one.
import { generateKeyPairSync } from 'node:crypto'
import { SecretValue } from '../../src/shared/schema.ts'
import { ask, askHttp2, openHttp2, openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const spellings = [
  'X_Forwarded_User', 'x-forwarded_user', 'X-FORWARDED-USER', 'X.Forwarded.User', 'X-Forwarded-Groups', 'X_Forwarded_Email', 'X-Forwarded-Anything', 'X_Forwarded_For',
  'Forwarded', 'X-Real-IP', 'X_Real_IP', 'Remote-User', 'REMOTE_USER', 'X-Remote-User', 'X-Auth-Request-User', 'X-WebAuth-User', 'Client-IP', 'True-Client-IP',
  'Proxy', 'X-Original-URL', 'X_Rewrite_URL', 'X-HTTP-Method-Override', 'X_HTTP_Method', 'X-Sallyport-Identity', 'X-Request-Id', 'Content_Length', 'Transfer_Encoding',
]
const evil = 'evil-value'

testBothWays('no client header about identity, address, path or method passes, in no spelling', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${spellings.map(name => `${name}: ${evil}\r\n`).join('')}X-Kept: yes\r\n\r\n`)
  t.match(await client.ended(), /^HTTP\/1\.1 200 /)
  const [seen] = upstream.received
  t.notOk(seen?.rawHeaders.includes(evil), 'nothing of the client\'s word arrived')
  t.equal(seen?.headers['x-kept'], 'yes')
  t.equal(seen?.headers['x-forwarded-user'], 'nurse-7')
  t.equal(seen?.headers['x-forwarded-email'], 'nurse-7@clinic.example')
  t.equal(seen?.headers['x-forwarded-groups'], 'nurses,ward 3')
  t.equal(seen?.headers['x-forwarded-for'], '203.0.113.9')
  t.equal(seen?.headers['x-forwarded-proto'], 'https')
  t.equal(seen?.headers['x-forwarded-host'], 'crm.clinic.test')
  t.equal(seen?.headers['x-forwarded-port'], '443')
  t.match(seen?.headers['x-request-id'], /^request-/)
})

testBothWays('nor over HTTP/2', async t => {
  const { app, upstream } = await setUp(t)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const answer = await askHttp2(session, { headers: { x_forwarded_user: evil, 'x-forwarded-for': evil, 'remote-user': evil, 'x-kept': 'yes' } })
  t.equal(answer.status, 200)
  t.notOk(upstream.received[0]?.rawHeaders.includes(evil))
  t.equal(upstream.received[0]?.headers['x-forwarded-user'], 'nurse-7')
  t.equal(upstream.received[0]?.headers['x-kept'], 'yes')
})

testBothWays('nor under names that the configuration gave to identity', async t => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const identity = {
    user: 'X-Person', email: 'X-Person-Mail', groups: 'X-Person-Groups', token: { header: 'X-Person-Token', key: new SecretValue(key), audience: 'crm', lifetime: '60s' },
  }
  const { app, upstream } = await setUp(t, { config: { identity } })
  await ask(app, { headers: { x_person: evil, 'X-Person-Mail': evil, 'X_PERSON-groups': evil, X_Person_Token: evil } })
  const [seen] = upstream.received
  t.notOk(seen?.rawHeaders.includes(evil))
  t.equal(seen?.headers['x-person'], 'nurse-7')
  t.match(seen?.headers['x-person-token'], /^[\w-]+\.[\w-]+\.[\w-]+$/)
})

testBothWays('a person without e-mail and groups has no such header, not even the client\'s', async t => {
  const { app, upstream } = await setUp(t, { context: { person: { id: 'desk-2', name: 'Fred Desk', email: undefined, groups: [] } } })
  await ask(app, { headers: { 'x-forwarded-email': evil, 'x-forwarded-groups': evil } })
  t.equal(upstream.received[0]?.headers['x-forwarded-email'], undefined)
  t.equal(upstream.received[0]?.headers['x-forwarded-groups'], undefined)
})

testBothWays('a second spelling of a field that frames the message is dropped beside the first', async t => {
  const { app, upstream } = await setUp(t)
  await ask(app, { method: 'POST', headers: { Content_Length: '999', content_type: 'text/html', 'content-type': 'text/plain', 'x-a': '1', x_a: '2', x_b: '3' }, body: 'abc' })
  const [seen] = upstream.received
  t.equal(seen?.headers['content-type'], 'text/plain')
  t.equal(seen?.headers['content_type'], undefined)
  t.equal(seen?.headers['content_length'], undefined)
  t.equal(seen?.headers['x_a'], undefined, 'two spellings of one name: the plain one counts')
  t.equal(seen?.headers['x_b'], '3', 'a lone odd name is the application\'s own business')
  t.equal((await seen?.body)?.toString(), 'abc')
})
