// The configuration's one door: read, check against the schema, read secrets, judge across fields, freeze. Either everything is right, or nothing
// starts and every mistake is named with its line.
import { dirname, resolve } from 'node:path'
import { createSystemClock, type Clock } from '../shared/clock.ts'
import { ConfigurationError, type Finding } from '../shared/errors.ts'
import { SecretValue } from '../shared/schema.ts'
import { digestSettings } from './digest.ts'
import { readDocument, type ConfigDocument } from './document.ts'
import { createDraft, type DraftConfig } from './draft.ts'
import { findPageFiles } from './load-pages.ts'
import { findProfile } from './load-profile.ts'
import { GatewayConfig } from './gateway-config.ts'
import { checkPolicies } from './policies.ts'
import { judge } from './rules.ts'
import { mapWithSchema, type SchemaNode } from './schema-node.ts'
import { pathOf, type Problem } from './problem.ts'
import { placeSecrets, resolveSecrets, type Environment } from './secrets.ts'
import { validate } from './validate.ts'

export type { GatewayConfig } from './gateway-config.ts'
export { readOpenedHosts } from './read-opened-hosts.ts'
export { compareConfig } from './compare.ts'
export type { Environment } from './secrets.ts'
export { createProfileSchemaDocument, createSchemaDocument } from './schema-document.ts'
export { explainProfileName } from './load-profile.ts'
export { loadTable } from './load-table.ts'
export { loadPolicyFile } from './policies.ts'

export interface LoadedConfig {
  /** Frozen; defaults filled in, paths absolute, secrets as SecretValue. */
  readonly config: GatewayConfig
  /** SHA-256 (hexadecimal) of the settings; secrets take part by reference, not by value. */
  readonly digest: string
  /** Absolute paths of every file that it was made of: a change in one of them is a reason to load again. */
  readonly files: readonly string[]
  /** The file that a setting's secret is in, absolute: `audit.key`. None for those from the environment. */
  readonly secretFiles: ReadonlyMap<string, string>
  /** What `config check` says although the gateway starts. */
  readonly warnings: readonly Finding[]
  /**
   * Where a setting begins: `access.rules[2]`, or `access.profile.records[2]` for one of the profile; for one that is not there, its section. The line counts from 1;
   * no file: it is in the configuration itself.
   */
  placeOf(setting: string): { readonly file?: string, readonly line: number }
}

const schema = GatewayConfig as SchemaNode

function makePathsAbsolute (value: unknown, directory: string): { readonly value: unknown, readonly files: readonly string[] } {
  const files: string[] = []
  const changed = mapWithSchema(schema, value, (node, part) => {
    if (node['x-path'] !== true || typeof part !== 'string') return undefined
    const file = resolve(directory, part)
    if (node['x-directory'] !== true) files.push(file)
    return file
  })
  return { value: changed, files }
}

function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    if (!(value instanceof SecretValue)) Object.values(value).forEach(deepFreeze)
  }
  return value
}

function sortFindings (findings: readonly Finding[]): readonly Finding[] {
  const unique = [...new Map(findings.map(finding => [`${finding.line}:${finding.column}:${finding.message}`, finding])).values()]
  return unique.sort((left, right) => left.line - right.line || left.column - right.column)
}

/** Nobody counts rules from nought: an item that another stands above is named with its line. */
function toFinding (problem: Problem, document: ConfigDocument): Finding {
  const finding = document.toFinding(problem)
  const message = finding.message.replace(/[a-z.]+\[\d+\](?= stands above)/, name => `${name} (line ${document.toFinding({ path: pathOf(name), at: 'key', message: '' }).line})`)
  return { ...finding, message }
}

function listPolicies ({ outbound }: DraftConfig): readonly string[] {
  return [...outbound?.destinations ?? [], ...outbound?.mail?.recipients ?? [], ...outbound?.shield?.aliases ?? [], ...outbound?.proxy?.hosts ?? []].flatMap(one => one !== undefined && 'policy' in one && one.policy !== undefined ? [one.policy] : [])
}

/** Throws a ConfigurationError that holds every finding. */
export async function loadConfig (file: string, env: Environment = process.env, clock: Clock = createSystemClock()): Promise<LoadedConfig> {
  return await load(file, { env, clock, isToServe: true })
}

/**
 * For commands that ask the trail, judge a request or end a session: files that only listeners and the sign-in need may be missing, damaged or out of date, and
 * the rest has to be right all the same. Throws a ConfigurationError that holds every finding.
 */
export async function loadConfigToAsk (file: string): Promise<LoadedConfig> {
  return await load(file, { env: process.env, clock: createSystemClock(), isToServe: false })
}

async function load (file: string, { env, clock, isToServe }: { readonly env: Environment, readonly clock: Clock, readonly isToServe: boolean }): Promise<LoadedConfig> {
  const directory = dirname(resolve(file))
  const document = await readDocument(file)
  const validated = validate(schema, document.value)
  const paths = makePathsAbsolute(validated.value, directory)
  const secrets = await resolveSecrets(schema, createDraft(validated.value, validated.problems), { env, directory })
  const found = await findProfile(readProfileSetting(validated.value), directory)
  const pages = await findPageFiles((validated.value as { readonly pages?: unknown }).pages, directory)
  const known = [...validated.problems, ...found.problems, ...pages.problems]
  const whole = { ...paths.value as object, ...(found.profile === undefined ? {} : { profile: found.profile }), pageFiles: pages.pageFiles }
  const judged = await judge(whole, known, { secrets: secrets.values, now: clock.now(), isToServe })
  const findings = sortFindings([...known, ...secrets.problems, ...judged.problems].map(problem => toFinding(problem, document)))
  const elsewhere = [...found.findings, ...pages.findings, ...await checkPolicies(listPolicies(createDraft(paths.value, validated.problems)))]
  if (findings.length + elsewhere.length > 0) throw new ConfigurationError([...findings, ...elsewhere])
  return {
    config: deepFreeze(placeSecrets(schema, whole, secrets.values)) as GatewayConfig,
    // With what the profile and the pages' files say, wherever they lie.
    digest: digestSettings({ ...validated.value as object, ...(found.profile === undefined ? {} : { profile: { ...found.profile, file: '' } }), pageFiles: pages.pageFiles }),
    files: [...new Set([resolve(file), ...secrets.files, ...paths.files, ...found.files, ...pages.files])],
    secretFiles: secrets.places,
    warnings: [...sortFindings(judged.warnings.map(document.toFinding)), ...pages.warnings],
    placeOf (setting) {
      const inProfile = /^access\.profile\.(.+)$/.exec(setting)?.[1]
      if (inProfile !== undefined && found.profile !== undefined) return { file: found.profile.file, line: found.lineOf(inProfile) }
      return { line: document.toFinding({ path: pathOf(setting), at: 'key', message: '' }).line }
    },
  }
}

function readProfileSetting (value: unknown): unknown {
  const { access } = value as { readonly access?: { readonly profile?: unknown } | null }
  return access?.profile
}
