// A ticket system that nobody here wrote, unmodified, behind the gateway with its own profile: people work in it as ever, and the trail speaks of tickets.
import t from 'tap'
import type { Browser } from '../support/browser.ts'
import { frontDesk, nurse, startJourney, type Journey } from '../support/journey.ts'
import { startRequestTracker } from '../support/request-tracker.ts'

const access = {
  profile: 'request-tracker',
  unclassified: 'refuse',
  roles: {
    nurse: { groups: ['clinic-nurses'], allow: ['* /**'], deny: ['* /Admin/**'] },
    desk: { groups: ['clinic-desk'], allow: ['* /**'], deny: ['* /Admin/**'] },
  },
  rules: [
    { effect: 'deny', roles: ['desk'], records: ['attachment'] },
    { effect: 'deny', roles: ['desk'], kinds: ['export'] },
    { effect: 'allow', roles: ['nurse', 'desk'] },
  ],
}

const patient = 'pat.invented@patients.example'

const tracker = await startRequestTracker()
t.teardown(() => tracker.stop())

interface Place { readonly journey: Journey, readonly ticket: number, readonly attachment: string }

async function start (t: Parameters<typeof startJourney>[0], more: Record<string, Record<string, unknown>> = {}): Promise<Place> {
  const journey = await startJourney(t, {
    configure (configuration) {
      configuration['upstream'] = { url: tracker.url }
      configuration['access'] = access
      Object.assign(configuration, more)
    },
  })
  const created = await tracker.rest('POST', '/ticket', {
    Queue: 'General',
    Subject: 'Results are in',
    Requestor: patient,
    Content: 'Please call 555-0100.',
    ContentType: 'text/plain',
    Attachments: [{ FileName: 'result.txt', FileType: 'text/plain', FileContent: Buffer.from('an invented result').toString('base64') }],
  }) as { readonly id: string }
  const ticket = Number(created.id)
  const { items } = await tracker.rest('GET', `/ticket/${ticket}/attachments?fields=Filename,TransactionId`) as { readonly items: ReadonlyArray<{ readonly id: string, readonly Filename?: string }> }
  const file = items.find(({ Filename }) => Filename === 'result.txt')?.id ?? 'none'
  const { TransactionId } = await tracker.rest('GET', `/attachment/${file}`) as { readonly TransactionId: { readonly id: string } }
  return { journey, ticket, attachment: `/Ticket/Attachment/${TransactionId.id}/${file}/result.txt` }
}

/** Through the identity provider, then through Request Tracker's own page. */
async function signIn ({ journey }: Place, person: typeof nurse): Promise<Browser> {
  const browser = journey.browser()
  const login = await journey.signIn(browser, { person })
  t.match(login.body, /<title>Login<\/title>/)
  const form = login.body.slice(login.body.indexOf('id="login"'))
  const home = await browser.submit({ ...login, body: `<form method="post" ${form}` }, { user: 'root', pass: tracker.password })
  t.match(home, { status: 200, body: /RT at a glance/ })
  return browser
}

const lastAbout = async (journey: Journey, route: string) => (await journey.trail()).findLast(({ kind, what }) => kind === 'request.admitted' && what?.route === route)

t.test('a nurse works in it, and what was read, searched and downloaded is on record as tickets', async t => {
  const place = await start(t)
  const { journey, ticket, attachment } = place
  const browser = await signIn(place, nurse)
  const page = await browser.open(`${journey.url}/Ticket/Display.html?id=${ticket}`)
  t.match(page, { status: 200, body: /Results are in/ })
  t.match(page.body, new RegExp(patient))
  t.match(page.body, /\/_sallyport\/idle/, 'the idle script is in its pages')
  t.match(page.headers['cache-control'], /no-store/)
  t.match(await lastAbout(journey, 'GET /Ticket/Display.html'), { what: { kind: 'read', record: { type: 'ticket', id: String(ticket) } }, who: { id: nurse.id }, decision: { rule: 'access.rules[2]' } })

  t.match(await browser.open(`${journey.url}/Search/Simple.html?q=Results`), { status: 200, body: /Results are in/ })
  t.match(await lastAbout(journey, '* /Search/Simple.html'), { what: { kind: 'search', record: { type: 'ticket' } } })
  t.match(await browser.open(`${journey.url}${attachment}`), { status: 200, body: 'an invented result' })
  t.match(await lastAbout(journey, 'GET /Ticket/Attachment/{transaction}/{id}/**'), { what: { kind: 'download', record: { type: 'attachment', id: attachment.split('/')[4] as string } } })

  const update = await browser.open(`${journey.url}/Ticket/ModifyPeople.html?id=${ticket}`)
  t.equal(update.status, 200)
  const people = await browser.ask(`${journey.url}/Ticket/ModifyDates.html`, {
    method: 'POST', body: `id=${ticket}&Due_Date=2027-01-04`, headers: { 'content-type': 'application/x-www-form-urlencoded', origin: journey.url, referer: `${journey.url}/Ticket/ModifyDates.html?id=${ticket}` },
  })
  t.equal(people.status, 200)
  t.match(await lastAbout(journey, 'POST /Ticket/ModifyDates.html'), { what: { kind: 'update', record: { type: 'ticket', id: String(ticket) } } })
})

