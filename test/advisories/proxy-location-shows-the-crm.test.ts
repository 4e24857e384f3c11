// `Location: http://<upstream>/…` passed unchanged: people were sent past the gateway.
import { ask } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

testBothWays('absolute URLs of the CRM become public ones in Location, Content-Location and Refresh', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer((_request, response) => {
    response.writeHead(302, {
      location: `${upstream.url}/leads/7?tab=a#b`,
      'content-location': `${upstream.url}/leads/7`,
      refresh: `5; url=${upstream.url}/login`,
    }).end()
  })
  const { headers } = await ask(app)
  t.equal(headers.location, 'https://crm.clinic.test/leads/7?tab=a#b')
  t.equal(headers['content-location'], 'https://crm.clinic.test/leads/7')
  t.equal(headers['refresh'], '5; url=https://crm.clinic.test/login')
})

const port = '$PORT'
const cases = [
  ['the other scheme', `https://127.0.0.1:${port}/a`, 'https://crm.clinic.test/a'],
  ['no scheme', `//127.0.0.1:${port}/a`, 'https://crm.clinic.test/a'],
  ['backslashes, as browsers read them', `\\\\127.0.0.1:${port}\\a`, 'https://crm.clinic.test\\a'],
  ['white space before it', ` \thttp://127.0.0.1:${port}/a`, 'https://crm.clinic.test/a'],
  ['a tab in it', `ht\ttp://127.0.0.1:${port}/a`, 'https://crm.clinic.test/a'],
  ['a user before the host', `http://x:y@127.0.0.1:${port}/a`, 'https://crm.clinic.test/a'],
  ['another way to write the address', `http://0x7f.1:${port}/a`, 'https://crm.clinic.test/a'],
  ['no path', `http://127.0.0.1:${port}`, 'https://crm.clinic.test'],
  ['the public name over http', 'http://crm.clinic.test/a', 'https://crm.clinic.test/a'],
  ['relative to the host', '/a?b', '/a?b'],
  ['relative to the path', 'a/../b', 'a/../b'],
  ['a stranger', 'https://partner.example/a', 'https://partner.example/a'],
  ['a stranger with the CRM as its user', `https://127.0.0.1:${port}@partner.example/`, `https://127.0.0.1:${port}@partner.example/`],
  ['a stranger with the CRM in its query', `https://partner.example/?u=http://127.0.0.1:${port}/`, `https://partner.example/?u=http://127.0.0.1:${port}/`],
  ['the same host at another port', 'http://127.0.0.1:1/a', 'http://127.0.0.1:1/a'],
  ['bytes that are not ASCII', `http://127.0.0.1:${port}/\u00fcber`, 'https://crm.clinic.test/\u00fcber'],
] as const

for (const [name, sent, expected] of cases) {
  testBothWays(name, async t => {
    const { app, upstream } = await setUp(t)
    const fill = (text: string) => text.replaceAll(port, String(upstream.port))
    upstream.answer((_request, response) => { response.writeHead(303, { location: fill(sent) }).end() })
    t.equal((await ask(app)).headers.location, fill(expected))
  })
}
