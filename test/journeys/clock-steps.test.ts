// The clock is set while people work: nobody is let in for longer than before, people can sign in again at once, and the trail stays whole.
import t from 'tap'
import { startJourney } from '../support/journey.ts'
import { judgeMarks, nothingMissing } from '../support/load.ts'

const minute = 60_000

for (const [name, byMs] of [['back by an hour', -60 * minute], ['forward by an hour', 60 * minute]] as const) {
  t.test(`the clock steps ${name}: everybody has to sign in, and can; what is open is cut; the trail is whole`, async t => {
    const journey = await startJourney(t)
    const browser = journey.browser()
    await journey.signIn(browser)
    const ask = async (mark: string) => (await browser.fetch(`${journey.url}/api/leads?mark=${mark}`)).status
    t.equal(await ask('a'), 200)
    const socket = journey.webSocket(browser)
    const closed = new Promise<number>(resolve => { socket.on('close', resolve) })
    await new Promise(resolve => { socket.once('open', resolve) })
    const before = journey.crm.seen().length
    journey.clock.step(byMs)
    t.equal(await ask('b'), 401)
    t.equal(journey.crm.seen().length, before)
    await journey.clock.advance(1000)
    t.equal(await closed, 4401)
    await journey.signIn(browser)
    t.equal(await ask('c'), 200)
    const trail = (await journey.trail()).filter(({ what }) => what?.path === '/api/leads' || what === undefined)
    t.same(judgeMarks(trail, { answered: ['a', 'c'], reached: ['a', 'c'] }), nothingMissing)
    t.match(trail.findLast(({ kind }) => kind === 'request.denied'), { decision: { reason: 'session.idle' } })
    t.ok(journey.gateway.rooms.audit.ready().ok)
  })
}

t.test('a clock that is set back by less than a minute throws nobody out, and lengthens a session by no more than the step', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const ask = async () => (await browser.fetch(`${journey.url}/api/leads`)).status
  journey.clock.step(-50_000)
  t.equal(await ask(), 200, 'nobody is thrown out for a correction')
  await journey.clock.advance(15 * minute + 50_000)
  t.equal(await ask(), 401)
})
