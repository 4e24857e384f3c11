// Finds and reads the profile of a CRM that a configuration includes: one that comes with Sallyport, by its name, or a file of the operator's own.
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { explainProfile } from '../inbound/access/access.ts'
import { ProfileConfig } from '../inbound/access/config.ts'
import { findClosestWord } from '../shared/closest-word.ts'
import { ConfigurationError, type Finding } from '../shared/errors.ts'
import type { Subject } from './document.ts'
import { loadTable } from './load-table.ts'
import { explainMistake, nameOf, pathOf, printable, type Problem } from './problem.ts'

/** A profile as it is used, and where it came from. */
export type LoadedProfile = ProfileConfig & {
  /** Absolute. */
  readonly file: string
}

export interface FoundProfile {
  readonly profile: LoadedProfile | undefined
  /** Absolute; a change in it is a reason to load again. */
  readonly files: readonly string[]
  /** Of the configuration, which names it. */
  readonly problems: readonly Problem[]
  /** Of the profile itself, with its file. */
  readonly findings: readonly Finding[]
  /** The line of a setting in the profile, from 1: `records[3]`. */
  lineOf(setting: string): number
}

/** Beside the sources, wherever the process runs. */
const ownDirectory = join(import.meta.dirname, '../../config/profiles')
const subject: Subject = { name: 'The profile', begin: 'begin with a copy of one in config/profiles.' }
const path = ['access', 'profile']
const nothing: FoundProfile = { profile: undefined, files: [], problems: [], findings: [], lineOf: () => 1 }

export function listProfiles (): readonly string[] {
  return readdirSync(ownDirectory).filter(name => name.endsWith('.yaml')).map(name => name.slice(0, -'.yaml'.length)).sort()
}

/** `text` is what `access.profile` says; a path is relative to `directory`. Throws nothing but bugs: what is wrong is in the answer. */
export async function findProfile (text: unknown, directory: string): Promise<FoundProfile> {
  if (typeof text !== 'string' || text === '') return nothing
  const isName = /^[A-Za-z0-9_-]+$/.test(text)
  const unknown = isName ? explainProfileName(text) : undefined
  if (unknown !== undefined) return { ...nothing, problems: [{ path, at: 'value', message: `${nameOf(path)} is ${printable(text)}: ${unknown}` }] }
  const file = isName ? join(ownDirectory, `${text}.yaml`) : resolve(directory, text)
  try {
    const { profile, lineOf } = await readProfile(file)
    return { ...nothing, profile: { ...profile, file }, files: [file], lineOf }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    // The configuration is not to be judged as if it named no profile.
    return { ...nothing, files: [file], findings: error.findings, problems: [{ path, at: 'value', message: `${nameOf(path)} is ${printable(text)}: it cannot be used, for the reasons given with its own lines.` }] }
  }
}

function readProfile (file: string) {
  return loadTable(file, ProfileConfig, {
    subject,
    compile (profile: ProfileConfig, lineOf) {
      const problems = explainProfile(profile).map(mistake => {
        const at = pathOf(mistake.path)
        return { path: at, at: 'value' as const, message: explainMistake(at, mistake.message) }
      })
      return { made: { profile, lineOf: (setting: string) => lineOf(pathOf(setting)) }, problems }
    },
  })
}

/** Why there is no profile of this name, and which there are; undefined: there is one. */
export function explainProfileName (name: string): string | undefined {
  const known = listProfiles()
  if (known.includes(name)) return undefined
  const close = findClosestWord(name, known)
  const own = /^[\w-]+$/.test(name) ? name : 'our-crm'
  return `there is no such profile.${close === undefined ? '' : ` Did you mean ${close}?`} There are ${known.join(', ')}; for a file of your own write its path, as ./${own}.yaml.`
}
