// A CRM that a test programs, behind the whole gateway, in front of a real browser; one clock that the test moves for the gateway and for every page.
import { chromium, type BrowserContext, type Frame, type Page, type Request } from 'playwright-core'
import type { Test } from 'tap'
import { chromiumRequirement, explainMissing, obtain } from '../../scripts/requirements.ts'
import { startJourney, type Journey, type JourneyOptions } from './journey.ts'
import { startUpstream, type Answer, type Upstream } from './upstream.ts'

export const minute = 60_000

/** What must be on no screen after the end. */
export const patient = 'Zyxwina Invented'

export interface IdlePlace {
  readonly journey: Journey
  readonly crm: Upstream
  readonly context: BrowserContext
  readonly page: Page
  /** Opens `path`, through the identity provider where that asks. */
  open(path: string, page?: Page): Promise<void>
  /** Moves the gateway's clock and that of every page, and waits for what they asked. */
  advance(byMs: number, stepMs?: number): Promise<void>
  /** A laptop sleeps: time goes on, and nothing runs until it wakes. */
  sleep(byMs: number): Promise<void>
  /** Until nothing that a script asked is without an answer. */
  settle(): Promise<void>
  /** `METHOD path status at` of what pages asked the gateway by scripts; `at` in milliseconds since the place was opened. */
  readonly asked: { readonly method: string, readonly path: string, status: number, readonly at: number }[]
  now(): number
}

export const html = (body: string, head = '<title>CRM</title>') => `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`

/** Answers by path; what is not there is 404. */
export function serve (pages: Readonly<Record<string, string | Answer>>): Answer {
  return (request, response, received) => {
    const page = pages[(request.url ?? '').split('?')[0] as string]
    if (typeof page === 'function') { page(request, response, received); return }
    if (page === undefined) { response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here'); return }
    response.writeHead(200, { 'content-type': page.startsWith('{') ? 'application/json' : 'text/html; charset=utf-8' }).end(page)
  }
}

export function launchOptions (more: readonly string[] = []) {
  const executablePath = obtain(chromiumRequirement)
  if (executablePath === undefined) throw new Error(explainMissing(chromiumRequirement))
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP *.clinic.test 127.0.0.1', ...more]
  return { executablePath, args, ignoreDefaultArgs: ['--disable-back-forward-cache'] }
}

const isScripts = (request: Request) => ['fetch', 'xhr'].includes(request.resourceType())

type IdlePlaceOptions = JourneyOptions & { readonly browserArgs?: readonly string[] }

/** `pages`: what the CRM answers; `browserArgs`: further switches of the browser. */
export async function openIdlePlace (t: Test, pages: Readonly<Record<string, string | Answer>>, options: IdlePlaceOptions = {}): Promise<IdlePlace> {
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  crm.answer(serve(pages))
  const { configure } = options
  const journey = await startJourney(t, { ...options, configure (draft) { draft['upstream'] = { url: crm.url }; configure?.(draft) } })
  const browser = await chromium.launch(launchOptions(options.browserArgs))
  t.teardown(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  return { ...await watch(context, journey), crm }
}

/** The clock of all pages of a context is stopped where the gateway's stands. */
export async function watch (context: BrowserContext, journey: Journey): Promise<Omit<IdlePlace, 'crm'>> {
  await context.clock.install({ time: journey.clock.now() })
  await journey.clock.advance(minute)
  await context.clock.pauseAt(journey.clock.now())
  const began = journey.clock.now()
  const now = () => journey.clock.now() - began
  const asked: IdlePlace['asked'] = []
  const open = new Set<Request>()
  const entries = new Map<Request, IdlePlace['asked'][number]>()
  context.on('request', request => {
    if (!isScripts(request)) return
    open.add(request)
    const entry = { method: request.method(), path: new URL(request.url()).pathname, status: 0, at: now() }
    entries.set(request, entry)
    asked.push(entry)
  })
  context.on('response', response => {
    const entry = entries.get(response.request())
    if (entry !== undefined) entry.status = response.status()
    open.delete(response.request())
  })
  context.on('requestfailed', request => { open.delete(request) })
  const settle = async () => {
    const turn = () => new Promise(resolve => { setTimeout(resolve, 5) })
    await turn()
    // The content comes behind the head; who does not read it never says that it is there.
    const hadOpen = open.size > 0
    for (let tries = 0; open.size > 0 && tries < 2000; tries += 1) await turn()
    if (open.size > 0) throw new Error(`without an answer: ${[...open].map(request => request.url()).join(', ')}`)
    if (hadOpen) await turn()
  }
  const page = await context.newPage()
  return {
    ...{ journey, context, page, asked, now, settle },
    async open (path, opened = page) {
      await opened.goto(`${journey.url}${path}`)
      if (!opened.url().startsWith(journey.url)) {
        await opened.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
        await opened.waitForURL(`${journey.url}${path}`)
      }
      // What the script asks when the page is shown is answered before the clocks go on.
      await new Promise(resolve => { setTimeout(resolve, 30) })
      await settle()
    },
    async advance (byMs, stepMs = 60_000) {
      for (let left = byMs; left > 0; left -= stepMs) {
        const step = Math.min(stepMs, left)
        await journey.clock.advance(step)
        await context.clock.runFor(step)
        await settle()
      }
    },
    async sleep (byMs) {
      await journey.clock.advance(byMs)
      await context.clock.fastForward(byMs)
      await settle()
    },
  }
}

/** Whether nothing of the page can be seen: at every point of it stands the cover. */
export function isCovered (frame: Frame | Page): Promise<boolean> {
  return frame.evaluate(() => [0.02, 0.5, 0.98].every(x => [0.02, 0.5, 0.98].every(y => {
    const found = document.elementFromPoint(window.innerWidth * x, window.innerHeight * y)
    return found?.closest('dialog')?.textContent?.includes('is somebody still signed in here') === true
  })))
}

export const warning = (page: Page) => page.getByRole('dialog', { name: 'You will be signed out' })
export const signedOut = (journey: Journey) => `${journey.url}/_sallyport/signed-out?cause=idle`
