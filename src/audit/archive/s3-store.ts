// An archive in an S3-compatible object store. A name is taken once: the store is told to refuse a second time, and is asked before, because not every store listens.
import { createS3Client, S3Error, type S3Access, type S3Lock } from '../../shared/s3.ts'
import type { S3Config } from '../../shared/s3-config.ts'
import { requireStoreName, StoreError, type ArchiveStore } from './store.ts'

export interface S3StoreOptions extends S3Access {
  /** How the store is to lock what is put; undefined when it is not. */
  readonly lock?: { readonly mode: S3Lock['mode'], readonly years: number } | undefined
}

export function createS3Store (config: S3Config, { clock, secretAccessKey, lock }: S3StoreOptions): ArchiveStore {
  const client = createS3Client(config, { clock, secretAccessKey })
  const where = `bucket ${config.bucket}`
  const attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    try { return await run() } catch (error) { throw explain(error, where) }
  }
  const refuseTaken = async (name: string, bytes: Buffer) => {
    const known = await client.get(name)
    // An answer that was cut is the reason to have put it twice.
    if (known !== undefined && !known.equals(bytes)) throw new StoreError('The archive has an object of this name already, and nothing in it is overwritten.')
    return known !== undefined
  }
  return {
    name: `${config.endpoint}/${config.bucket}/${config.prefix}`,
    async put (name, bytes) {
      requireStoreName(name)
      await attempt(async () => {
        if (await client.head(name) !== undefined && await refuseTaken(name, bytes)) return
        const until = lock === undefined ? undefined : { mode: lock.mode, until: addYears(clock.now(), lock.years) }
        try { await client.put(name, bytes, { isNew: true, lock: until }) } catch (error) {
          if (!(error instanceof S3Error) || error.code !== 'PreconditionFailed' || !await refuseTaken(name, bytes)) throw error
        }
        const isLocked = until === undefined || ((await client.head(name))?.lockedUntil ?? 0) >= until.until - 1000
        if (!isLocked) throw new StoreError(`The ${where} does not lock what is put into it: make it with object lock switched on, or remove audit.archive.lock.`)
      })
    },
    async get (name) {
      requireStoreName(name)
      return await attempt(() => client.get(name))
    },
    async list (prefix) { return await attempt(() => client.list(prefix)) },
    async remove (name) {
      requireStoreName(name)
      await attempt(() => client.remove(name))
    },
  }
}

function addYears (time: number, years: number): number {
  const date = new Date(time)
  return date.setUTCFullYear(date.getUTCFullYear() + years)
}

function explain (error: unknown, where: string): unknown {
  if (!(error instanceof S3Error)) return error
  const { code, status } = error
  const advice = status === 0
    ? 'check audit.archive.s3.endpoint, its certificate and the network'
    : code === 'NoSuchBucket'
      ? 'make the bucket, or correct audit.archive.s3.bucket'
      : status === 401 || status === 403
        ? 'check the keys and what they may do; an object under lock can be removed by nobody until its time is over'
        : 'look into the log of the store'
  return new StoreError(`The archive in the ${where} cannot be used (${code}): ${advice}.`, { cause: error })
}
