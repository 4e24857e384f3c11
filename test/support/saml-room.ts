// A SAML room with everything around it that a test needs: moved clock, store with gaps, a forging IdP and a browser that carries its cookie.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import type { SamlConfig } from '../../src/inbound/saml/config.ts'
import { createSamlRoom, type SamlAnswer, type SamlRoom } from '../../src/inbound/saml/saml.ts'
import { Denial, Failure } from '../../src/shared/errors.ts'
import { createLogger } from '../../src/shared/log.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { createMovableClock, type MovableClock } from './clock.ts'
import { createKeyPair, type KeyPair } from './key-pair.ts'
import { createMemoryOneTimeStore, type MemoryOneTimeStore } from './one-time-memory.ts'
import { recipeFor, toBase64, urls, writeAnswer, writeForm, type AnswerOptions, type Recipe } from './saml-idp.ts'

export interface SamlBench {
  readonly room: SamlRoom
  readonly clock: MovableClock
  readonly store: MemoryOneTimeStore
  readonly idpPair: KeyPair
  /** Lines of the log. */
  readonly log: readonly string[]
  readonly directory: string
  stop(): Promise<void>
}

export type ConfigChanges = Partial<SamlConfig>

const made: string[] = []
process.once('exit', () => { for (const directory of made) rmSync(directory, { recursive: true, force: true }) })

/** Goes with the process at the latest: a room that refuses to be built has nobody to stop it. */
export function createTemporaryDirectory (): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-saml-'))
  made.push(directory)
  return directory
}

export function samlConfig (idp: SamlConfig['idp'], changes: ConfigChanges = {}): SamlConfig {
  return {
    idp,
    binding: 'redirect',
    decryption: [],
    requireEncryptedAssertions: false,
    freshSignIn: 'require',
    attributes: { name: 'displayName', email: 'mail', groups: 'groups' },
    authnContext: [],
    clockSkew: '60s',
    ...changes,
  }
}

/** A key of ours as the configuration holds it. */
export function ownKey (pair: KeyPair, directory: string, name: string): { key: SecretValue, certificate: string } {
  const certificate = join(directory, `${name}.pem`)
  writeFileSync(certificate, pair.certificatePem)
  return { key: new SecretValue(pair.keyPem), certificate }
}

export interface BenchOptions {
  readonly config?: (directory: string) => ConfigChanges
  readonly idpPairs?: readonly KeyPair[]
  readonly idp?: (directory: string) => SamlConfig['idp']
  readonly signInKey?: Buffer
  readonly store?: MemoryOneTimeStore
  readonly clock?: MovableClock
}

/** The IdP by its parts, unless told otherwise. */
export async function openBench (options: BenchOptions = {}): Promise<SamlBench> {
  const directory = createTemporaryDirectory()
  const idpPairs = options.idpPairs ?? [await createKeyPair('idp.example')]
  const certificates = idpPairs.map((pair, index) => {
    const file = join(directory, `idp-${index}.pem`)
    writeFileSync(file, pair.certificatePem)
    return file
  })
  const clock = options.clock ?? createMovableClock()
  const store = options.store ?? createMemoryOneTimeStore(clock)
  const log: string[] = []
  const logger = createLogger({ level: 'debug', name: 'test', destination: { write: (line: string) => { log.push(line) } } })
  const idp = options.idp?.(directory) ?? { entityId: urls.idp, signOnUrl: `${urls.idp}/sso`, logoutUrl: `${urls.idp}/slo`, certificates }
  const config = samlConfig(idp, options.config?.(directory))
  const room = await createSamlRoom(config, { clock, log: logger, store, publicUrl: urls.sp, signInKey: options.signInKey ?? randomBytes(32) })
  return {
    room,
    clock,
    store,
    idpPair: idpPairs[0] as KeyPair,
    log,
    directory,
    async stop () {
      await room.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The message that an answer carries, and its RelayState. */
export function readSent (answer: SamlAnswer): { readonly xml: string, readonly relayState: string, readonly query: string } {
  if (answer.kind === 'form') {
    return { xml: Buffer.from(answer.fields.SAMLRequest ?? answer.fields.SAMLResponse ?? '', 'base64').toString(), relayState: answer.fields.RelayState ?? '', query: '' }
  }
  const url = new URL(answer.location)
  const message = url.searchParams.get('SAMLRequest') ?? url.searchParams.get('SAMLResponse') ?? ''
  return { xml: inflateRawSync(Buffer.from(message, 'base64')).toString(), relayState: url.searchParams.get('RelayState') ?? '', query: url.search.slice(1) }
}

/** `name=value` of a Set-Cookie. */
export function cookiePair (setCookie: readonly string[] | undefined): string {
  return (setCookie?.[0] ?? '').split(';')[0] as string
}

export interface Begun {
  readonly requestId: string
  readonly relayState: string
  readonly cookie: string
}

/** A person goes to the IdP. */
export async function begin (bench: SamlBench, options: { readonly returnTo?: string, readonly cookie?: string } = {}): Promise<Begun> {
  const answer = await bench.room.start(await bench.room.prepare(options.returnTo ?? '/leads?page=2'), options.cookie)
  const { xml, relayState } = readSent(answer)
  return { requestId: / ID="([^"]+)"/.exec(xml)?.[1] ?? '', relayState, cookie: cookiePair(answer.setCookie) }
}

/** Posts an answer's XML in the browser that began. */
export async function post (bench: SamlBench, begun: Begun, xml: string) {
  return await bench.room.consume(writeForm({ SAMLResponse: toBase64(xml), RelayState: begun.relayState }), begun.cookie)
}

/** Begins, lets the IdP answer by a changed recipe, posts. */
export async function signIn (bench: SamlBench, changes: Partial<Recipe> = {}, options: Partial<AnswerOptions> = {}) {
  const begun = await begin(bench)
  return await post(bench, begun, await writeAnswer(recipeFor(begun.requestId, bench.clock.now(), changes), { pair: bench.idpPair, ...options }))
}

/** The code with which it is refused, or `accepted`. */
export async function codeOf (action: Promise<unknown>): Promise<string> {
  try {
    await action
    return 'accepted'
  } catch (error) {
    if (error instanceof Denial || error instanceof Failure) return error.code
    throw error
  }
}
