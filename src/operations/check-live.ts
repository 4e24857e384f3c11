// Tries each part that the gateway depends on, from this machine and with this configuration, and says what to do where one does not work. It changes
// nothing but a file that it writes into the data directory and takes away again.
import { X509Certificate } from 'node:crypto'
import { open, readFile, rm, statfs } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type GatewayConfig } from '../config/config.ts'
import { createSamlRoom } from '../inbound/saml/saml.ts'
import { createAddressCheck, trySmarthost } from '../outbound/delivery/delivery.ts'
import { createSystemClock } from '../shared/clock.ts'
import { deriveKey } from '../shared/keys.ts'
import { createLogger } from '../shared/log.ts'
import { makeDirectory } from '../shared/make-directory.ts'
import { createRedisClient } from '../shared/redis.ts'
import type { RedisConfig } from '../shared/redis-config.ts'
import { sizeBytes } from '../shared/schema.ts'
import { request as httpRequest } from '../shared/node-http.ts'

export interface PartCheck { readonly part: string, readonly ok: boolean, readonly text: string }

const dayMs = 86_400_000
const timeoutMs = 5000
const mostClockDifferenceMs = 5000
const clock = createSystemClock()

type Answer = { readonly status: number, readonly date: number | undefined } | { readonly error: string }

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'no answer'

async function checkCertificates ({ listeners }: GatewayConfig): Promise<PartCheck> {
  const ends = await Promise.all(listeners.public.tls.certificates.map(async ({ certificate }) => new X509Certificate(await readFile(certificate)).validToDate.getTime()))
  const days = Math.floor((Math.min(...ends) - clock.now()) / dayMs)
  return { part: 'certificate', ok: days >= 0, text: days < 14 ? `${days} days left: renew it; the gateway takes the new file by itself.` : `${days} days left` }
}

function askUpstream ({ url, authority, serverName }: GatewayConfig['upstream'], ca: Buffer | undefined): Promise<Answer> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise(resolve => {
    const call = request(`${url}/`, { method: 'HEAD', agent: false, ...(authority === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { servername: serverName }) })
    const timer = clock.after(timeoutMs, () => { call.destroy(Object.assign(new Error('late'), { code: 'no answer within 5 s' })) })
    call.on('response', response => {
      timer.cancel()
      const date = Date.parse(response.headers.date ?? '')
      resolve({ status: response.statusCode ?? 0, date: Number.isNaN(date) ? undefined : date })
      call.destroy()
    })
    call.on('error', error => { timer.cancel(); resolve({ error: codeOf(error) }) })
    call.end()
  })
}

async function checkUpstream ({ upstream }: GatewayConfig): Promise<readonly PartCheck[]> {
  const ca = upstream.authority === undefined ? undefined : await readFile(upstream.authority)
  const answer = await askUpstream(upstream, ca)
  if ('error' in answer) return [{ part: 'CRM', ok: false, text: `${upstream.url} does not work (${answer.error}): is it running, does upstream.url name it, and is upstream.authority the authority of its certificate?` }]
  const crm = { part: 'CRM', ok: answer.status < 500, text: `${upstream.url} answers ${answer.status}${answer.status < 500 ? '' : ': look at the CRM.'}` }
  return answer.date === undefined ? [crm] : [crm, compareClock('the CRM', answer.date)]
}

/** A Date header has whole seconds. */
function compareClock (whose: string, theirs: number): PartCheck {
  const differenceMs = clock.now() - theirs
  const ok = Math.abs(differenceMs) < mostClockDifferenceMs
  return { part: 'clock', ok, text: ok ? `as ${whose} has it` : `${Math.round(Math.abs(differenceMs) / 1000)} s ${differenceMs > 0 ? 'ahead of' : 'behind'} ${whose}: let both follow a time server (NTP); assertions and sessions are judged by it.` }
}

async function checkIdp (config: GatewayConfig): Promise<PartCheck> {
  const refuse = async () => { throw new Error('nobody signs in during a check') }
  const room = await createSamlRoom(config.signIn.saml, {
    clock, log: createLogger({ level: 'error', name: 'check', destination: { write () { /* the answer below says it */ } } }), publicUrl: config.gateway.publicUrl, store: { putOnce: refuse, peek: refuse, take: refuse }, signInKey: deriveKey(config.session.secret, 'sign-in-cookie'),
  })
  try {
    const { ok, detail } = room.ready()
    return { part: 'sign-in', ok, text: ok ? detail : `${detail} Open signIn.saml.idp.metadataUrl from this machine, or save the metadata as a file and name it as metadataFile.` }
  } finally {
    await room.close()
  }
}

