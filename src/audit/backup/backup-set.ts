// One backup set: the files that a gateway needs beside its archive, sealed under the key of backups, and the names of the archive's objects that belong to it.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { canonicalJson } from '../canonical-json.ts'
import { deriveKey } from '../../shared/keys.ts'
import type { SecretValue } from '../../shared/schema.ts'
import { openBytes, sealBytes } from '../seal-bytes.ts'

export interface BackupFile {
  /** Where it belongs, below the place that is restored to: `gateway.yaml`, `data/audit/…`. */
  readonly name: string
  readonly bytes: Buffer
}

export interface BackupSet {
  readonly gateway: string
  /** When it was made, milliseconds since the epoch. */
  readonly time: number
  readonly files: readonly BackupFile[]
  /** Names in the archive at that time. */
  readonly objects: readonly string[]
}

interface Head {
  readonly v: 1
  readonly gateway: string
  readonly time: number
  readonly files: ReadonlyArray<{ readonly name: string, readonly length: number }>
  readonly objects: readonly string[]
}

const mark = 'sallyport backup 1'
const largestSet = 4 * 1024 ** 3

export function nameSet (gateway: string, time: number): string {
  return `${gateway}/sets/${new Date(time).toISOString().replace(/[:.-]/g, '')}.set`
}

export const setShape = /^[a-z][a-z0-9-]{0,62}\/sets\/\d{8}T\d{9}Z\.set$/

const placeOfSet = (name: string) => `${mark}:${name}`

/** Throws when the key is not base64 of at least 32 bytes. */
export function sealSet (set: BackupSet, key: SecretValue): Buffer {
  const head: Head = { v: 1, gateway: set.gateway, time: set.time, files: set.files.map(({ name, bytes }) => ({ name, length: bytes.length })), objects: set.objects }
  const line = Buffer.from(`${canonicalJson(head)}\n`)
  const packed = zstdCompressSync(Buffer.concat([line, ...set.files.map(({ bytes }) => bytes)]))
  return Buffer.concat([Buffer.from(`${mark}\n`), sealBytes(packed, deriveKey(key, 'backup'), placeOfSet(nameSet(set.gateway, set.time)))])
}

/** Undefined when it is no set, or not one of this key and name. */
export function openSet (bytes: Buffer, name: string, key: SecretValue): BackupSet | undefined {
  const start = mark.length + 1
  if (bytes.toString('latin1', 0, start) !== `${mark}\n`) return undefined
  const packed = openBytes(bytes.subarray(start), deriveKey(key, 'backup'), placeOfSet(name))
  if (packed === undefined) return undefined
  const plain = zstdDecompressSync(packed, { maxOutputLength: largestSet })
  const end = plain.indexOf(0x0A)
  const head = JSON.parse(plain.toString('utf8', 0, end)) as Head
  const files: BackupFile[] = []
  let at = end + 1
  for (const { name: file, length } of head.files) {
    files.push({ name: file, bytes: plain.subarray(at, at + length) })
    at += length
  }
  return { gateway: head.gateway, time: head.time, files, objects: head.objects }
}
