// READ FIRST. The way of a request, step by step: what each step finds is what the next one needs. It throws a Denial or a Failure, or
// returns an exchange whose audit event is durable. Nothing has reached the CRM before it returns, and a body was read only where the record or what is masked
// depends on it, for somebody whose role may use the route.
import { Denial, Failure } from '../shared/errors.ts'
import type { AccessDecision, AccessRoom, Question } from './access/access.ts'
import type { CanonicalTarget } from './canonical/canonical.ts'
import { findMasks, judgeMasked } from './mask-answer.ts'
import { describeFurtherRecords, describeRequest, type Known } from './describe.ts'
import type { Aliases } from './masking/masking.ts'
import { idleScriptPrefix, ownPaths, ownPrefix } from './own-paths.ts'
import { inboundReasons } from './reasons.ts'
import { classOf } from './route-class.ts'
import { activitySigns, placeOf, type InboundRequest } from './request.ts'
import type { InboundRooms } from './rooms.ts'
import type { Session } from './session/session.ts'

/** An exchange that may go on: every field is proven and on record. */
export type Admitted = Known & {
  readonly target: CanonicalTarget,
  readonly session: Session,
  readonly question: Question,
  readonly decision: AccessDecision,
  readonly judgedBy: Policy
  /** Names of a GraphQL answer that stand for masked fields. */
  readonly aliases: Aliases | undefined
}

/** The rooms that a new configuration swaps. A request is judged by those of one moment, never by a mixture. */
export type Policy = Pick<InboundRooms, 'clientIp' | 'access' | 'masking'>

/** Judges a request for the CRM. */
export async function admit (request: InboundRequest, rooms: InboundRooms): Promise<Admitted> {
  const known = begin(request, rooms)
  const judgedBy: Policy = { clientIp: rooms.clientIp, access: rooms.access, masking: rooms.masking }
  try {
    const target = known.target = rooms.canonical.require(request.raw)
    // The earlier answer would come out in the middle of the frames: no reading of that is the right one.
    if (request.isBehindAnother === true) throw inboundReasons.deny('inbound.pipelined')
    if (request.kept === 'gone') throw inboundReasons.deny('inbound.unsentGone')
    if (target.foldedPath.startsWith(ownPrefix)) throw inboundReasons.deny('inbound.ownPath')
    const seen = known.client = judgedBy.clientIp.require(request.peer, request.raw.headers)
    const routeClass = classOf({ method: request.raw.method, isUpgrade: request.isUpgrade })
    rooms.rate.requireAddress(seen.address, routeClass)
    const found = known.session = await rooms.session.find(request.raw.headers.cookie)
    // Before the person's own allowance is counted: who has a stolen cookie must not use it up.
    const { session: bound, wouldRefuse } = await rooms.session.requireHere(found, placeOf(seen, request.peer))
    rooms.rate.requirePerson(bound.principal.id, routeClass)
    const client = known.client = judgedBy.clientIp.requireFor(wouldRefuse === undefined ? seen : { wouldRefuse, ...seen }, bound.principal, target)
    if (request.isUpgrade) rooms.forward.requireOrigin(request.raw.headers)
    const asked = known.question = ask(known, bound, { target, access: judgedBy.access, cookies: request.raw.headers.cookie })
    const question = known.question = await readNamed(request, asked, judgedBy.access)
    const decision = judgedBy.access.require(question)
    const mask = findMasks({ question, decision, target }, judgedBy)
    Object.assign(known, { decision, mask })
    const masked = mask === undefined ? undefined : await judgeMasked(request, { decision, target }, { mask, masking: judgedBy.masking })
    // Only now: a refused request is nobody's doing, and must not keep a session alive.
    const session = judgedBy.access.isBackground(question) ? bound : await rooms.session.touch(bound, activitySigns(request, target))
    const admitted: Admitted = { ...known, client, target, session, question, decision, mask, aliases: masked?.aliases, wouldRefuse: masked?.wouldRefuse, judgedBy }
    const recorded = rooms.audit.record(describeRequest('request.admitted', admitted))
    await (decision.more.length === 0 ? recorded : Promise.all([recorded, ...describeFurtherRecords(admitted).map(event => rooms.audit.record(event))]))
    return admitted
  } catch (error) {
    recordRefusal(error, known, rooms)
    throw error
  }
}

