// Where checkpoints are kept. A place either keeps a checkpoint or throws a PlaceError; it never changes another one.
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { makeDirectory } from '../../shared/make-directory.ts'
import { replaceFile } from '../../shared/replace-file.ts'
import { createS3Client, type S3Client } from '../../shared/s3.ts'
import type { S3Config } from '../../shared/s3-config.ts'
import { SecretValue } from '../../shared/schema.ts'
import type { CheckpointsConfig, Witness } from './checkpoints-config.ts'

export interface CheckpointPlace {
  /** For people: `data/checkpoints`, `https://witness.example`. */
  readonly name: string
  /** Resolves when it is kept. Throws a PlaceError. */
  keep (name: string, note: string): Promise<void>
}

/** The message is a sentence's end that quotes nothing: `answered 503`. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError'
}

const timeoutMs = 10_000

function describe (error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^[A-Za-z0-9_]{3,60}$/.test(code) ? `cannot be used (${code})` : 'cannot be used'
}

function createDirectoryPlace (directory: string): CheckpointPlace {
  return {
    name: directory,
    async keep (name, note) {
      try {
        await makeDirectory(directory)
        await replaceFile(join(directory, name), note, { mode: 0o600 })
      } catch (error) { throw new PlaceError(describe(error), { cause: error }) }
    },
  }
}

/** `PUT <url>/<name>`; no redirect is followed. */
function createHttpsPlace (config: Witness, { clock }: { readonly clock: Clock }): CheckpointPlace {
  const base = new URL(config.url)
  return {
    name: base.origin,
    async keep (name, note) {
      try {
        const status = await put(config, { clock, url: new URL(`${base.pathname.replace(/\/$/, '')}/${name}${base.search}`, base), note })
        if (status < 200 || status > 299) throw new PlaceError(`answered ${status}`)
      } catch (error) {
        throw error instanceof PlaceError ? error : new PlaceError(describe(error), { cause: error })
      }
    },
  }
}

/** An object for each name; a later checkpoint of the epoch takes its place. */
function createS3Place (config: S3Config, { clock }: { readonly clock: Clock }): CheckpointPlace {
  let client: S3Client | undefined
  const open = (): S3Client => {
    client ??= createS3Client(config, { clock, secretAccessKey: new SecretValue(readFileSync(config.secretAccessKeyFile, 'utf8')) })
    return client
  }
  return {
    name: `${config.endpoint}/${config.bucket}`,
    async keep (name, note) {
      // The key is read when it is needed: a place that cannot be used does not keep the gateway from starting.
      try { await open().put(name, Buffer.from(note), { isNew: false }) } catch (error) { throw new PlaceError(describe(error), { cause: error }) }
    },
  }
}

function put ({ authority, token }: Witness, { clock, url, note }: { readonly clock: Clock, readonly url: URL, readonly note: string }): Promise<number> {
  const ca = authority === undefined ? {} : { ca: readFileSync(authority) }
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(note),
    ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal().trim()}` }),
  }
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'PUT', agent: false, headers, ...ca })
    const timer = clock.after(timeoutMs, () => { call.destroy(new PlaceError('did not answer in time')) })
    call.on('error', reject)
    call.on('close', () => { timer.cancel(); reject(new PlaceError('ended its answer early')) })
    call.on('response', response => {
      response.on('error', reject).on('end', () => { resolve(response.statusCode ?? 0) }).resume()
    })
    call.end(note)
  })
}

export function createPlaces (config: CheckpointsConfig, deps: { readonly clock: Clock, readonly directory: string }): readonly CheckpointPlace[] {
  return [
    ...[deps.directory, ...config.directories].map(createDirectoryPlace),
    ...config.objectStores.map(store => createS3Place(store, deps)),
    ...config.witnesses.map(witness => createHttpsPlace(witness, deps)),
  ]
}
