// A place with an archive beside a trail, for commands that remove, hold and shred.
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { baseYaml } from '../config/workspace.ts'
import { readTrail } from '../support/trail.ts'
import { createQuestionPlace, type QuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

export const reason = ['--reason', 'yearly clearing']
export const archiveYaml = (more = '') => `  segmentSize: 4KiB\n  archive: { keyFile: keys/archive.key, directory: archive${more} }\n`

export async function createRetentionPlace (t: { teardown (action: () => void): void }, more = '') {
  const place = await createQuestionPlace(t, { yaml: archiveYaml(more) })
  place.workspace.write('keys/archive.key', randomBytes(32).toString('base64'))
  const run = (...args: string[]) => runCli([...args, '--config', place.file])
  return { ...place, run, yaml: baseYaml, operations: () => readOperations(place) }
}

async function readOperations (place: QuestionPlace) {
  const events = await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)
  return events.filter(event => event.kind === 'operation.run').map(event => event.facts)
}

export const filesOf = (place: QuestionPlace, directory: string) => readdirSync(place.workspace.path(directory)).filter(name => name.endsWith('.audit'))
