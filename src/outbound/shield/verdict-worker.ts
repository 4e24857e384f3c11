// The thread that asks where a mail comes from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989). A stranger's mail and a stranger's name servers keep nobody else waiting, and
// the library stands behind no other door. What it asks of the name service is bounded in number and time.
import { promises as dns } from 'node:dns'
import { Readable } from 'node:stream'
import { parentPort, workerData } from 'node:worker_threads'
import dkim from 'mailauth/lib/dkim/verify.js'
import dmarcLibrary from 'mailauth/lib/dmarc/index.js'
import spfLibrary from 'mailauth/lib/spf/index.js'
import addressparser from 'nodemailer/lib/addressparser'
import { createSystemClock } from '../../shared/clock.ts'
import { findField, readHeader, type Verdicts } from './header.ts'
import type { VerdictAnswer, VerdictOrder, VerdictSettings } from './verdicts.ts'

const { name, nameServers } = workerData as VerdictSettings
const clock = createSystemClock()
const askMs = 2000
const wholeMs = 15_000
/** SPF is held to ten by the library (RFC 7208 section 4.6.4); keys of eight signatures and walks up the tree of DMARC. */
const mostQuestions = 80
const mostDomains = 5
const pieceBytes = 64 * 1024

const resolver = new dns.Resolver({ timeout: askMs, tries: 2 })
if (nameServers.length > 0) resolver.setServers(nameServers)

type Ask = (domain: string, type: string) => Promise<string[][] | string[]>

function createAsk (): Ask {
  const end = clock.now() + wholeMs
  let asked = 0
  return async (domain, type) => {
    asked += 1
    if (asked > mostQuestions || clock.now() > end) throw Object.assign(new Error('too many questions'), { code: 'ETIMEOUT' })
    return await resolver.resolve(domain, type) as string[][] | string[]
  }
}

/** A long mail in pieces, so that other mails are judged in between. */
async function * inPieces (body: Uint8Array): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += pieceBytes) {
    yield Buffer.from(body.subarray(at, at + pieceBytes))
    await new Promise<void>(resolve => { setImmediate(resolve) })
  }
}

/** Of a name as it came from outside: undefined for what is no name in the DNS. */
function toDomain (text: unknown): string | undefined {
  const domain = typeof text === 'string' ? text.toLowerCase().replace(/\.$/, '') : ''
  return domain.length <= 253 && /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?$/.test(domain) ? domain : undefined
}

const toWord = (text: unknown) => typeof text === 'string' && /^[a-z]{1,20}$/.test(text) ? text : 'permerror'

interface Signature { readonly signingDomain?: string | undefined, readonly status: { readonly result: string, readonly underSized?: number | undefined } }

/** A signature over the beginning of a mail says nothing about what stands behind it (RFC 6376 section 8.2). */
function judgeSignatures (signatures: readonly Signature[]): Verdicts['dkim'] {
  const valid = signatures.filter(({ status }) => status.result === 'pass' && (status.underSized ?? 0) === 0)
  if (valid.length > 0) return { result: 'pass', domains: [...new Set(valid.flatMap(({ signingDomain }) => toDomain(signingDomain) ?? []))].slice(0, mostDomains) }
  const results = signatures.map(({ status }) => status.result === 'pass' ? 'policy' : toWord(status.result))
  return { result: ['temperror', 'fail', 'policy', 'permerror', 'neutral'].find(word => results.includes(word)) ?? 'none', domains: [] }
}

async function judge ({ ip, helo, sender, body, now }: VerdictOrder): Promise<Omit<VerdictAnswer, 'number'>> {
  const ask = createAsk()
  const [signed, sent] = await Promise.all([
    dkim.dkimVerify(Readable.from(inPieces(body)), { resolver: ask, sender, curTime: new Date(now), strict: true }),
    spfLibrary.spf({ sender, ip, helo, mta: name, resolver: ask, strict: true, maxElapsedTime: wholeMs }),
  ])
  const dkimVerdict = judgeSignatures(signed.results)
  const spfDomain = toDomain(sent.domain)
  const { response } = await dmarcLibrary.evaluateDmarc({
    headerFrom: signed.headerFrom,
    fromFields: signed.fromFields,
    spfDomains: sent.status.result === 'pass' && spfDomain !== undefined ? [spfDomain] : [],
    dkimDomains: dkimVerdict.domains.map(domain => ({ domain })),
    resolver: ask,
    strict: true,
  })
  const header = readHeader(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  const replyTo = header === undefined ? undefined : findField(header, 'reply-to')
  return {
    verdicts: {
      spf: { result: toWord(sent.status.result), domain: spfDomain },
      dkim: dkimVerdict,
      dmarc: response === false
        ? { result: 'permerror', policy: undefined, domain: undefined }
        : { result: toWord(response.status.result), policy: response.policy === undefined ? undefined : toWord(response.policy), domain: toDomain(response.status.header?.from) },
    },
    people: [...signed.headerFrom, ...addressparser(replyTo ?? '', { flatten: true }).map(({ address }) => address)].slice(0, mostDomains),
  }
}

const port = parentPort
port?.on('message', (order: VerdictOrder) => {
  const answer = (told: Omit<VerdictAnswer, 'number'>) => { port.postMessage({ ...told, number: order.number } satisfies VerdictAnswer) }
  judge(order).then(answer, () => { answer({ verdicts: undefined, people: [] }) })
})