t.test('its REST interface: the tickets on a list are in the trail, each of them', async t => {
  const place = await start(t)
  const { journey, ticket } = place
  const browser = await signIn(place, nurse)
  const list = await browser.fetch(`${journey.url}/REST/2.0/tickets?query=${encodeURIComponent('Queue = "General"')}`)
  t.equal(list.status, 200)
  t.match((await journey.trail()).filter(({ kind }) => kind === 'record.seen').map(({ what }) => what?.record?.id).toSorted(), Array.from({ length: ticket }, (_, at) => String(at + 1)).toSorted())
  t.match(await browser.fetch(`${journey.url}/REST/2.0/ticket/${ticket}`), { status: 200, body: /"Subject" ?: ?"Results are in"/ })
  t.match(await lastAbout(journey, 'GET /REST/2.0/ticket/{id}'), { what: { kind: 'read', record: { type: 'ticket', id: String(ticket) } } })
})

t.test('the front desk reads tickets, but no attachment and no export leaves; Request Tracker saw nothing of either', async t => {
  const place = await start(t)
  const { journey, ticket, attachment } = place
  const browser = await signIn(place, frontDesk)
  t.equal((await browser.open(`${journey.url}/Ticket/Display.html?id=${ticket}`)).status, 200)
  tracker.seen.length = 0
  for (const path of [attachment, '/Search/Results.tsv?Query=id>0', '/REST/2.0/attachment/1', '/Admin/Users/index.html']) t.equal((await browser.open(`${journey.url}${path}`)).status, 403, path)
  t.same(tracker.seen, [])
  t.match((await journey.trail()).filter(({ kind, who }) => kind === 'request.denied' && who !== undefined).map(({ decision, what }) => [decision?.reason, decision?.rule, what?.record?.type]), [
    ['access.notAllowed', 'access.rules[0]', 'attachment'], ['access.notAllowed', 'access.rules[1]', 'ticket'], ['access.notAllowed', 'access.rules[0]', 'attachment'],
    ['access.notAllowed', 'access.roles.desk.deny[0]', 'administration'],
  ])
})

t.test('the front desk reads a ticket without who asked, on its page and over REST, and cannot search for it', async t => {
  const place = await start(t, {
    masking: {
      rules: [{ roles: ['desk'], records: ['ticket'], fields: ['**.Requestor', '**.Requestors', '**.Cc'], selectors: ['.user'], action: 'mask', as: 'email' }],
      searches: [{ records: ['ticket'], text: ['query.q'], over: ['Subject', 'Content'] }],
    },
  })
  const { journey, ticket } = place
  const nurseSees = await (await signIn(place, nurse)).open(`${journey.url}/Ticket/Display.html?id=${ticket}`)
  t.match(nurseSees.body, new RegExp(patient))
  const browser = await signIn(place, frontDesk)
  const page = await browser.open(`${journey.url}/Ticket/Display.html?id=${ticket}`)
  t.equal(page.status, 200)
  t.match(page.body, /Results are in/)
  t.match(page.body, /\[email\]/)
  t.notMatch(page.body, new RegExp(patient))
  t.match((await journey.trail()).findLast(({ kind, facts }) => kind === 'request.completed' && facts?.['masked'] !== undefined)?.facts?.['masked'], /^\.user mask \d+/)
  const answer = await browser.fetch(`${journey.url}/REST/2.0/ticket/${ticket}`)
  t.equal(answer.status, 200)
  t.notMatch(answer.body, new RegExp(patient))
  t.match(JSON.parse(answer.body), { Subject: 'Results are in' })
  tracker.seen.length = 0
  for (const path of [`/REST/2.0/tickets?query=${encodeURIComponent(`Requestor = "${patient}"`)}`, '/REST/2.0/tickets?query=id>0&orderby=Requestor']) {
    t.equal((await browser.fetch(`${journey.url}${path}`)).status, 403, path)
  }
  t.same(tracker.seen, [])
})

t.test('its own sign-out ends the session, and so do fifteen idle minutes', async t => {
  const place = await start(t)
  const { journey, ticket } = place
  const first = await signIn(place, nurse)
  t.equal((await first.open(`${journey.url}/NoAuth/Logout.html`)).status, 200)
  tracker.seen.length = 0
  t.notMatch((await first.open(`${journey.url}/Ticket/Display.html?id=${ticket}`)).body, /Results are in/)
  const second = await signIn(place, nurse)
  await journey.clock.advance(15 * 60_000)
  tracker.seen.length = 0
  t.notMatch((await second.open(`${journey.url}/Ticket/Display.html?id=${ticket}`)).body, /Results are in/)
  t.same(tracker.seen, [])
})
