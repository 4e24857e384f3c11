// A gateway with masked fields before a CRM that the test programs, and people of two roles who are signed in.
import type { IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import type { Browser } from './browser.ts'
import { frontDesk, nurse, startJourney, type Journey, type JourneyOptions } from './journey.ts'
import type { JourneyPerson } from './journey-idp.ts'
import { startUpstream, type Received, type Upstream } from './upstream.ts'

export const both: JourneyPerson = { id: 'lead-1', name: 'Lea Lead', email: 'lead-1@clinic.example', groups: ['clinic-nurses', 'clinic-desk'] }

/** What the desk may not see of a patient, as most of the tests have it. */
export const deskRules = [
  { roles: ['desk'], records: ['patient'], fields: ['**.ssn'], action: 'last4', as: 'ssn' },
  { roles: ['desk'], records: ['patient'], fields: ['**.diagnosis'], action: 'hide' },
  { roles: ['desk'], records: ['patient'], fields: ['**.birthday'], action: 'generalise', to: 'year' },
]

const searches = [{ records: ['patient'], text: ['query.q', 'body.search'], over: ['name', 'ssn'], columns: ['query.select', 'body.columns'] }]

const records = [
  { route: 'GET /patients', type: 'patient', kind: 'search', when: { 'query.q': ['*'] } },
  { route: 'GET /patients', type: 'patient', kind: 'list' },
  { route: 'POST /patients/search', type: 'patient', kind: 'search' },
  { route: 'PUT,PATCH,POST /patients/{id}', type: 'patient', kind: 'update' },
  { route: 'GET /patients/{id}/**', type: 'patient', kind: 'read' },
  { route: 'POST /graphql', type: 'patient', kind: 'read' },
  { route: 'DELETE /patients/{id}', type: 'patient', kind: 'delete' },
  { route: 'GET /graphql', type: 'patient', kind: 'read' },
  { route: 'GET /live', type: 'patient', kind: 'read' },
  { route: 'GET /home', type: 'none' },
]

export type Send = (method: string, path: string, content?: { readonly body?: string, readonly type?: string }) => ReturnType<Browser['fetch']>

export interface MaskedClinic {
  readonly journey: Journey
  readonly crm: Upstream
  /** Signed in. */
  browser (person?: JourneyPerson): Promise<Browser>
  /** Requests of somebody who is signed in, as the CRM's own pages send them. */
  sender (person?: JourneyPerson): Promise<Send>
  /** From now on the CRM answers so, with this type. */
  answers (body: string | Buffer, head?: { readonly status?: number, readonly type?: string, readonly headers?: Readonly<Record<string, string>> }): void
  last (kind: string): Promise<Awaited<ReturnType<Journey['trail']>>[number] | undefined>
  /** Requests for patients that the CRM got. */
  asked (): readonly Received[]
}

/** `masking` and `access` go over the sections as they are here. */
export async function startMaskedClinic (t: Test, sections: { readonly masking?: object, readonly access?: object, readonly configure?: JourneyOptions['configure'] } = {}): Promise<MaskedClinic> {
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  const journey = await startJourney(t, {
    configure (draft) {
      draft['upstream'] = { url: crm.url }
      draft['access'] = { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'] }, desk: { groups: ['clinic-desk'], allow: ['* /**'] } }, records, ...sections.access }
      draft['masking'] = { rules: deskRules, searches, ...sections.masking }
      sections.configure?.(draft)
    },
  })
  const signedIn = async (person = frontDesk) => {
    const browser = journey.browser()
    await journey.signIn(browser, { person, path: '/home' })
    return browser
  }
  return {
    journey,
    crm,
    browser: signedIn,
    async sender (person) {
      const browser = await signedIn(person)
      return (method, path, { body, type = 'application/json' } = {}) => browser.fetch(`${journey.url}${path}`, {
        method,
        headers: { origin: journey.url, ...(body === undefined ? {} : { 'content-type': type }) },
        ...(body === undefined ? {} : { body }),
      })
    },
    answers (body, { status = 200, type = 'application/json', headers = {} } = {}) {
      crm.answer((request: IncomingMessage, response) => {
        request.resume()
        response.writeHead(status, { ...(type === '' ? {} : { 'content-type': type }), ...headers })
        response.end(body)
      })
    },
    last: async kind => (await journey.trail()).findLast(entry => entry.kind === kind),
    asked: () => crm.received.filter(({ target }) => !target.startsWith('/home')),
  }
}

export { frontDesk, nurse }
