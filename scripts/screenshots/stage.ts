// A small site that shows the gateway's own pages and a CRM's page with the idle script in it, and a browser to look at them with. Nothing of it is a gateway.
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser } from 'playwright-core'
import { createIdleRoom } from '../../src/inbound/idle/idle.ts'
import { createPagesRoom, type Page, type PagesOptions } from '../../src/inbound/pages/pages.ts'
import { chromiumRequirement, explainMissing, obtain } from '../requirements.ts'
import { listPages } from './gallery.ts'

export interface Stage {
  readonly url: string
  /** Names of all pages, without those of the idle script. */
  readonly names: readonly string[]
  /** `GET /de/unsent`, as they came. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** A CRM's page that makes it hard: a strict policy, and styles for everything. */
const crmPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Patient</title>
<link rel="icon" href="data:,"><style>html{font-size:62.5%}body{font:1.6rem/1.5 Georgia,serif;margin:4rem;color:#333;background:#fff}button,p,dialog{color:#c00;text-transform:uppercase;letter-spacing:.2em;width:90%}</style></head>
<body><main><h1>Patient p-1001</h1><p>What a nurse was reading.</p><label>Note <input name="note"></label> <a href="/other">Next</a></main></body></html>`

/** How the page of the idle script is opened: `/warning?left=50000`. */
const idleMs = 15 * 60_000

export async function openStage (options: PagesOptions, language: string): Promise<Stage> {
  const asked: string[] = []
  const room = createPagesRoom(options)
  let pages: ReadonlyMap<string, Page> = new Map()
  let url = ''
  let until = 0
  const idle = () => createIdleRoom({ idleMs, publicOrigin: url, words: room.warnings, colors: room.colors })
  const showCrm = (response: ServerResponse, left: number) => {
    until = Date.now() + left
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:" }
    const insertion = idle().insert({ statusCode: 200, headers }, { left, language: room.languageOf(language), isBrowser: true, who: idle().markOf({ id: 'nurse-7', idp: 'https://idp.example' }) })
    const { pieces } = insertion ?? {}
    response.writeHead(200, { ...headers, 'content-security-policy': String(insertion?.fields['content-security-policy']) })
    response.end(Buffer.concat([...pieces?.push(Buffer.from(crmPage)) ?? [], ...pieces?.end() ?? []]))
  }
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    asked.push(`${request.method} ${pathname}`)
    const page = pages.get(pathname.slice(1))
    const script = idle().scriptAt(pathname, 'en')
    if (page !== undefined) response.writeHead(page.status, page.headers).end(page.body)
    else if (pathname === '/warning') showCrm(response, Number(searchParams.get('left')))
    else if (script !== undefined) response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(script.text)
    else if (pathname === '/_sallyport/session') {
      if (request.method === 'POST') until = Date.now() + idleMs
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ leftMs: Math.max(0, until - Date.now()) }))
    } else response.writeHead(204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://localhost:${(server.address() as AddressInfo).port}`
  pages = listPages(room.speak(language), url)
  return {
    url,
    asked,
    names: [...pages.keys()],
    async close () { server.closeAllConnections(); server.close(); await once(server, 'close') },
  }
}

export async function openChromium (): Promise<Browser> {
  const executablePath = obtain(chromiumRequirement)
  if (executablePath === undefined) throw new Error(explainMissing(chromiumRequirement))
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}
