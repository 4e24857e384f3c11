// Where the record of a request has fields that the person may not see: which masks count, what of the request does not reach the CRM, and what becomes of the answer. The
// judging is the masking room's.
import type { IncomingHttpHeaders } from 'node:http'
import type { RecordView } from './access/access.ts'
import type { Exchange, RawResponse } from './exchange.ts'
import type { ForwardContext } from './forward/forward.ts'
import { describeCounts, maskingReasons, type Aliases, type AnswerHead, type MaskVerdict } from './masking/masking.ts'
import type { Admitted, Policy } from './pipeline.ts'
import { refusalPage } from './refusal-page.ts'
import type { InboundRequest } from './request.ts'
import type { InboundRooms } from './rooms.ts'

/** Undefined: nothing has to be masked, and nothing would have to be. */
export function findMasks ({ question, decision, target }: Pick<Admitted, 'question' | 'decision' | 'target'>, { access, masking }: Policy): MaskVerdict | undefined {
  if (masking.isEmpty || decision.record === undefined) return undefined
  return masking.planFor({ ...access.rolesThatAllow(question), records: recordsOf(decision), target })
}

/** Everything that a request is about. */
function recordsOf ({ record, more }: Admitted['decision']): readonly RecordView[] {
  return record === undefined ? [] : [record, ...more]
}

interface Judge { readonly mask: MaskVerdict, readonly masking: Policy['masking'] }

interface JudgedRequest {
  readonly aliases: Aliases
  /** What refuses it once the rules with `mode: report` are enforced. */
  readonly wouldRefuse: string | undefined
}

/** Reads what the request says of masked fields, its content too, and throws a Denial when it says too much. What it has to leave out is left out. */
export async function judgeMasked (request: InboundRequest, { decision, target }: Pick<Admitted, 'decision' | 'target'>, { mask, masking }: Judge): Promise<JudgedRequest> {
  const { headers } = request.raw
  const { enforced, trial } = mask
  if (enforced !== undefined) masking.requireRequest({ isUpgrade: request.isUpgrade, headers })
  // For a trial alone nothing is read that would not be read without it.
  const content = enforced === undefined ? undefined : await readContent(request, target)
  const asked = { records: recordsOf(decision), query: target.query, content }
  const tried = trial === undefined ? notTried : masking.judge(asked, trial)
  const verdict = enforced === undefined ? undefined : masking.requireFields(asked, enforced)
  if (verdict?.content !== undefined) request.replaceContent?.(verdict.content)
  const aliases = verdict?.aliases ?? (tried.refused === undefined ? tried.aliases : noAliases)
  return { aliases, wouldRefuse: request.isUpgrade && trial !== undefined ? 'masking.liveConnection' : tried.refused }
}

async function readContent ({ content, raw: { headers } }: InboundRequest, { method }: Admitted['target']) {
  if (content === undefined || method === 'GET' || method === 'HEAD') return undefined
  return { text: await content(), type: headers['content-type'], coding: headers['content-encoding'] }
}

const noAliases: Aliases = new Map()
const notTried = { refused: undefined, aliases: noAliases } as const

/** What would make the CRM answer with a part, with "not changed", or with bytes that nobody can read: the whole answer is asked for, as it is. */
const partial = ['range', 'if-range', 'if-modified-since', 'accept-encoding', 'a-im', 'te', 'want-digest', 'want-content-digest', 'want-repr-digest']
const ofReads: ReadonlySet<string> = new Set([...partial, 'if-none-match'])
// `If-None-Match: *` makes a creation of a PUT.
const ofWrites: ReadonlySet<string> = new Set(partial)

export function omittedFields (method: string): ReadonlySet<string> {
  return method === 'GET' || method === 'HEAD' ? ofReads : ofWrites
}

/** What is said of the bytes, of when they changed and how long they keep: of a masked answer none of it is true. */
const untrue = [
  'content-encoding', 'transfer-encoding', 'trailer', 'etag', 'last-modified', 'content-md5', 'digest', 'content-digest', 'repr-digest', 'accept-ranges', 'content-range', 'expires', 'pragma',
] as const
const fieldsOfBytes: Readonly<Record<string, string | undefined>> = { ...Object.fromEntries(untrue.map(name => [name, undefined])), 'cache-control': 'no-store' }

interface Way { readonly headers: IncomingHttpHeaders, readonly exchange: Exchange, readonly response: RawResponse, readonly rooms: InboundRooms }

