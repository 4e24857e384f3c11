// Which records a list's or a search's answer shows: their ids, taken from its JSON. It says nothing about who may see them, and changes nothing.
import { unpack } from '../../shared/unpack.ts'
import type { RecordConfig } from './config.ts'
import type { RecordView } from './records.ts'

/** Where they stand, as names on the way. */
export interface Items {
  /** Empty: the answer itself is the list. */
  readonly list: readonly string[]
  readonly id: readonly string[]
  readonly patient: readonly string[] | undefined
}

export interface AnswerContent {
  readonly bytes: Buffer
  /** Content-Type. */
  readonly type: string
  /** Content-Encoding. */
  readonly coding: string
}

const mostUnpacked = 16 * 1024 * 1024
/** More than any page shows; a list that is longer is not taken apart. */
const mostItems = 10_000
/** An id that is longer would have to be cut in the trail, and two would become one. */
export const longestId = 512

const split = (path: string) => path === '.' ? [] : path.split('.')

export function compileItems ({ items, type }: RecordConfig): Items | undefined {
  if (items === undefined) return undefined
  const id = split(items.id)
  return { list: split(items.list), id, patient: items.patient === undefined ? (type === 'patient' ? id : undefined) : split(items.patient) }
}

export function isJsonType (type: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json(?:$|[;\s])/i.test(type)
}

/** Undefined: they cannot be told, because it is no JSON, has no list there, or an item in it has no id. */
export async function readItems (record: RecordView, { bytes, type, coding }: AnswerContent): Promise<readonly RecordView[] | undefined> {
  const { items } = record
  if (items === undefined || !isJsonType(type)) return undefined
  const open = await unpack(bytes, coding, mostUnpacked)
  if (typeof open === 'string') return undefined
  try {
    const list = walk(JSON.parse(open.toString('utf8')), items.list)
    if (!Array.isArray(list) || list.length > mostItems) return undefined
    const found: RecordView[] = []
    for (const item of list) {
      const id = idOf(walk(item, items.id))
      if (id === undefined) return undefined
      found.push({ ...record, id, patient: items.patient === undefined ? record.patient : idOf(walk(item, items.patient)) })
    }
    return found
  } catch {
    return undefined // broken off, or no JSON after all
  }
}

function walk (value: unknown, path: readonly string[]): unknown {
  let here = value
  for (const name of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined
    here = (here as Record<string, unknown>)[name]
  }
  return here
}

function idOf (value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string') return undefined
  const id = value.trim()
  return id === '' || id.length > longestId ? undefined : id
}
