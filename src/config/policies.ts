// Redaction policies: files beside the configuration, read and compiled with findings of their own, so that a mistake in one is told with its line before anything starts.
import { ConfigurationError, type Finding } from '../shared/errors.ts'
import type { PolicyFile } from '../phi/config.ts'
import { loadTable } from './load-table.ts'

const subject = { name: 'The policy', begin: 'begin with the example in docs/redaction.md, or with a copy from config/policies.' }

/** The policy as it was written, with its defaults. Throws a ConfigurationError that holds every finding. */
export async function loadPolicyFile (file: string): Promise<PolicyFile> {
  // Only here, because what reads prose takes its time to load and most commands do not need it.
  const [schema, { compilePolicy }] = await Promise.all([import('../phi/config.ts'), import('../phi/phi.ts')])
  return await loadTable<PolicyFile, PolicyFile>(file, schema.PolicyFile, { subject, compile: value => ({ made: value, problems: compilePolicy(value).problems }) })
}

/** The findings of all policies that the configuration names. */
export async function checkPolicies (files: readonly string[]): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const file of new Set(files)) {
    try { await loadPolicyFile(file) } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      found.push(...error.findings)
    }
  }
  return found
}