/** Undefined: the answer goes as it comes. */
export function maskAnswers (admitted: Admitted, { headers, exchange, response, rooms }: Way): ForwardContext['rewrite'] {
  const { mask, judgedBy: { masking } } = admitted
  const plan = mask?.enforced
  if (plan === undefined) return undefined
  let taken = 0
  response.once('close', () => { masking.give(taken) })
  return {
    mostBytes: masking.mostBytes,
    hold (bytes) {
      if (!masking.take(bytes)) throw maskingReasons.deny('masking.busy', { retryAfterSeconds: 30 })
      taken += bytes
    },
    stream (head) {
      if (admitted.method === 'HEAD') return undefined
      const step = masking.maskEvents(head, { plan, aliases: admitted.aliases, onMasked (counts) { exchange.note({ masked: describeCounts(counts) }) } })
      return step === undefined ? undefined : { fields: { ...masking.maskHead(head, plan), ...fieldsOfBytes, 'content-length': undefined }, steps: () => [step] }
    },
    async rewrite (head, content) {
      const ofHead = masking.maskHead(head, plan)
      if (admitted.method === 'HEAD') return { fields: { ...ofHead, ...fieldsOfBytes, 'content-length': undefined }, body: Buffer.alloc(0) }
      if (masking.replaces(head.statusCode)) return replaceError(head, { id: admitted.id, headers, rooms })
      if (content === undefined) throw maskingReasons.fail('masking.tooLarge', 'upstream')
      const masked = await masking.mask(head, content, { plan, aliases: admitted.aliases })
      if (masked.refused !== undefined) throw maskingReasons.fail(masked.refused, 'upstream')
      exchange.note({ masked: describeCounts(masked.counts) })
      await tryMasks(admitted, { head, content, exchange })
      return { fields: { ...ofHead, ...fieldsOfBytes, 'content-length': lengthOf(head, masked.body) }, body: masked.body }
    },
  }
}

function lengthOf ({ statusCode }: AnswerHead, body: Buffer): string | undefined {
  return statusCode === 204 || statusCode === 304 ? undefined : String(body.length)
}

/** What of an error's head goes out: what a program needs, and nothing that a CRM writes there in words. */
const ofErrors: ReadonlySet<string> = new Set([
  'retry-after', 'www-authenticate', 'allow', 'set-cookie', 'date', 'connection', 'vary', 'access-control-allow-origin', 'access-control-allow-credentials',
])

/** The status says what a program has to know; the words could say what is hidden. */
function replaceError ({ statusCode, headers: theirs }: AnswerHead, { id, headers, rooms }: { readonly id: string } & Pick<Way, 'headers' | 'rooms'>) {
  const { publicText } = maskingReasons.table['masking.errorHidden']
  const page = refusalPage({ status: statusCode, code: 'masking.errorHidden', publicText, requestId: id }, { headers, rooms })
  const body = Buffer.from(page.body)
  const own = Object.fromEntries(Object.entries(page.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const left = Object.fromEntries(Object.keys(theirs).flatMap(name => ofErrors.has(name.toLowerCase()) ? [] : [[name, undefined]]))
  return { fields: { ...left, ...fieldsOfBytes, ...own, 'content-length': String(body.length) }, body }
}

interface Tried { readonly head: AnswerHead, readonly content: Buffer, readonly exchange: Exchange }

/** What the rules with `mode: report` would have done to an answer, for the record. */
async function tryMasks ({ mask, aliases, judgedBy: { masking } }: Admitted, { head, content, exchange }: Tried): Promise<void> {
  if (mask?.trial === undefined) return
  const tried = await masking.mask(head, content, { plan: mask.trial, aliases })
  if (tried.refused !== undefined) exchange.note({ wouldRefuse: tried.refused })
  else if ([...tried.counts.keys()].some(rule => rule.isTrial)) exchange.note({ wouldMask: describeCounts(tried.counts, true) })
}

const mostTried = 2 * 1024 * 1024

/** Where nothing is masked yet: looks at the answer on its way. What is longer than may be held for that, or has no end, is not looked at. */
export function inspectTrial (admitted: Admitted, exchange: Exchange): ForwardContext['inspect'] {
  if (admitted.mask?.trial === undefined || admitted.mask.enforced !== undefined || admitted.method === 'HEAD') return undefined
  return {
    mostBytes: mostTried,
    wants: ({ statusCode, headers }) => statusCode < 300 && !/^text\/event-stream/i.test(String(headers['content-type'] ?? '')),
    async look (head, content) {
      if (content !== undefined) await tryMasks(admitted, { head, content, exchange })
    },
  }
}

/** Two who look at the same answer, one after the other. */
export function inspectBoth (one: ForwardContext['inspect'], other: ForwardContext['inspect']): ForwardContext['inspect'] {
  if (one === undefined || other === undefined) return one ?? other
  return {
    mostBytes: Math.max(one.mostBytes, other.mostBytes),
    wants: answer => one.wants(answer) || other.wants(answer),
    async look (answer, content) {
      for (const side of [one, other]) await side.look(answer, side.wants(answer) && (content?.length ?? 0) <= side.mostBytes ? content : undefined)
    },
  }
}
