// Asks the trail a question. The question itself is on record, with who asked and why, before anything is read; and again with how much was found.
import { AuditSetupError, askSources, createQuestionTokenisers, type Answer, type AuditEvent, type Found, type Summary, type TrailQuery } from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { createSystemClock, type Clock } from '../shared/clock.ts'
import { createRequestId } from '../shared/ids.ts'
import { createLogger, type Logger } from '../shared/log.ts'
import { RedisError } from '../shared/redis.ts'
import { OperationError } from './operation-error.ts'
import { recordStep } from './record-operation.ts'
import { openSources } from './trail-sources.ts'

export {
  kindWords, outcomeWords, rowFields, tellStory, toDisclosure, toRow, type AuditEvent, type Damage, type Deed, type DisclosureRow, type Found, type PatientStory,
  type PersonOfDay, type Row, type Summary, type TrailQuery,
} from '../audit/audit.ts'

export interface Question {
  readonly configFile: string
  /** `audit.query`: what the record calls it. */
  readonly name: string
  readonly query: TrailQuery
  readonly reason: string
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface Told extends Summary {
  /** Sentences about places that could not be asked. */
  readonly missing: readonly string[]
  /** Whether the configuration says which record a request is about, so that the trail knows of patients. */
  readonly isClassified: boolean
}

type Facts = Readonly<Record<string, string | number | boolean>>

/** Hands every answer to `take`, in the order of time. Throws a ConfigurationError or an OperationError. */
export async function askTrail (question: Question, take: (found: Found) => void | Promise<void>): Promise<Told> {
  const { config } = await loadConfigToAsk(question.configFile)
  return await askRecorded(config, question, async told => {
    for await (const found of told.found) await take(found)
    return {}
  })
}

/** For operations that do more with an answer. `use` returns what is recorded about it beside the number of records. */
export async function askRecorded (config: GatewayConfig, question: Omit<Question, 'configFile'>, use: (answer: Answer, opened: { readonly missing: readonly string[] }) => Promise<Facts>): Promise<Told> {
  const deps = createDeps(config)
  const { query } = question
  const operation = describeQuestion(question)
  const opened = await openSources(config, deps)
  try {
    await recordStep(config, { ...operation, step: 'asked' }, deps)
    const answer = askSources(query, { sources: opened.sources, tokenisers: createQuestionTokenisers(config.audit.key, config.gateway.name), onProgress: question.onProgress })
    const facts = await use(answer, opened).catch(async (error: unknown) => {
      await recordStep(config, { ...operation, step: 'failed' }, deps)
      throw explain(error)
    })
    const summary = answer.summary()
    await recordStep(config, { ...operation, step: 'done', more: { found: summary.found, damaged: summary.damaged, ...facts } }, deps)
    return { ...summary, missing: opened.missing, isClassified: [...config.access.records, ...config.profile?.records ?? []].some(({ type }) => type !== 'none') }
  } finally { opened.close() }
}

/** A question as the operation that is recorded. */
export function describeQuestion ({ name, query, reason }: Pick<Question, 'name' | 'query' | 'reason'>) {
  return { id: createRequestId(), name, facts: { reason, ...describeQuery(query) }, about: aboutOf(name, query) }
}

export function createDeps (config: GatewayConfig): { readonly clock: Clock, readonly log: Logger } {
  return { clock: createSystemClock(), log: createLogger({ level: 'error', name: config.gateway.name, destination: process.stderr }) }
}

/** The question in facts. Whose record it is about stands in `about`, where it has a token. */
function describeQuery ({ person, address, id, kind, outcome, from, to }: TrailQuery): Facts {
  return {
    ...(person === undefined ? {} : { person }),
    ...(address === undefined ? {} : { address }),
    ...(id === undefined ? {} : { requestId: id }),
    ...(kind === undefined ? {} : { kind }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
  }
}

function aboutOf (name: string, { patient, record }: TrailQuery): AuditEvent['what'] {
  if (patient === undefined && record === undefined) return undefined
  return {
    kind: name === 'audit.export' ? 'export' : 'search',
    method: name,
    record: { type: record?.type ?? 'patient', ...(record === undefined ? {} : { id: record.id }), ...(patient === undefined ? {} : { patient }) },
  }
}

function explain (error: unknown): unknown {
  if (error instanceof AuditSetupError) return new OperationError(error.message, { cause: error })
  if (error instanceof RedisError) return new OperationError(`Redis stopped answering (${error.code}): the answer is not whole. Ask again when it does.`, { cause: error })
  return error
}
