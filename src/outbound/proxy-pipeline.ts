// READ FIRST, for the proxy. The way of a connection of the CRM: is it our CRM, which host, may it be reached and how. The way of a request in an opened one: is it for this host
// and one that may be asked for, redact and look again, on record, send. Nothing goes out that was not looked at, except in a tunnel to an associate whose agreement is in force.
import { Denial, Failure } from '../shared/errors.ts'
import { deliveryReasons, type CallEnd } from './delivery/delivery.ts'
import { describeEnding, describeHold, describeRefusal, describeRelease, type Known } from './describe.ts'
import { describeOpening, describeRefusedConnection, type Connection, type Passage } from './describe-connection.ts'
import { joinManifests } from './join-manifests.ts'
import { placeInQuarantine } from './place-in-quarantine.ts'
import { proxyReasons, type Endpoint, type OpenedHost, type RawRequest, type Way } from './proxy/proxy.ts'
import type { HeldMessage } from './quarantine/quarantine.ts'
import { outboundReasons } from './reasons.ts'
import type { DestinationFacts, OutboundRooms, ProxyParts } from './rooms.ts'
import type { StoredCall, StoredMessage } from './stored-message.ts'

export interface IncomingConnection {
  readonly id: string
  readonly address: string | undefined
  /** As CONNECT names it. */
  readonly target: string
  /** Of Proxy-Authorization. */
  readonly authorization: readonly string[]
}

export interface AdmittedConnection {
  readonly connection: Connection
  readonly endpoint: Endpoint
  readonly way: Way
  readonly passage: Passage
}

/** Throws a Denial or a Failure, which is on record then. What it returns is on record too. */
export async function admitConnection ({ id, address, target, authorization }: IncomingConnection, rooms: OutboundRooms): Promise<AdmittedConnection> {
  const { room } = rooms.proxy as ProxyParts
  const time = rooms.clock.now()
  let connection: Connection = { id, time, address, endpoint: undefined, wireTarget: target }
  try {
    room.requireClient(authorization)
    const endpoint = room.readTarget(target)
    connection = { ...connection, endpoint, wireTarget: undefined }
    const way = room.requireWay(endpoint, time)
    const passage = requirePassage(way, time, rooms)
    await rooms.audit.record(describeOpening(connection, passage))
    return { connection, endpoint, way, passage }
  } catch (error) {
    refuseConnection(error, connection, rooms)
    throw error
  }
}

export function codeOfError (error: unknown): string {
  return error instanceof Denial || error instanceof Failure ? error.code : 'outbound.bug'
}

/** A refusal is on record. When the trail itself is what failed, there is nowhere to write it. */
export function refuseConnection (error: unknown, connection: Connection, { audit, metrics }: Pick<OutboundRooms, 'audit' | 'metrics'>): void {
  const code = codeOfError(error)
  metrics.denied(code)
  if (code !== 'audit.unavailable') audit.note(describeRefusedConnection(connection, code))
}

/** Throws a Denial. Asked again and again while a tunnel is open. */
export function requirePassage (way: Way, now: number, { associates }: Pick<OutboundRooms, 'associates'>): Passage {
  if (way.is === 'report') return { mode: 'report', name: undefined }
  if (way.is === 'open') return { mode: 'open', name: way.opened.config.name }
  const { name } = way.config
  const { associate } = associates.coverageOf(name, now)
  if (associate === undefined) throw proxyReasons.deny('proxy.noAgreement')
  return { mode: 'tunnel', name, associate: associate.name }
}

export interface IncomingCall {
  readonly id: string
  readonly address: string | undefined
  readonly port: number
  readonly opened: OpenedHost
  readonly request: RawRequest
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>
  /** Whether the request says that it has one. */
  readonly hasBody: boolean
  /** Nothing is read before it is called. Throws a Denial. */
  readBody (): Promise<Buffer>
  /** The CRM is gone. */
  readonly signal: AbortSignal
}

type Answered = Extract<CallEnd, { readonly is: 'answered' }>

/** Judges a request of the CRM and sends it. Throws a Denial or a Failure, which is on record then. */
export async function passCall (incoming: IncomingCall, rooms: OutboundRooms): Promise<Answered> {
  const { id, address, port, opened: { config, check }, request } = incoming
  const destination = config.name
  const parts = rooms.proxy as ProxyParts
  const acceptedAt = rooms.clock.now()
  const known: Known = { id, time: acceptedAt, address, destination, wireTarget: request.target, call: { method: request.method } }
  try {
    const { method, path, segments, query, headers } = check.require(request, port)
    const { type, body } = await readContent(incoming, parts)
    await requirePlainSegments(segments, { destination, acceptedAt }, rooms)
    const call: StoredCall = { method, port, path, query, headers }
    return await judgeCall({ id, destination, path: '', type, acceptedAt, body, call }, { address, isApproved: false, signal: incoming.signal }, rooms)
  } catch (error) {
    const code = codeOfError(error)
    rooms.metrics.denied(code)
    // What was held, and what the host did not take, is on record already.
    if (code !== 'audit.unavailable' && code !== 'outbound.held' && !code.startsWith('delivery.')) rooms.audit.note(describeRefusal(known, code))
    throw error
  }
}

async function readContent ({ hasBody, request, headers, readBody }: IncomingCall, { content }: ProxyParts): Promise<{ readonly type: string, readonly body: Buffer }> {
  if (!hasBody) return { type: '', body: Buffer.alloc(0) }
  if (request.method === 'GET' || request.method === 'HEAD') throw proxyReasons.deny('proxy.body')
  const codings = headers['content-encoding']
  // A request may say that it has a body and send none.
  const type = headers['content-type'] === undefined && codings === undefined ? undefined : content.requireType(headers)
  const body = await readBody()
  return body.length === 0 ? { type: '', body } : { type: type ?? content.requireType(headers), body }
}