/** Judges a request for one of the gateway's own pages: no session is needed, everything else is. */
export async function admitOwn (request: InboundRequest, rooms: InboundRooms): Promise<Known> {
  const known = begin(request, rooms)
  try {
    const target = known.target = rooms.canonical.require(request.raw)
    known.isOwn = true
    const client = known.client = rooms.clientIp.require(request.peer, request.raw.headers)
    // Of a person who is signed in, every half minute and with each page: not to be counted with those who come to sign in. A whole clinic can come from one address.
    const isOfPage = target.foldedPath === ownPaths.session || target.foldedPath.startsWith(idleScriptPrefix)
    const session = known.session = isOfPage ? await rooms.session.find(request.raw.headers.cookie).catch(() => undefined) : undefined
    if (session === undefined && !rooms.mayAskOwnPage(client.address)) throw inboundReasons.deny('inbound.tooManyOwnPages', { retryAfterSeconds: 60 })
    await rooms.audit.record(describeRequest('request.admitted', known))
    return known
  } catch (error) {
    recordRefusal(error, known, rooms)
    throw error
  }
}

/** One object that each step adds to: a copy for each would cost as much as the step. */
type Growing = { -readonly [K in keyof Known]: Known[K] }

function begin (request: InboundRequest, rooms: InboundRooms): Growing {
  const { raw } = request
  return {
    id: request.id,
    time: rooms.clock.now(),
    client: rooms.clientIp.resolve(request.peer, raw.headers),
    method: raw.method,
    protocol: raw.httpVersion,
    host: raw.authority ?? raw.headers.host,
    userAgent: raw.headers['user-agent'],
    wireTarget: raw.target,
    keptFrom: typeof request.kept === 'object' ? request.kept.from : undefined,
    target: undefined,
    session: undefined,
    question: undefined,
    decision: undefined,
    mask: undefined,
  }
}

interface Asked { readonly target: CanonicalTarget, readonly access: AccessRoom, readonly cookies?: string | undefined }

function ask ({ client, time }: Known, { principal }: Session, { target, access, cookies }: Asked): Question {
  return { roles: access.rolesOf(principal), person: principal.id, address: client.address, now: time, signIn: principal, target, cookies }
}

/** The second step of a decision, for a route whose record is named in the body: only somebody who may use the route has it read. */
async function readNamed (request: InboundRequest, question: Question, access: AccessRoom): Promise<Question> {
  if (request.content === undefined || !access.needsContent(question)) return question
  const { headers } = request.raw
  return { ...question, content: access.readContent({ text: await request.content(), type: headers['content-type'], coding: headers['content-encoding'] }) }
}

/** A refusal is on record too. When the trail itself is what failed, there is nowhere to write it: the gate's own gap record counts it. */
function recordRefusal (error: unknown, known: Known, rooms: InboundRooms): void {
  const code = error instanceof Denial || error instanceof Failure ? error.code : 'inbound.bug'
  rooms.metrics.denied(code)
  if (code === 'audit.unavailable') return
  rooms.audit.note(describeRequest('request.denied', { ...known, refused: refusalOf(known, rooms) }, code))
}

/** What it was about; and what the rules say of a person who was found: the roles, and what denies it if they do. */
function refusalOf (known: Known, rooms: InboundRooms): Known['refused'] {
  const { session, target } = known
  if (target === undefined || known.isOwn === true) return undefined
  const { access } = rooms
  const question = known.question ?? (session === undefined ? undefined : ask(known, session, { target, access }))
  const about = access.classify({ target, content: question?.content, cookies: question?.cookies })
  const record = about.kind === 'record' ? about.record : undefined
  if (question === undefined) return { roles: [], rule: undefined, record }
  const answer = access.explain(question)
  return {
    roles: question.roles,
    rule: answer.isAllowed ? undefined : answer.refusal.rule,
    // Of several records the one that was refused.
    record: answer.isAllowed ? record : answer.refusal.record ?? record,
    wouldAllow: answer.isAllowed ? undefined : answer.refusal.wouldAllow,
  }
}
