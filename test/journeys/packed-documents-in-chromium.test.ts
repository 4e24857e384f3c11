// Documents of every shape in a real browser, packed by the CRM: behind the gateway, which packs most of them not anew, each is the page that it is without it, node by node.
import t from 'tap'
import { gzipSync } from 'node:zlib'
import { shown, testShown } from '../support/shown-documents.ts'

t.test(`${shown.length} shapes of documents in gzip are the same pages`, { timeout: 110_000 }, async t => {
  const asked = new Set<string>()
  await testShown(t, ({ headers, body, status = 200 }) => (request, response) => {
    asked.add(String(request.headers['accept-encoding']))
    response.writeHead(status, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(body))
  })
  t.same([...asked], ['gzip'], 'what the CRM was asked for')
})
