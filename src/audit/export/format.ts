// What a format of an export is: a file that begins, takes answers one by one, and ends. It never holds more than it must.
import type { Found, Summary } from '../questions/answer.ts'

export interface ExportContext {
  readonly gateway: string
  /** Version of the product. */
  readonly version: string
  /** Host name in the gateway's public address. */
  readonly host: string
  /** When the export was made, in milliseconds. */
  readonly time: number
  readonly from: number | undefined
  readonly to: number
  /** Who asked, why, and for what, in words. */
  readonly by: string
  readonly reason: string
  readonly filters: Readonly<Record<string, string>>
}

export interface ExportFormat {
  readonly file: string
  begin (): string
  /** The text of one answer; empty when it goes into the end. */
  add (found: Found): string
  end (summary: Summary): string
}

export const exportFormatNames = ['csv', 'jsonl', 'fhir', 'ocsf', 'cef', 'html'] as const
export type ExportFormatName = typeof exportFormatNames[number]