async function checkRedis (part: string, redis: RedisConfig | undefined): Promise<readonly PartCheck[]> {
  if (redis === undefined) return []
  const client = createRedisClient(redis, { commandTimeoutMs: timeoutMs })
  const { promise, resolve } = Promise.withResolvers<void>()
  client.onReady(resolve)
  const timer = clock.after(timeoutMs, resolve)
  try {
    await promise
    await client.callEach('PING')
    return [{ part, ok: true, text: 'answers' }]
  } catch {
    return [{ part, ok: false, text: `does not answer (${client.lastError() ?? 'no answer'}): check its address, user and password, and that this machine may reach it.` }]
  } finally {
    timer.cancel()
    client.close()
  }
}

async function checkSpool ({ gateway, audit }: GatewayConfig): Promise<PartCheck> {
  const file = join(gateway.dataDirectory, `.live-check-${process.pid}`)
  try {
    await makeDirectory(gateway.dataDirectory)
    const handle = await open(file, 'wx', 0o600)
    const began = clock.now()
    await handle.writeFile('live')
    await handle.datasync()
    const syncMs = clock.now() - began
    await handle.close()
    const { bavail, bsize } = await statfs(gateway.dataDirectory)
    const isRoomy = bavail * bsize >= sizeBytes(audit.maxSpoolSize)
    const free = `${(bavail * bsize / 1024 ** 3).toFixed(1)} GiB free`
    return { part: 'spool', ok: isRoomy, text: isRoomy ? `written and synced in ${syncMs} ms, ${free}` : `${free}, less than audit.maxSpoolSize (${audit.maxSpoolSize}): make room, or write a smaller one.` }
  } catch (error) {
    return { part: 'spool', ok: false, text: `${gateway.dataDirectory} cannot be written to (${codeOf(error)}): give it to the account that runs the gateway.` }
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}

/** What to do about each way in which it can fail. */
const smarthostAdvice: Readonly<Record<string, string>> = {
  'delivery.addressRefused': 'its address is in a private network: if that is meant, name its range in outbound.allowAddresses.',
  'delivery.certificate': 'its certificate is not valid for that name, has ended, or is of an unknown authority: name the authority in smarthost.authority, or ask its operator.',
  'delivery.notEncrypted': 'it does not encrypt: port 587 goes with tls: starttls, 465 with tls: implicit. Mail is never sent in clear.',
  'delivery.notSignedIn': 'it does not accept smarthost.user and smarthost.password.',
}

async function checkSmarthost ({ outbound }: GatewayConfig): Promise<readonly PartCheck[]> {
  if (outbound?.mail === undefined) return []
  const { host, port, tls, authority, user, password } = outbound.mail.smarthost
  const signIn = user === undefined || password === undefined ? undefined : { user, password: password.reveal().trim() }
  const mayConnect = createAddressCheck(outbound.allowAddresses)
  const code = await trySmarthost({ host, port, tls, authority, signIn, name: hostname() }, { mayConnect, timeoutMs, now: () => clock.now() })
  const place = `${host}:${port}`
  if (code === undefined) return [{ part: 'smarthost', ok: true, text: `${place} is encrypted, has the right certificate${signIn === undefined ? '' : ' and lets the gateway sign in'}` }]
  return [{ part: 'smarthost', ok: false, text: `${place}: ${smarthostAdvice[code] ?? 'it does not answer: is it running, do host and port name it, and may this machine reach it?'}` }]
}

/** In the order in which a request meets them. Throws a ConfigurationError when there is nothing to try with. */
export async function checkLive (configFile: string): Promise<readonly PartCheck[]> {
  const { config } = await loadConfig(configFile)
  const { store } = config.session
  const found = await Promise.all([
    checkCertificates(config),
    checkIdp(config),
    checkRedis('sessions', 'redis' in store ? store.redis : undefined),
    checkSpool(config),
    checkRedis('trail', config.audit.redis),
    checkUpstream(config),
    checkSmarthost(config),
  ])
  return found.flat()
}
