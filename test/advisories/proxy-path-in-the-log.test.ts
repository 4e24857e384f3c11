// reply-from logs the path at `info`, and the answer's first bytes can stand in its errors. Neither a path, a query, a name nor content is logged.
import { startRawUpstream, startUpstream } from '../support/upstream.ts'
import { ask } from '../inbound/forward/clients.ts'
import { setUpBefore } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const phi = 'Doe-1970-05-01'

testBothWays('a request that goes well leaves no path in the log', async t => {
  const app = await setUpBefore(t, await startUpstream(), { log: true })
  app.logLines.length = 0 // the start's own lines
  t.equal((await ask(app, { path: `/patients/${phi}?name=${phi}` })).status, 200)
  t.equal(app.logLines.filter(line => /fetching from|response received/.test(line)).length, 0)
  // Fastify's own request line is the listener's to switch off; whatever else was said does not quote the request.
  t.notOk(app.logLines.some(line => !line.includes('"incoming request"') && line.includes(phi)))
})

testBothWays('nor does one whose answer is not HTTP, quote the answer', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(`HTTP/1.1 200 OK\r\nbroken ${phi}\r\n\r\n`) }), { log: true })
  t.equal((await ask(app, { path: `/patients/${phi}` })).status, 502)
  t.match(app.failures, [{ code: 'forward.badAnswer' }])
  t.notOk(app.logLines.some(line => !line.includes('"incoming request"') && line.includes(phi)))
  t.notMatch(JSON.stringify(app.failures[0], Object.getOwnPropertyNames(app.failures[0])), phi)
})

testBothWays('nor one that breaks off', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${phi}`) }), { log: true })
  await t.rejects(ask(app, { path: `/patients/${phi}` }))
  t.match(app.brokenAnswers, [{ code: 'forward.answerCut' }])
  t.notOk(app.logLines.some(line => !line.includes('"incoming request"') && line.includes(phi)))
})
