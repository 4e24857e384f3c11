// Golden cases of a profile: requests as the CRM's pages send them, and what the trail has to say of each. They are run through the whole gateway, before a stand-in for the
// CRM that answers what the case says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import type { Test } from 'tap'
import { createBrowser, type Ask, type Browser } from './browser.ts'
import { startJourney, type Journey } from './journey.ts'
import { startUpstream, type Upstream } from './upstream.ts'

export interface ProfileCase {
  /** `GET /patients/42` */
  readonly ask: string
  /** `<kind> <type> [<id>]`, `none`, `unclassified`, or `refused <reason>`. */
  readonly is: string
  /** Of a record of another type; a patient is their own. */
  readonly patient?: string
  readonly form?: string
  readonly multipart?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly graphql?: string
  readonly variables?: unknown
  /** JSON that the CRM answers, and the ids that then are on record. */
  readonly answer?: unknown
  readonly seen?: readonly string[]
  /** Sent as a person's click would be, and still nobody's doing. */
  readonly background?: boolean
  readonly signsOut?: boolean
}

export function readCases (name: string): readonly ProfileCase[] {
  return parse(readFileSync(join(import.meta.dirname, '../cases/profiles', `${name}.yaml`), 'utf8')) as readonly ProfileCase[]
}

const boundary = '----WebKitFormBoundaryGoldenCase1'

function bodyOf ({ form, multipart, json, graphql, variables }: ProfileCase): { readonly body?: string, readonly type?: string } {
  if (form !== undefined) return { body: form, type: 'application/x-www-form-urlencoded' }
  if (graphql !== undefined) return { body: JSON.stringify({ operationName: null, query: graphql, variables: variables ?? {} }), type: 'application/json' }
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' }
  if (multipart === undefined) return {}
  const parts = Object.entries(multipart).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="uploadfile"; filename="letter.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\r\n`
  return { body: `${parts.join('')}${file}--${boundary}--\r\n`, type: `multipart/form-data; boundary=${boundary}` }
}

const click = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1', 'sec-fetch-site': 'same-origin' }

interface Stage { readonly t: Test, readonly journey: Journey, readonly upstream: Upstream, browser: Browser }

/** Milliseconds until the session is idle, without moving its clock. */
async function leftOf ({ journey, browser }: Stage): Promise<number> {
  return (JSON.parse((await browser.fetch(`${journey.url}/_sallyport/session`)).body) as { readonly leftMs: number }).leftMs
}

async function runCase (stage: Stage, one: ProfileCase, mark: string): Promise<void> {
  const { t, journey, upstream, browser } = stage
  const space = one.ask.indexOf(' ')
  const { body, type } = bodyOf(one)
  const ask: Ask = {
    method: one.ask.slice(0, space),
    headers: { 'user-agent': mark, origin: journey.url, ...(type === undefined ? {} : { 'content-type': type }), ...(one.background === true ? click : {}) },
    ...(body === undefined ? {} : { body }),
  }
  upstream.answer((_request, response, received) => {
    received.body.then(() => {
      if (one.answer !== undefined) response.setHeader('content-type', 'application/json')
      response.end(one.answer === undefined ? 'ok' : JSON.stringify(one.answer))
    }, () => response.destroy())
  })
  if (one.background === true) await journey.clock.advance(5000)
  const before = { left: one.background === true ? await leftOf(stage) : 0, received: upstream.received.length }
  const answer = await browser.fetch(`${journey.url}${one.ask.slice(space + 1)}`, ask)
  const isRefused = one.is.startsWith('refused ')
  if (!isRefused) t.equal(answer.status, 200, `${one.ask} passes: ${answer.body.slice(0, 200)}`)
  t.equal(upstream.received.length - before.received, isRefused ? 0 : 1, `${one.ask}: what the CRM saw`)
  if (one.background === true) t.equal(await leftOf(stage), before.left, `${one.ask} moves no idle clock`)
  if (one.signsOut === true) await expectSignedOut(stage, answer.headers['set-cookie'] ?? [])
}

async function expectSignedOut (stage: Stage, setCookie: readonly string[]): Promise<void> {
  const { t, journey, upstream } = stage
  t.ok(setCookie.some(cookie => /^__Host-sallyport=;/.test(cookie)), 'the browser is told to forget')
  for (let turn = 0; turn < 200 && !(await journey.trail()).some(event => event.kind === 'session.ended'); turn += 1) await wait(10)
  t.match((await journey.trail()).findLast(event => event.kind === 'session.ended'), { facts: { cause: 'signedOut' } })
  const { length } = upstream.received
  t.equal((await stage.browser.fetch(`${journey.url}/`)).status, 401)
  t.equal(upstream.received.length, length)
  stage.browser = await signIn(journey)
}

async function signIn (journey: Journey): Promise<Browser> {
  const browser = createBrowser({ ca: journey.authority.caPem, port: journey.port })
  await journey.signIn(browser, { path: '/' })
  return browser
}

type Event = Awaited<ReturnType<Journey['trail']>>[number]

/** As cases write it. */
function tell (event: Event | undefined): Pick<ProfileCase, 'is' | 'patient'> {
  const record = event?.what?.record
  if (event?.kind === 'request.denied') return { is: `refused ${event.decision?.reason}` }
  if (record === undefined) return { is: event?.facts?.['unclassified'] === true ? 'unclassified' : 'none' }
  return { is: [event?.what?.kind, record.type, record.id].filter(part => part !== undefined).join(' '), ...(record.patient === undefined || (record.type === 'patient' && record.patient === record.id) ? {} : { patient: record.patient }) }
}

/** Runs all cases of a profile; the gateway is set up with nothing but its name. */
export async function runCases (t: Test, name: string): Promise<Journey> {
  const cases = readCases(name)
  const upstream = await startUpstream()
  t.teardown(() => upstream.close())
  const journey = await startJourney(t, {
    configure (draft) {
      draft['access'] = { ...draft['access'], profile: name }
      draft['upstream'] = { ...draft['upstream'], url: upstream.url }
      draft['session'] = { ...draft['session'], background: [] }
    },
  })
  const stage: Stage = { t, journey, upstream, browser: await signIn(journey) }
  for (const [index, one] of cases.entries()) await runCase(stage, one, `case ${index}`)
  const trail = await journey.trail()
  for (const [index, one] of cases.entries()) {
    const event = trail.find(entry => entry.from?.userAgent === `case ${index}` && entry.what?.kind !== 'gateway')
    t.same(tell(event), { is: one.is, ...(one.patient === undefined ? {} : { patient: one.patient }) }, `${one.ask} ${one.graphql ?? one.form ?? JSON.stringify(one.json ?? one.multipart ?? '')}`)
    if (one.seen !== undefined) t.same(trail.filter(entry => entry.kind === 'record.seen' && entry.id === event?.id).map(entry => entry.what?.record?.id), one.seen, `${one.ask}: who was on it`)
  }
  return journey
}
