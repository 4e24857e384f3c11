// The demo's identity provider: three invented people, a sign-in page, sessions of its own, and signed SAML by samlify. It is a toy in who may
// sign in and honest in everything that it signs. For the demo and the tests only.
import formbody from '@fastify/formbody'
import { randomBytes } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { homePage, messagePage, postPage, signInPage } from './idp-pages.ts'
import { createDemoSaml, type Arrived, type DemoSaml, type DemoServiceProvider, type Sending, type SignedIn, type SignInRequest } from './idp-saml.ts'
import type { DemoPerson } from './people.ts'

export interface IdpOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly sp: DemoServiceProvider
  readonly people: readonly DemoPerson[]
  readonly tls?: { readonly certPem: string, readonly keyPem: string }
}

export interface Idp {
  readonly url: string
  readonly metadataUrl: string
  readonly metadataXml: string
  close(): Promise<void>
}

type Fields = Readonly<Record<string, string | undefined>>

interface Desk {
  readonly saml: DemoSaml
  readonly people: readonly DemoPerson[]
  /** Requests that wait for somebody to sign in, and who is signed in, by random ids. */
  readonly waiting: Map<string, SignInRequest>
  readonly sessions: Map<string, SignedIn>
  readonly cookieName: string
  readonly cookieFlags: string
  /** Origins that our forms may go to. */
  readonly formTargets: string
}

const createId = () => randomBytes(18).toString('base64url')
const maxWaiting = 1000

function fieldsOf (request: FastifyRequest): Fields {
  return ((request.method === 'POST' ? request.body : request.query) ?? {}) as Fields
}

function arrivedBy (request: FastifyRequest): Arrived {
  return { binding: request.method === 'POST' ? 'post' : 'redirect', fields: fieldsOf(request), rawQuery: request.url.split('?')[1] ?? '' }
}

function sessionOf (request: FastifyRequest, desk: Desk): { readonly id: string, readonly signedIn: SignedIn | undefined } {
  const pair = (request.headers.cookie ?? '').split(';').map(part => part.trim()).find(part => part.startsWith(`${desk.cookieName}=`))
  const id = pair?.slice(desk.cookieName.length + 1) ?? ''
  return { id, signedIn: desk.sessions.get(id) }
}