const formType = 'application/x-www-form-urlencoded'

/** A path cannot be redacted: what a `*` stands for must be what the policy lets pass. */
async function requirePlainSegments (segments: ReadonlyMap<number, string>, { destination, acceptedAt }: Pick<StoredMessage, 'destination' | 'acceptedAt'>, rooms: OutboundRooms): Promise<void> {
  if (segments.size === 0) return
  const isLive = rooms.associates.coverageOf(destination, acceptedAt).associate !== undefined
  const body = Buffer.from([...segments].map(([at, value]) => `segment${at}=${value}`).join('&'))
  const redacted = await rooms.redaction.redact({ destination, isLive, isApproved: false, type: formType, body })
  if (redacted.held !== undefined || !redacted.body.equals(body)) throw proxyReasons.deny('proxy.segment')
}

interface Origin { readonly address: string | undefined, readonly isApproved: boolean, readonly signal?: AbortSignal }

/** The second half of the way; a request that somebody let go out of the quarantine takes it once more. Throws a Denial or a Failure. */
export async function judgeCall (message: StoredMessage & { readonly call: StoredCall }, { address, isApproved, signal }: Origin, rooms: OutboundRooms): Promise<Answered> {
  const { destination, acceptedAt, call, type } = message
  const parts = rooms.proxy as ProxyParts
  const { associate } = rooms.associates.coverageOf(destination, acceptedAt)
  const order = { destination, isLive: associate !== undefined, isApproved }
  const nothing = { held: undefined, body: Buffer.alloc(0), manifest: undefined } as const
  const content = message.body.length === 0 ? nothing : await rooms.redaction.redact({ ...order, type, body: message.body })
  if (content.held !== undefined) return await holdCall(message, { reason: content.held, address }, rooms)
  const query = call.query === '' ? nothing : await rooms.redaction.redact({ ...order, type: formType, body: Buffer.from(call.query) })
  if (query.held !== undefined) return await holdCall(message, { reason: query.held, address }, rooms)
  const facts = parts.facts.get(destination) as DestinationFacts
  const patients = [...new Set([...parts.content.findPatients(destination, type, message.body), ...parts.content.findPatients(destination, formType, Buffer.from(call.query))])]
  const manifest = joinManifests(content.manifest, query.manifest)
  const { body } = content
  const release = { message, body, manifest, facts, associate, patients, time: rooms.clock.now(), address, isApproved }
  await Promise.all(describeRelease(release).map(event => rooms.audit.record(event)))
  rooms.metrics.message(destination, 'released')
  const headers = { ...call.headers, ...(type === '' ? {} : { 'content-type': type }) }
  const sent = { ...message, body, call: { ...call, headers, query: query.body.toString() } }
  return await sendCall(sent, signal, rooms)
}

/** A request that somebody let go out of the quarantine: judged once more and sent once; the answer is for nobody. What fails is held again. */
export async function sendApprovedCall (held: HeldMessage & { readonly call: StoredCall }, rooms: OutboundRooms): Promise<void> {
  const { id, destination, path, type, body, call } = held
  const message = { id, destination, path, type, body, call, acceptedAt: rooms.clock.now() }
  try {
    const { body: answer } = await judgeCall(message, { address: undefined, isApproved: true }, rooms)
    answer.on('error', () => { /* nobody waits for it */ })
    answer.resume()
  } catch (error) {
    const code = codeOfError(error)
    if (code === 'outbound.held') return
    if (!code.startsWith('delivery.')) throw error
    const time = rooms.clock.now()
    await rooms.quarantine.hold({ ...message, heldAt: time, reason: code, stage: 'redaction', approvals: [] })
    await rooms.audit.record(describeHold(message, { time, reason: code }))
  }
}

async function sendCall (message: StoredMessage & { readonly call: StoredCall }, signal: AbortSignal | undefined, rooms: OutboundRooms): Promise<Answered> {
  const { destination, call: { method, port, path, query, headers }, body } = message

  const end = await (rooms.proxy as ProxyParts).senderFor(destination, port).send({ method, target: `${path}${query === '' ? '' : `?${query}`}`, headers, body }, signal)
  const isDelivered = end.is === 'answered' && end.status < 400
  const code = end.is === 'broken' ? end.code : end.status >= 500 ? 'delivery.unavailable' : 'delivery.rejected'
  const status = end.is === 'answered' ? end.status : undefined
  rooms.audit.note(describeEnding(message, { isDelivered, code: isDelivered ? undefined : code, status, attempts: 1, isTriedAgain: false }, rooms.clock.now()))
  rooms.metrics.message(destination, isDelivered ? 'delivered' : 'failed')
  if (end.is === 'broken') throw deliveryReasons.fail(end.code, 'destination')
  return end
}

async function holdCall (message: StoredMessage, { reason, address }: { readonly reason: string, readonly address: string | undefined }, rooms: OutboundRooms): Promise<never> {
  const time = rooms.clock.now()
  await placeInQuarantine({ ...message, heldAt: time, reason, stage: 'redaction', approvals: [] }, rooms)
  await rooms.audit.record(describeHold(message, { time, reason: `redaction.${reason}`, address }))
  rooms.metrics.message(message.destination, 'held')
  throw outboundReasons.deny('outbound.held')
}
