// Which requests are the person's doing, one row each, under both settings of unlistedFetches.
import t from 'tap'
import { createActivityJudge } from '../../../src/inbound/session/activity.ts'
import type { ActivitySigns } from '../../../src/inbound/session/session.ts'

const bare: ActivitySigns = { method: 'GET', foldedPath: '/leads', fetchMode: undefined, fetchDest: undefined, fetchUser: undefined }
const script = { fetchMode: 'cors', fetchDest: 'empty' }

const cases: ReadonlyArray<readonly [string, Partial<ActivitySigns>, boolean, boolean]> = [
  // what, signs, counts with unlistedFetches: background, counts with activity
  ['a click on a link', { fetchMode: 'navigate', fetchDest: 'document', fetchUser: '?1' }, true, true],
  ['a page that another page opened', { fetchMode: 'navigate', fetchDest: 'document' }, true, true],
  ['a frame', { fetchMode: 'navigate', fetchDest: 'iframe' }, false, false],
  ['a click inside a frame', { fetchMode: 'navigate', fetchDest: 'iframe', fetchUser: '?1' }, true, true],
  ['a page loaded ahead', { fetchMode: 'navigate', fetchDest: 'document', purpose: 'prefetch' }, false, false],
  ['a page rendered ahead', { fetchMode: 'navigate', fetchDest: 'document', purpose: 'prefetch;prerender' }, false, false],
  ['a script\'s GET', script, false, true],
  ['a script\'s GET on its own origin', { fetchMode: 'same-origin', fetchDest: 'empty' }, false, true],
  ['a script\'s POST', { ...script, method: 'POST' }, true, true],
  ['PUT', { ...script, method: 'PUT' }, true, true],
  ['PATCH', { ...script, method: 'PATCH' }, true, true],
  ['DELETE', { ...script, method: 'DELETE' }, true, true],
  ['a method nobody knows', { ...script, method: 'MKCALENDAR' }, true, true],
  ['HEAD by a script', { ...script, method: 'HEAD' }, false, true],
  ['a preflight', { ...script, method: 'OPTIONS' }, false, true],
  ['a WebDAV look', { ...script, method: 'PROPFIND' }, false, true],
  ['a WebSocket', { fetchMode: 'websocket', fetchDest: 'empty' }, false, false],
  ['a WebSocket of a browser that says nothing of it', { isStream: true }, false, false],
  ['an event stream', { ...script, isStream: true }, false, false],
  ['a report that a browser sends by itself', { method: 'POST', fetchMode: 'no-cors', fetchDest: 'report' }, false, false],
  ['an image', { fetchMode: 'no-cors', fetchDest: 'image' }, false, false],
  ['a program without Sec-Fetch', {}, false, true],
  ['a program that posts', { method: 'POST' }, true, true],
  ['another value of Sec-Fetch-User', { ...script, fetchUser: '?0' }, false, true],
  ['a listed route', { foldedPath: '/api/poll', method: 'POST', fetchMode: 'navigate', fetchDest: 'document', fetchUser: '?1' }, false, false],
  ['a route below a listed one', { foldedPath: '/api/poll/now', method: 'POST' }, true, true],
]

for (const [what, signs, byDefault, whenFetchesCount] of cases) {
  t.test(what, async t => {
    const background = ['* /api/poll']
    t.equal(createActivityJudge({ background, unlistedFetches: 'background' })({ ...bare, ...signs }), byDefault)
    t.equal(createActivityJudge({ background, unlistedFetches: 'activity' })({ ...bare, ...signs }), whenFetchesCount)
  })
}

t.test('a pattern that is none stops the start', async t => {
  t.throws(() => createActivityJudge({ background: ['/no-method'], unlistedFetches: 'background' }), TypeError)
})