function sendPage (reply: FastifyReply, desk: Desk, write: (nonce: string) => string): FastifyReply {
  const nonce = createId()
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; form-action 'self' ${desk.formTargets}; frame-ancestors 'none'; base-uri 'none'`
  return reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).type('text/html; charset=utf-8').send(write(nonce))
}

function send (reply: FastifyReply, desk: Desk, sending: Sending): FastifyReply {
  if (sending.kind === 'redirect') return reply.header('cache-control', 'no-store').redirect(sending.location, 303)
  return sendPage(reply, desk, nonce => postPage({ ...sending, nonce }))
}

function endSession (reply: FastifyReply, desk: Desk, id: string): void {
  desk.sessions.delete(id)
  reply.header('set-cookie', `${desk.cookieName}=; Max-Age=0; ${desk.cookieFlags}`)
}

function addSignIn (app: FastifyInstance, desk: () => Desk): void {
  // The request waits under an id and the page is a GET of our own, because the browser keeps our cookie back from a post that came from elsewhere.
  app.route({
    method: ['GET', 'POST'],
    url: '/sso',
    async handler (request, reply) {
      const { saml, waiting } = desk()
      const id = createId()
      waiting.set(id, await saml.readSignIn(arrivedBy(request)))
      for (const oldest of waiting.keys()) if (waiting.size > maxWaiting) waiting.delete(oldest)
      return reply.redirect(`/sign-in?request=${id}`, 303)
    },
  })
  app.get('/sign-in', async (request, reply) => {
    const here = desk()
    const id = fieldsOf(request).request ?? ''
    const asked = here.waiting.get(id)
    const { signedIn } = sessionOf(request, here)
    if (asked === undefined || (signedIn !== undefined && !asked.forceAuthn)) return await finish(reply, here, { id, asked, signedIn })
    return sendPage(reply, here, nonce => signInPage({ request: id, people: here.people, nonce }))
  })
  app.post('/sign-in', async (request, reply) => {
    const here = desk()
    const { request: id = '', person: personId, code = '' } = fieldsOf(request)
    const asked = here.waiting.get(id)
    const person = here.people.find(candidate => candidate.id === personId)
    if (asked !== undefined && (person === undefined || !/^\d{6}$/.test(code.trim()))) {
      const problem = person === undefined ? 'Choose who you are.' : 'The code has six digits; any six are right.'
      return sendPage(reply.code(422), here, nonce => signInPage({ request: id, people: here.people, problem, nonce }))
    }
    if (asked === undefined || person === undefined) return await finish(reply, here, { id, asked, signedIn: undefined })
    const session = createId()
    const signedIn: SignedIn = { person, sessionIndex: `_${createId()}`, authenticatedAt: new Date() }
    here.sessions.set(session, signedIn)
    reply.header('set-cookie', `${here.cookieName}=${session}; ${here.cookieFlags}`)
    return await finish(reply, here, { id, asked, signedIn })
  })
}

interface Way {
  readonly id: string
  readonly asked: SignInRequest | undefined
  readonly signedIn: SignedIn | undefined
}

async function finish (reply: FastifyReply, desk: Desk, way: Way): Promise<FastifyReply> {
  if (way.asked === undefined || way.signedIn === undefined) {
    return sendPage(reply.code(400), desk, nonce => messagePage({ title: 'Nothing to sign in to', text: 'This sign-in is over. Open the application again.', nonce }))
  }
  desk.waiting.delete(way.id)
  return send(reply, desk, await desk.saml.answerSignIn(way.asked, way.signedIn))
}

function addSignOut (app: FastifyInstance, desk: () => Desk): void {
  app.get('/', async (request, reply) => {
    const here = desk()
    return sendPage(reply, here, nonce => homePage({ signedIn: sessionOf(request, here).signedIn, nonce }))
  })
  app.post('/sign-out', async (request, reply) => {
    const here = desk()
    const { id, signedIn } = sessionOf(request, here)
    endSession(reply, here, id)
    const sending = signedIn === undefined ? undefined : here.saml.startLogout(signedIn, fieldsOf(request).binding === 'post' ? 'post' : 'redirect')
    return sending === undefined ? reply.redirect('/', 303) : send(reply, here, sending)
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/slo',
    async handler (request, reply) {
      const here = desk()
      const arrived = arrivedBy(request)
      // The application's answer to our own request: it is done, and so are we.
      if (arrived.fields.SAMLResponse !== undefined) return reply.redirect('/', 303)
      const { nameId, answer } = await here.saml.readLogout(arrived)
      for (const [id, signedIn] of here.sessions) if (signedIn.person.id === nameId) here.sessions.delete(id)
      endSession(reply, here, sessionOf(request, here).id)
      return send(reply, here, answer())
    },
  })
}

export async function startIdp (options: IdpOptions): Promise<Idp> {
  const { tls, sp } = options
  const app = (tls === undefined ? fastify() : fastify({ https: { key: tls.keyPem, cert: tls.certPem } })) as FastifyInstance
  // The addresses in its SAML are known only once it listens.
  const opened: { desk?: Desk } = {}
  const desk = () => {
    if (opened.desk === undefined) throw new Error('not open yet')
    return opened.desk
  }
  await app.register(formbody, { bodyLimit: 262_144 })
  addSignIn(app, desk)
  addSignOut(app, desk)
  app.get('/metadata', (_request, reply) => reply.type('application/samlmetadata+xml').send(desk().saml.metadataXml))
  app.setErrorHandler((_error, _request, reply) => sendPage(reply.code(400), desk(), nonce => messagePage({ title: 'Not understood', text: 'This message could not be read, or is not for this identity provider.', nonce })))
  await app.listen({ host: options.host, port: options.port })
  const address = app.server.address() as { port: number }
  const url = `${tls === undefined ? 'http' : 'https'}://${options.host.includes(':') ? `[${options.host}]` : options.host}:${address.port}`
  const saml = await createDemoSaml(url, sp)
  opened.desk = {
    saml,
    people: options.people,
    waiting: new Map(),
    sessions: new Map(),
    cookieName: tls === undefined ? 'demo-idp' : '__Host-demo-idp',
    cookieFlags: `Path=/; HttpOnly; SameSite=Lax${tls === undefined ? '' : '; Secure'}`,
    formTargets: [...new Set([new URL(sp.acsUrl).origin, new URL(sp.sloUrl ?? sp.acsUrl).origin])].join(' '),
  }
  return {
    url,
    metadataUrl: `${url}/metadata`,
    metadataXml: saml.metadataXml,
    async close () {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
