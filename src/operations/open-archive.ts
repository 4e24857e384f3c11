// Opens the configured archive with its key, which only the account that archives or asks has to read.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AuditSetupError, createDirectoryStore, deriveArchiveKeys, deriveAuditKeys, openArchiveIndex, StoreError, type ArchiveAccess, type ArchiveIndex,
} from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import { describeCode, OperationError } from './operation-error.ts'

export type OpenArchive = ArchiveAccess & { readonly index: ArchiveIndex }

/** Undefined when none is configured. Throws an OperationError when its key or index cannot be used. */
export async function openArchive ({ gateway, audit }: GatewayConfig): Promise<OpenArchive | undefined> {
  if (audit.archive === undefined) return undefined
  const { keyFile, directory } = audit.archive
  const text = await readFile(keyFile, 'utf8').catch((error: unknown) => {
    throw new OperationError(`The archive's key ${keyFile} cannot be read${describeCode(error)}: run this as the account that archives, or make the key with sallyport keys create.`, { cause: error })
  })
  try {
    return {
      store: createDirectoryStore(directory),
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

/** A store's own sentence, as an operation's. */
export function explainStore (error: unknown): unknown {
  return error instanceof StoreError ? new OperationError(error.message, { cause: error }) : error
}
