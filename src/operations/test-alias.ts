// Tries an alias of the shield mailbox from one end to the other: a test mail with invented values goes in through the real listener, and the trail says what became of it. It
// says which step does not work and what to do there.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isIP } from 'node:net'
import { loadConfig, type GatewayConfig } from '../config/config.ts'
import { outboundPlaces } from '../outbound/stored-message.ts'
import { createRequestId } from '../shared/ids.ts'
import { askTrail, createDeps, type AuditEvent } from './ask-trail.ts'
import { OperationError } from './operation-error.ts'
import { explainHold } from './manage-quarantine.ts'
import { runInSteps } from './record-operation.ts'
import { SmtpDialogue } from './smtp-dialogue.ts'

export interface AliasStep { readonly step: string, readonly ok: boolean, readonly text: string }

export interface AliasTest {
  readonly steps: readonly AliasStep[]
  readonly isActive: boolean
  /** Of the test mail, once it was accepted. */
  readonly id: string | undefined
}

export interface AliasTestRequest {
  readonly configFile: string
  /** Its name or its address. */
  readonly alias: string
  /** For what happens after it was accepted. */
  readonly waitMs: number
}

type Shield = NonNullable<NonNullable<GatewayConfig['outbound']>['shield']>
type Alias = Shield['aliases'][number]
type Deps = ReturnType<typeof createDeps>

const dayMs = 86_400_000
const answerMs = 30_000
const lookMs = 200
/** RFC 2606: nobody has it, so nothing about it is published that could refuse the test. */
const sender = 'sallyport-test@sallyport-test.invalid'

function findAlias ({ aliases }: Shield, wanted: string): Alias {
  const found = aliases.find(({ name, address }) => name === wanted || address.toLowerCase() === wanted.toLowerCase())
  if (found === undefined) throw new OperationError('There is no such alias in outbound.shield.aliases: write its name or its address.')
  return found
}

function placeOf ({ listener: { host, port } }: Shield): { readonly host: string, readonly port: number } {
  if (port === 0) throw new OperationError('outbound.shield.listener.port is 0, so the gateway takes another port each time: write one, and try again.')
  const everywhere = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return { host: everywhere, port }
}

const testMail = (alias: Alias, nonce: string, now: number) => [
  `From: "Sallyport test" <${sender}>`,
  `To: <${alias.address}>`,
  `Subject: Test of the alias ${nonce}`,
  `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
  `Message-ID: <${nonce}@sallyport-test.invalid>`,
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=us-ascii',
  '',
  'This is a test of the shield mailbox (sallyport mail test). Nothing in it is about anybody.',
  'Patient: Zyxwina Qwertzon, SSN 987-65-4321, telephone 212-555-0177.',
  '.',
].join('\r\n')

class AliasTrial {
  readonly steps: AliasStep[] = []
  readonly #shield: Shield
  readonly #alias: Alias
  readonly #deps: Deps

  constructor (shield: Shield, alias: Alias, deps: Deps) {
    this.#shield = shield
    this.#alias = alias
    this.#deps = deps
  }

  add (step: string, ok: boolean, text: string): boolean {
    this.steps.push({ step, ok, text })
    return ok
  }

  /** The id that the mail was accepted under; undefined when it was not. */
  async send (): Promise<string | undefined> {
    const place = placeOf(this.#shield)
    const dialogue = await SmtpDialogue.open(place, { clock: this.#deps.clock, timeoutMs: answerMs })
    const where = `${isIP(place.host) === 6 ? `[${place.host}]` : place.host}:${place.port}`
    if (dialogue === undefined) { this.add('listener', false, `nobody listens at ${where}: start the gateway, or run this on its machine.`); return undefined }
    try { return await this.#talk(dialogue, where) } finally { dialogue.close() }
  }

  async #talk (dialogue: SmtpDialogue, where: string): Promise<string | undefined> {
    const greeting = await dialogue.read()
    if (!this.add('listener', greeting.code === 220, `${where} answers: ${greeting.text}`)) return undefined
    if (!await this.#encrypt(dialogue)) return undefined
    const from = await dialogue.say(`MAIL FROM:<${sender}>`)
    const to = from.code === 250 ? await dialogue.say(`RCPT TO:<${this.#alias.address}>`) : from
    if (!this.add('alias', to.code === 250, to.code === 250 ? `${this.#alias.address} is known` : `refused: ${to.text}. Was the gateway started with this configuration?`)) return undefined
    const ready = await dialogue.say('DATA')
    const taken = ready.code === 354 ? await dialogue.say(testMail(this.#alias, createRequestId(), this.#deps.clock.now())) : ready
    this.add('accepted', taken.code === 250, taken.code === 250 ? taken.text : `refused: ${taken.text}. docs/reference/reasons.md says more.`)
    await dialogue.say('QUIT')
    return taken.code === 250 ? /Accepted as ([A-Za-z0-9_-]+)/.exec(taken.text)?.[1] : undefined
  }

  async #encrypt (dialogue: SmtpDialogue): Promise<boolean> {
    const { name } = this.#shield
    await dialogue.say('EHLO sallyport-test.invalid')
    const begun = await dialogue.say('STARTTLS')
    const shown = begun.code === 220 ? await dialogue.encrypt(name) : undefined
    if (shown === undefined) return this.add('certificate', false, 'the encryption cannot begin (STARTTLS): look at the certificate and key of outbound.shield.listener.tls.')
    const days = Math.floor((shown.endsAt - this.#deps.clock.now()) / dayMs)
    const wrong = days < 0 ? 'it has ended: renew it; the gateway takes the new file by itself.' : shown.isForName ? undefined : `it is not for ${name}: give outbound.shield.listener.tls one that is.`
    const remark = shown.untrusted === undefined ? '' : `; no authority that this machine knows (${shown.untrusted}), so servers that insist on one (MTA-STS) do not deliver`
    this.add('certificate', wrong === undefined, wrong ?? `for ${name}, ${days} days left${remark}`)
    await dialogue.say('EHLO sallyport-test.invalid')
    return true
  }

  /** Reads out of the trail what became of it. */
  judge (id: string, events: readonly AuditEvent[]): void {
    const of = (kind: AuditEvent['kind'], wanted: string) => events.findLast(event => event.kind === kind && event.id === wanted)
    const isCarried = this.#alias.action === 'redact' ? this.#judgeStripped(of('message.released', id)) : this.#judgeHeld(id, of('message.quarantined', id))
    const carried = this.#alias.action === 'notice' ? `${id}-notice` : id
    if (isCarried) this.#judgeMailbox(of('message.delivered', carried), of('message.failed', carried))
  }

  #judgeStripped (released: AuditEvent | undefined): boolean {
    if (released === undefined) return this.add('stripped', false, 'the mail was held instead.')
    return this.add('stripped', true, `taken out: ${String(released.facts?.['removed'] ?? '') || 'nothing'}`)
  }

  /** Whether something goes to the mailbox all the same. */
  #judgeHeld (id: string, held: AuditEvent | undefined): boolean {
    const { action } = this.#alias
    this.add('held', held !== undefined, held === undefined ? 'it is not in the quarantine.' : `as configured (action: ${action}); drop it: sallyport quarantine drop ${id} --reason test`)
    return action === 'notice'
  }

  #judgeMailbox (delivered: AuditEvent | undefined, failed: AuditEvent | undefined): void {
    if (delivered !== undefined) { this.add('mailbox', true, `${this.#alias.mailbox} took ${this.#alias.action === 'notice' ? 'the notice' : 'it'} (${delivered.outcome?.status ?? 250})`); return }
    const status = failed?.outcome?.status === undefined ? '' : ` (${failed.outcome.status})`
    this.add('mailbox', false, failed === undefined ? 'it waits: sallyport mail queue list.' : `${failed.outcome?.reason ?? 'failed'}${status}`)
  }
}

