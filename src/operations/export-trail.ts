// Exports what the trail answers to a question, signed, into a new directory. It is on record before and after, with the digest of the manifest.
import { userInfo } from 'node:os'
import { createExportSigner, ExportDirectoryError, writeExport, type ExportFormatName, type TrailQuery } from '../audit/audit.ts'
import { loadConfigToAsk } from '../config/config.ts'
import { askRecorded, createDeps, type Told } from './ask-trail.ts'
import { OperationError } from './operation-error.ts'

export { exportFormatNames, kindWords, outcomeWords, type ExportFormatName } from '../audit/audit.ts'

export interface ExportRequest {
  readonly configFile: string
  readonly query: TrailQuery
  readonly reason: string
  readonly formats: readonly ExportFormatName[]
  readonly directory: string
  readonly version: string
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface ExportTold extends Told {
  readonly files: ReadonlyArray<{ readonly name: string, readonly bytes: number, readonly sha256: string }>
  readonly manifestDigest: string
  readonly fingerprint: string
}

function describeFilters ({ patient, person, record, address, kind, outcome }: TrailQuery): Record<string, string> {
  const given = { patient, person, record: record === undefined ? undefined : `${record.type}/${record.id}`, address, kind, outcome }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, string>
}

/** Throws a ConfigurationError or an OperationError. */
export async function exportTrail (request: ExportRequest): Promise<ExportTold> {
  const { config } = await loadConfigToAsk(request.configFile)
  const { query, reason, formats, directory, version } = request
  if (config.audit.exportKey === undefined) throw new OperationError('audit.exportKey is not configured, and an export is signed. Make a key with: sallyport keys create DIRECTORY (export.key), and write audit.exportKey: { file: … }.')
  const signer = createExportSigner(config.audit.exportKey)
  if (signer === undefined) throw new OperationError('audit.exportKey is not an Ed25519 private key in PEM: sallyport keys create DIRECTORY makes one (export.key).')
  const time = createDeps(config).clock.now()
  const context = {
    gateway: config.gateway.name,
    version,
    host: new URL(config.gateway.publicUrl).hostname,
    time,
    from: query.from,
    to: query.to ?? time,
    by: userInfo().username,
    reason,
    filters: describeFilters(query),
  }
  const made: { exported?: Awaited<ReturnType<typeof writeExport>> } = {}
  const told = await askRecorded(config, { name: 'audit.export', query, reason, onProgress: request.onProgress }, async (answer, { missing }) => {
    made.exported = await writeExport(answer, { directory, formats, context, signer, missing }).catch((error: unknown) => { throw explain(error, directory) })
    return { formats: formats.join(' '), manifest: made.exported.manifestDigest, exportKey: signer.fingerprint }
  })
  const { files = [], manifestDigest = '' } = made.exported ?? {}
  return { ...told, files, manifestDigest, fingerprint: signer.fingerprint }
}

function explain (error: unknown, directory: string): unknown {
  if (error instanceof ExportDirectoryError) return new OperationError(`${directory} holds something already: name a new or empty directory with --to-dir.`)
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return code !== undefined && 'syscall' in (error as object) ? new OperationError(`The export could not be written to ${directory} (${code}): check that this account may write there and that the disk has room.`, { cause: error }) : error
}
