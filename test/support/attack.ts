// A whole gateway under attack: a role that may open everything but /admin, and for each request what came back, what the CRM saw, what is on record.
import { once } from 'node:events'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import type { Test } from 'tap'
import { startJourney, type Journey } from './journey.ts'
import { sendRaw } from './raw.ts'

export interface Outcome {
  /** Of every answer that came. */
  readonly statuses: readonly number[]
  /** `METHOD target` of everything that reached the CRM. */
  readonly seen: readonly string[]
  /** Reasons of the refusals on record. */
  readonly refused: ReadonlyArray<string | undefined>
  readonly admitted: number
}

export interface Target {
  readonly journey: Journey
  /** Host, cookie and close: what follows a request line. */
  readonly head: string
  /** Sends these bytes over HTTP/1.1. */
  send(text: string): Promise<Outcome>
  /** Sends one request with these headers over HTTP/2. */
  sendHttp2(headers: Readonly<Record<string, string>>): Promise<Outcome>
  /** The control: a good request passes, so that a refusal says something about the attack. */
  requireGood(t: Test): Promise<void>
}

export async function startTarget (t: Test, options: Parameters<typeof startJourney>[1] = {}): Promise<Target> {
  const journey = await startJourney(t, {
    configure (draft) {
      draft['access'] = { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'], deny: ['* /admin', '* /admin/**'] } } }
      options.configure?.(draft)
    },
  })
  const browser = journey.browser()
  await journey.signIn(browser)
  const cookie = browser.cookies('crm.clinic.test')
  const observe = async (act: () => Promise<readonly number[]>): Promise<Outcome> => {
    const before = (await journey.trail()).length
    journey.crm.forget()
    const statuses = await act()
    const events = (await journey.trail()).slice(before)
    return {
      statuses,
      seen: journey.crm.seen().map(({ method, url }) => `${method} ${url}`),
      refused: events.filter(event => event.kind === 'request.denied').map(event => event.decision?.reason),
      admitted: events.filter(event => event.kind === 'request.admitted').length,
    }
  }
  const send: Target['send'] = text => observe(async () => readStatuses(await sendRaw(journey, text)))
  const head = `Host: ${journey.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n`
  return {
    journey,
    head,
    send,
    sendHttp2: headers => observe(async () => [await askHttp2(journey, { ':authority': journey.host, cookie, ...headers })]),
    async requireGood (t) {
      t.same(await send(`GET /health HTTP/1.1\r\n${head}\r\n`), { statuses: [200], seen: ['GET /health'], refused: [], admitted: 1 }, 'a good request passes')
    },
  }
}

/** The attack got this status, the CRM saw nothing, and exactly this refusal is on record. */
export function requireRefused (t: Test, outcome: Outcome, expected: { readonly status: number, readonly reason: string, readonly name: string }): void {
  t.same(outcome, { statuses: [expected.status], seen: [], refused: [expected.reason], admitted: 0 }, expected.name)
}

function readStatuses (received: string): number[] {
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}

async function askHttp2 (journey: Journey, headers: Record<string, string>): Promise<number> {
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  try {
    const stream = session.request(headers)
    const [answer] = await once(stream, 'response') as [IncomingHttpHeaders & { readonly ':status': number }]
    stream.resume()
    await once(stream, 'close')
    return answer[':status']
  } finally {
    session.destroy()
  }
}
