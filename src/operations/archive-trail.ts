// Carries the spools into the archive. On record before and after; the spools stay as they are.
import { ArchiveError, archiveSpool, hasSpool } from '../audit/audit.ts'
import { loadConfigToAsk } from '../config/config.ts'
import { createRequestId } from '../shared/ids.ts'
import { createDeps } from './ask-trail.ts'
import { explainStore, openArchive } from './open-archive.ts'
import { OperationError } from './operation-error.ts'
import { recordStep } from './record-operation.ts'
import { spoolsOf } from './trail-places.ts'

export interface ArchiveRequest {
  readonly configFile: string
  readonly reason: string
}

export interface ArchiveTold {
  readonly segments: number
  readonly records: number
  readonly bytes: number
  /** Records that are not in the archive yet: of the running epoch. */
  readonly waiting: number
}

/** Throws a ConfigurationError or an OperationError. */
export async function archiveTrail ({ configFile, reason }: ArchiveRequest): Promise<ArchiveTold> {
  const { config } = await loadConfigToAsk(configFile)
  const { gateway, audit } = config
  const deps = createDeps(config)
  const archive = await openArchive(config)
  if (archive === undefined || audit.archive === undefined) throw new OperationError('The configuration has no archive. Add it: audit.archive: { keyFile: keys/archive.key, directory: /srv/archive } (docs/archive.md); sallyport keys create makes the key.')
  const operation = { id: createRequestId(), name: 'audit.archive', facts: { reason } }
  await recordStep(config, { ...operation, step: 'asked' }, deps)
  const told = { segments: 0, records: 0, bytes: 0, waiting: 0 }
  try {
    for (const { directory } of spoolsOf(gateway.dataDirectory)) {
      if (!await hasSpool(directory)) continue
      const epochs = await archiveSpool({
        ...archive,
        directory,
        auditKey: audit.key,
        segmentRecords: audit.archive.segmentRecords,
        onSegment ({ records, bytes }) { told.segments += 1; told.records += records; told.bytes += bytes },
      })
      for (const { last, archived } of epochs) told.waiting += last - archived
    }
    await recordStep(config, { ...operation, step: 'done', more: told }, deps)
    return told
  } catch (error) {
    await recordStep(config, { ...operation, step: 'failed' }, deps)
    throw error instanceof ArchiveError ? new OperationError(error.message, { cause: error }) : explainStore(error)
  } finally { archive.index.close() }
}