/** Until nothing of it waits any more. */
async function waitForQueue (config: GatewayConfig, id: string, { waitMs, deps: { clock } }: { readonly waitMs: number, readonly deps: Deps }): Promise<void> {
  const directory = join(config.gateway.dataDirectory, outboundPlaces.shieldQueue)
  const end = clock.now() + waitMs
  const waits = async () => (await readdir(directory).catch(() => [])).some(name => name.includes(id))
  while (clock.now() < end && await waits()) await new Promise<void>(resolve => { clock.after(lookMs, resolve) })
}

async function explain (steps: readonly AliasStep[], events: readonly AuditEvent[]): Promise<readonly AliasStep[]> {
  const reason = events.find(({ kind }) => kind === 'message.quarantined')?.decision?.reason?.replace(/^redaction\./, '')
  const code = events.findLast(({ kind }) => kind === 'message.failed')?.outcome?.reason
  return await Promise.all(steps.map(async one => {
    if (one.ok) return one
    if (one.step === 'stripped' && reason !== undefined) return { ...one, text: `held: ${await explainHold(reason)}` }
    return one.step === 'mailbox' && code !== undefined ? { ...one, text: `${one.text}: ${await explainHold(code)}` } : one
  }))
}

/** Throws a ConfigurationError or an OperationError. */
export async function testAlias ({ configFile, alias: wanted, waitMs }: AliasTestRequest): Promise<AliasTest> {
  const { config } = await loadConfig(configFile)
  const shield = config.outbound?.shield
  if (shield === undefined) throw new OperationError('outbound.shield is not configured: there are no aliases.')
  const alias = findAlias(shield, wanted)
  placeOf(shield)
  const deps = createDeps(config)
  const trial = new AliasTrial(shield, alias, deps)
  let result: AliasTest = { steps: [], isActive: false, id: undefined }
  const run = async () => {
    const from = deps.clock.now() - 60_000
    const id = await trial.send()
    const events: AuditEvent[] = []
    if (id !== undefined) {
      await waitForQueue(config, id, { waitMs, deps })
      await askTrail({ configFile, name: 'audit.query', query: { kind: 'message', from }, reason: `sallyport mail test ${alias.name}` }, ({ event }) => { if (event.id.startsWith(id)) events.push(event) })
      trial.judge(id, events)
      trial.add('record', events.length > 0, events.length === 0 ? 'nothing of it is in the trail that this account can read: run this as the account of the gateway.' : `sallyport audit query --id ${id}`)
    }
    const steps = await explain(trial.steps, events)
    result = { steps, id, isActive: id !== undefined && steps.every(({ ok }) => ok) }
    return { active: result.isActive, ...(id === undefined ? {} : { message: id }) }
  }
  await runInSteps(config, { name: 'mail.test', facts: { alias: alias.name } }, { ...deps, run })
  return result
}
