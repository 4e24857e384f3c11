// A configured gateway's directory with a trail about invented patients in it, for questions from the command line.
import type { AuditEvent } from '../../src/audit/audit.ts'
import type { LoadedConfig } from '../../src/config/config.ts'
import type { Clock } from '../../src/shared/clock.ts'
import { createLogger } from '../../src/shared/log.ts'
import { baseYaml, createWorkspace, type Workspace } from '../config/workspace.ts'
import { writeTrail } from '../support/patient-trail.ts'

export interface QuestionPlace {
  readonly workspace: Workspace
  readonly config: LoadedConfig['config']
  readonly file: string
}

export const silent = createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } })

interface PlaceOptions {
  /** More of `audit:`, as two-space indented lines. */
  readonly yaml?: string
  readonly events?: readonly AuditEvent[]
  readonly clock?: Clock
  /** Before the configuration is loaded. */
  readonly prepare?: (workspace: Workspace) => void
}

export async function createQuestionPlace (
  t: { teardown (action: () => void): void }, options: PlaceOptions = {},
): Promise<QuestionPlace> {
  const workspace = await createWorkspace()
  t.teardown(() => { workspace.remove() })
  options.prepare?.(workspace)
  const { loaded, lines } = await workspace.load(`${baseYaml}${options.yaml ?? ''}`)
  if (loaded === undefined) throw new Error(`the configuration does not load: ${lines.join('; ')}`)
  const { config } = loaded
  await writeTrail(config.audit, {
    directory: workspace.path('data/audit'),
    gateway: config.gateway.name,
    log: silent,
    ...(options.events === undefined ? {} : { events: options.events }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  return { workspace, config, file: workspace.path('gateway.yaml') }
}
