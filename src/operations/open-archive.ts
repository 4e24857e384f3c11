// Opens the configured archive with its key, which only the account that archives or asks has to read.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AuditSetupError, createDirectoryStore, createS3Store, deriveArchiveKeys, deriveAuditKeys, openArchiveIndex, StoreError, type ArchiveAccess, type ArchiveIndex,
  type ArchiveStore,
} from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import { createSystemClock } from '../shared/clock.ts'
import { SecretValue } from '../shared/schema.ts'
import { describeCode, OperationError } from './operation-error.ts'

export type OpenArchive = ArchiveAccess & { readonly index: ArchiveIndex }

/** Undefined when none is configured. Throws an OperationError when its key or index cannot be used. */
export async function openArchive ({ gateway, audit }: GatewayConfig): Promise<OpenArchive | undefined> {
  if (audit.archive === undefined) return undefined
  const { keyFile } = audit.archive
  const text = await readKey('The archive\'s key', keyFile)
  const { lock, retentionYears } = audit.archive
  const mode = { none: undefined, governance: 'GOVERNANCE', compliance: 'COMPLIANCE' } as const
  const locked = mode[lock]
  const store = await openStore(audit.archive, locked === undefined ? undefined : { mode: locked, years: retentionYears })
  try {
    return {
      store,
      gateway: gateway.name,
      keys: deriveArchiveKeys(text),
      auditKeys: deriveAuditKeys(audit.key, gateway.name),
      index: await openArchiveIndex(join(gateway.dataDirectory, 'archive-index')),
    }
  } catch (error) {
    if (error instanceof AuditSetupError) throw new OperationError(error.message, { cause: error })
    throw new OperationError(`The archive's index in ${join(gateway.dataDirectory, 'archive-index')} cannot be used${describeCode(error)}: check that this account may write there.`, { cause: error })
  }
}

/** `what`: `The archive's key`. Throws an OperationError. */
export async function readKey (what: string, file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new OperationError(`${what} ${file} cannot be read${describeCode(error)}: run this as the account that archives, or make it with sallyport keys create.`, { cause: error })
  })
}

type StorePlace = Pick<NonNullable<GatewayConfig['audit']['archive']>, 'directory' | 's3'>

/** Throws an OperationError when the key of an object store cannot be read. */
export async function openStore ({ directory, s3 }: StorePlace, lock?: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE', readonly years: number }): Promise<ArchiveStore> {
  if (s3 === undefined) return createDirectoryStore(directory as string)
  const text = await readFile(s3.secretAccessKeyFile, 'utf8').catch((error: unknown) => {
    throw new OperationError(`The object store's secret key ${s3.secretAccessKeyFile} cannot be read${describeCode(error)}: run this as the account that archives, or write it there.`, { cause: error })
  })
  return createS3Store(s3, { clock: createSystemClock(), secretAccessKey: new SecretValue(text), lock })
}

/** A store's own sentence, as an operation's. */
export function explainStore (error: unknown): unknown {
  return error instanceof StoreError ? new OperationError(error.message, { cause: error }) : error
}
