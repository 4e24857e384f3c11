// `Link: <http://upstream/…>`, and policies that name the CRM's own address: browsers were sent past the gateway and told what stands behind it.
import { ask } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const pub = 'https://crm.clinic.test'
const cases = [
  ['link', '<http://UP/style.css>; rel=preload, <//UP/b>; rel="next", </c>', `<${pub}/style.css>; rel=preload, <${pub}/b>; rel="next", </c>`],
  ['link', '<https://partner.example/?u=http://UP/>; rel=next', '<https://partner.example/?u=http://UP/>; rel=next'],
  ['content-security-policy', 'default-src \'self\' http://UP; connect-src ws://UP HTTPS://UP/api; report-uri http://UP/csp', `default-src 'self' ${pub}; connect-src wss://crm.clinic.test ${pub}/api; report-uri ${pub}/csp`],
  ['content-security-policy-report-only', 'frame-ancestors http://UP;report-uri http://UP', `frame-ancestors ${pub};report-uri ${pub}`],
  ['content-security-policy', 'img-src http://UP.partner.example http://UP@partner.example http://127.0.0.1:1 *', 'img-src http://UP.partner.example http://UP@partner.example http://127.0.0.1:1 *'],
  ['access-control-allow-origin', 'http://UP', pub],
  ['access-control-allow-origin', 'https://partner.example', 'https://partner.example'],
  ['access-control-allow-origin', '*', '*'],
  ['timing-allow-origin', 'http://UP', pub],
  ['report-to', '{"endpoints":[{"url":"http://UP/r"}]}', `{"endpoints":[{"url":"${pub}/r"}]}`],
  ['reporting-endpoints', 'main="http://UP/r"', `main="${pub}/r"`],
  ['sourcemap', 'http://UP/app.js.map', `${pub}/app.js.map`],
  ['x-frame-options', 'ALLOW-FROM http://UP/', `ALLOW-FROM ${pub}/`],
] as const

testBothWays('the CRM\'s own origin becomes the public one, as a whole word only', async t => {
  const { app, upstream } = await setUp(t)
  for (const [name, sent, expected] of cases) {
    const fill = (text: string) => text.replaceAll('UP', `127.0.0.1:${upstream.port}`)
    upstream.answer((_request, response) => { response.writeHead(200, { [name]: fill(sent) }).end('ok') })
    t.equal((await ask(app)).headers[name], fill(expected), `${name}: ${sent}`)
  }
})
