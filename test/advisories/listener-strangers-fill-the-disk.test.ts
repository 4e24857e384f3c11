// What a stranger can make the gateway write. Each redirect to sign in keeps the path that somebody wanted to open for ten minutes (4 kB in the
// store, in memory when that is Redis), and each of our own pages puts two records into the trail, which nothing counts together: a loop at one
// allowed address would fill either in minutes, and with the disk full nobody gets in.
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { ownPagesPerMinute, returnPathsPerMinute } from '../../src/inbound/attempt-limit.ts'
import { startJourney, type Journey } from '../support/journey.ts'

interface Seen { readonly status: number | undefined, readonly location: string | undefined }

/** Asks `count` times for a path without a cookie, as a browser that navigates; eight connections. */
async function flood (t: Test, journey: Journey, options: { readonly path: string, readonly count: number }): Promise<Seen[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  t.teardown(() => { agent.destroy() })
  return Promise.all(Array.from({ length: options.count }, () => new Promise<Seen>((resolve, reject) => {
    request({
      host: '127.0.0.1', port: journey.port, servername: 'crm.clinic.test', ca: journey.authority.caPem, agent, path: options.path, headers: { host: journey.host, accept: 'text/html' },
    }, answer => {
      answer.resume().once('end', () => { resolve({ status: answer.statusCode, location: answer.headers.location }) })
    }).on('error', reject).end()
  })))
}

t.test('paths to come back to are kept for so many navigations a minute; the others go to sign in all the same', async t => {
  const journey = await startJourney(t)
  const file = new DatabaseSync(join(journey.directory, 'data', 'sessions.sqlite'))
  t.teardown(() => { file.close() })
  const kept = () => Number(file.prepare('SELECT count(*) AS rows FROM once').get()?.['rows'])
  const seen = await flood(t, journey, { path: '/leads?page=2', count: returnPathsPerMinute + 100 })
  t.equal(kept(), returnPathsPerMinute)
  t.ok(seen.every(({ status, location }) => status === 303 && location?.startsWith('/_sallyport/sign-in') === true))
  t.equal(seen.filter(({ location }) => location === '/_sallyport/sign-in').length, 100)
  await journey.clock.advance(60_000)
  await flood(t, journey, { path: '/leads?page=2', count: 1 })
  t.equal(kept(), returnPathsPerMinute + 1, 'a minute later paths are kept again')
})

t.test('our own pages are answered so often a minute; further requests are refused, and counted together', async t => {
  const journey = await startJourney(t)
  const seen = await flood(t, journey, { path: '/_sallyport/saml/metadata', count: ownPagesPerMinute + 100 })
  t.equal(seen.filter(({ status }) => status === 200).length, ownPagesPerMinute)
  t.equal(seen.filter(({ status }) => status === 429).length, 100)
  await journey.clock.advance(1000)
  const trail = await journey.trail()
  const denied = trail.filter(event => event.decision?.reason === 'inbound.tooManyOwnPages')
  t.equal(denied.reduce((sum, event) => sum + (event.count ?? 1), 0), 100)
  t.ok(denied.length < 50, `${denied.length} records`)
  await journey.clock.advance(60_000)
  t.same((await flood(t, journey, { path: '/_sallyport/saml/metadata', count: 1 }))[0]?.status, 200, 'a minute later they are there again')
})
