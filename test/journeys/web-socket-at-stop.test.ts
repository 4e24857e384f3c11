import { once } from 'node:events'
import t from 'tap'
import { startJourney } from '../support/journey.ts'

t.test('a gateway that stops tells its WebSockets (1001), and their records end', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const echoed = new Promise<void>(resolve => { socket.on('message', (_data, isBinary) => { if (isBinary) resolve() }) })
  socket.send(Buffer.from('ping'))
  await echoed
  const closed = once(socket, 'close')
  await journey.close()
  t.equal((await closed)[0], 1001)
  const events = await journey.readTrail()
  const closing = events.find(event => event.kind === 'connection.closed')
  t.ok((closing?.outcome?.messagesIn ?? 0) >= 1)
  t.equal(events.filter(event => event.id === closing?.id && event.kind.startsWith('request.') && event.kind !== 'request.admitted').length, 1)
})
