// Documents of every shape in a real browser: behind the gateway each is the page that it is without it, and has the idle script exactly once.
import t from 'tap'
import { shown, testShown } from '../support/shown-documents.ts'

t.test(`${shown.length} shapes of documents are the same pages`, { timeout: 110_000 }, async t => {
  await testShown(t, ({ headers, body, status = 200 }) => (_request, response) => { response.writeHead(status, headers).end(body) })
})
