// An emergency that was declared for a time: while nothing can be recorded people are let in all the same, because a patient can need the CRM more than the trail
// (45 CFR 164.312(a)(2)(ii)). Only where the configuration allows it, only by the holder of the audit key, and it ends by itself.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Clock } from '../shared/clock.ts'
import { durationMs } from '../shared/schema.ts'
import type { EmergencyConfig } from './config.ts'
import type { AuditKeys } from './keys.ts'
import { isSameText, macOf } from './record-form.ts'

export interface Emergency {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly until: number
  readonly by: string
  readonly reason: string
}

interface Context { readonly gateway: string, readonly keys: AuditKeys }

/** The text of the file that declares it. */
export function formatEmergency ({ since, until, by, reason }: Emergency, { gateway, keys }: Context): string {
  const clear = `sallyport emergency 1 ${Buffer.from(JSON.stringify([gateway, since, until, by, reason])).toString('base64url')}`
  return `${clear} ${macOf(clear, (keys.all[0] as AuditKeys['all'][number]).emergency)}\n`
}

/** Undefined when it is not a declaration for this gateway, or was not written with one of its keys. */
function readEmergency (text: string, { gateway, keys }: Context): Emergency | undefined {
  const [, clear = '', payload = '', mac = ''] = /^(sallyport emergency 1 ([A-Za-z0-9_-]{1,8192})) ([A-Za-z0-9_-]{22})\n$/.exec(text) ?? []
  if (!keys.all.some(key => isSameText(macOf(clear, key.emergency), mac))) return undefined
  const [name, since, until, by, reason] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, number, number, string, string]
  return name === gateway ? { since, until, by, reason } : undefined
}

/** What lies at `file`; undefined when there is nothing, or nothing genuine. */
export function findEmergency (file: string, context: Context): Emergency | undefined {
  try { return readEmergency(readSmallFile(file), context) } catch { return undefined }
}

const largestFile = 16 * 1024

/** Whoever can write there must not be able to stop the gateway: with a pipe, which never ends, or with a file that fills its memory. */
function readSmallFile (path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const bytes = Buffer.alloc(largestFile)
    return fstatSync(fd).isFile() ? bytes.toString('latin1', 0, readSync(fd, bytes, 0, largestFile, 0)) : ''
  } finally { closeSync(fd) }
}

const lookAgainMs = 1000

/** The one in force now. It looks at the file at most once a second; one that was declared for longer than `atMost` never counts. */
export function createEmergencyWatch ({ file, atMost }: EmergencyConfig, { clock, ...context }: Context & { readonly clock: Clock }): () => Emergency | undefined {
  const atMostMs = durationMs(atMost)
  let lookedAt = -Infinity
  let found: Emergency | undefined
  return () => {
    const now = clock.now()
    if (Math.abs(now - lookedAt) >= lookAgainMs) {
      lookedAt = now
      found = findEmergency(file, context)
    }
    const isInForce = found !== undefined && found.until - found.since <= atMostMs && found.since <= now && now < found.until
    return isInForce ? found : undefined
  }
}
